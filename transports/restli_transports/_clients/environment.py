"""Environment: the settings of a client that variables of the environment have.

LINKEDIN_ACCESS_TOKEN    access_token     needed, unless the program says what the token is, or that there is none
LINKEDIN_VERSION         version_string
LINKEDIN_BASE_URL        base_url

What is given counts before what is there, and an empty variable is none: so do the tools that set them spell it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from restli_core.base_errors import InvalidCallError
from restli_core.building import check_version
from restli_core.frames import concealing
from restli_core.messages import check_token
from restli_core.paths import check_base_url

__all__ = ["from_variables"]

# setting -> the variable that has it, and what checks it
_VARIABLES: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "access_token": ("LINKEDIN_ACCESS_TOKEN", check_token),
    "version_string": ("LINKEDIN_VERSION", check_version),
    "base_url": ("LINKEDIN_BASE_URL", check_base_url),
}


@concealing
def from_variables(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a client, with settings of the environment where they are not among them.

    Raises:
        InvalidCallError: a variable cannot be used, or the one for the token is missing; the error names it.
    """
    found = {**options}
    for setting, (variable, check) in _VARIABLES.items():
        value = os.environ.get(variable)
        if setting in options or not value:
            continue
        try:
            found[setting] = check(value)
        except InvalidCallError as error:
            raise InvalidCallError(variable, error.reason) from None
    if "access_token" not in found:
        raise InvalidCallError(
            "access_token",
            "is missing: set the variable LINKEDIN_ACCESS_TOKEN, or give access_token, None for no token",
        )
    return found
