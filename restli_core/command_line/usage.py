"""Usage: what is wrong with a command line, said in one line with its cure.

    program: command: what is wrong: the cure

Arguments of functions are shown as the options that give them: ``path_keys['id']`` is ``--key id``.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["UsageError", "in_words_of_options", "with_options"]


class UsageError(Exception):
    """A command line that cannot be run; its text is one line, for the person who wrote it."""


# argument of a function -> the option that gives it
_OPTIONS: Final = {
    "resource_path": "PATH",
    "finder_name": "NAME",
    "action_name": "NAME",
    "path_keys": "--key",
    "query_params": "--param",
    "ids": "--ids",
    "finder_criteria": "--criteria",
    "entity": "--body",
    "entities": "--body",
    "action_params": "--body",
    "patch_set_object": "--body",
    "patch_set_objects": "--body",
    "patch": "--patch",
    "patches": "--patch",
    "fields": "--fields",
    "headers": "--header",
    "version_string": "--version",
    "base_url": "--base-url",
    "tunnel_above": "--tunnel-above",
    "return_entity": "--return-entity",
    "limit": "--limit",
    "timeout": "--timeout",
    "token": "--token-variable",
    "version": "version",
    "text": "the request",
    "resources": "--resource",
    "access_token": "LINKEDIN_ACCESS_TOKEN or --store",
}
# Options whose entries have names, which stand behind the option.
_NAMED: Final = {"--key", "--param", "--header"}

_PLACE: Final = re.compile(r"(\w+)(?:\.\w+)?(?:\['((?:[^'\\]|\\.)*)'\])?")
# Only what cannot be a plain word: "fields" and "ids" mean themselves.
_KEYWORD: Final = re.compile(rf"\b(?:{'|'.join(sorted(name for name in _OPTIONS if '_' in name))})\b")
# What a program would give in Python, as it is given here.
_CURES: Final = (
    ("give a list, or a dict of names and values", "write NAME:=VALUE, which takes JSON and Rest.li text"),
    ("give a list or a dict", "write NAME:=VALUE, which takes JSON and Rest.li text"),
    ("must be a mapping, not list", "must be an object of JSON, and not a list"),
    ("give it as patches,", "give it as --patch,"),
    ("give it as patch,", "give it as --patch,"),
    (", or None for all", ""),
    (", or None for no limit", ""),
    ('must be "YYYYMM", "YYYYMM.RR" or "YYYYMMDD", such as "202601"', "must be YYYYMM, such as 202601"),
)


def in_words_of_options(text: str) -> str:
    """Return what an error or a warning says of an argument, ``argument: reason``, in words of the command line."""
    place, colon, reason = text.partition(": ")
    found = _PLACE.match(place)
    if not colon or found is None or found[1] not in _OPTIONS:
        return text
    option = _OPTIONS[found[1]]
    rest = place[found.end() :]
    if found[2] is not None:
        rest = f" {found[2]}{rest}" if option in _NAMED else f"['{found[2]}']{rest}"
    return f"{option}{rest}: {with_options(reason)}"


def with_options(text: str) -> str:
    """Return a text of this package's, such as advice, with options in the place of arguments that it names."""
    for written, meant in _CURES:
        text = text.replace(written, meant)
    return _KEYWORD.sub(lambda word: _OPTIONS[word[0]], text)
