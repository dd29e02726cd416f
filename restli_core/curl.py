"""Curl: a request as a command for a POSIX shell, to try a call by hand or to show it to somebody else.

    command    = [ "printf" octets "|" ] "curl -g --path-as-is" method *( "-H" field ) [ body ] url
    method     = "-X" verb / "--head"
    field      = "Name: value"     as it is
               / "Name;"           one without a value
               / "Name:"           one that curl would add by itself, and must not
    body       = "--data-raw" text
               / "--data-binary @-"                    what is not text, or is too long for an argument: by printf
               / *( "--data-raw" pairs / "--data-urlencode" name "=" variable )      a form with secrets in it

``-g`` leaves brackets and braces in a URL alone, ``--path-as-is`` dots; curl asks for no content coding unless it is
told to. A secret is never in a command: where the request has one, the command has a variable of the shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from restli_core.base_errors import InvalidCallError
from restli_core.frames import concealing
from restli_core.messages import SECRET_FIELDS, HttpRequest, check_token
from restli_core.patterns import lazy_pattern
from restli_core.tunnelling import is_tunnelled

__all__ = ["TOKEN_VARIABLE", "curl_command"]

TOKEN_VARIABLE: Final = "$LINKEDIN_ACCESS_TOKEN"

MAX_ARGUMENT: Final = 32_768  # octets: Linux takes 131,072 for one argument, other systems less for all of them

_VARIABLE: Final = lazy_pattern(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[A-Za-z_][A-Za-z0-9_]*\})")
_BARE: Final = lazy_pattern(r"[A-Za-z0-9%+,./:=@_-]+")  # what no shell reads as anything but text

# Fields with secrets in them -> the variable that stands for the value; Authorization is a case of its own.
_SECRET_HEADERS: Final = {"cookie": "$COOKIE", "proxy-authorization": "$PROXY_AUTHORIZATION"}
# The schemes of Authorization whose names may be shown: of any other value each part may be secret.
_KNOWN_SCHEMES: Final = frozenset({"bearer", "basic"})
# What curl sends by itself where it is not told otherwise; the last one makes it wait for the server before the body.
_OF_CURL: Final = ("User-Agent", "Accept")
_OF_CURL_WITH_BODY: Final = ("Content-Type", "Expect")
_BODY_FOLLOWS: Final = frozenset({"POST", "PUT", "PATCH"})  # verbs whose requests say how long their body is, if none


@concealing
def curl_command(request: HttpRequest, token: str | None = TOKEN_VARIABLE) -> str:
    """Return the command that sends a request, for sh, bash and zsh.

    Args:
        request: the request.
        token: what Authorization has for a token: a variable of the shell, such as ``$NAME`` or ``${NAME}``, or the
            text of a token, which then is in the command. Where the request has an Authorization of its own, the
            variable stands in the place of its secret. None: the command has no Authorization. A form with secrets in
            it gets none: there the secrets are what authorizes.

    Raises:
        InvalidCallError: the token is neither a variable nor a token.
    """
    variable = _checked(token)
    shown = request.redacted()
    is_form = not shown.body and bool(request.body) and not is_tunnelled(request)  # its body is a secret as a whole
    words = ["curl -g --path-as-is", "--head" if request.method == "HEAD" else f"-X {_quoted(request.method)}"]
    words += [f"-H {field}" for field in _fields(request, variable, adds_token=not is_form)]
    producer = ""
    if is_form:
        words += _form(request.body, variable or TOKEN_VARIABLE)
    elif request.body and _is_text(request.body):
        words.append(f"--data-raw {_quoted(request.body.decode())}")
    elif request.body:
        words.append("--data-binary @-")
        producer = f"printf {_octets(request.body)} | "
    elif request.method in _BODY_FOLLOWS:
        words.append("--data-raw ''")  # so that Content-Length is 0, without which LinkedIn answers 411
    return f"{producer}{' '.join(words)} {_quoted(shown.url)}"


def _checked(token: str | None) -> str | None:
    """Return what stands for a token: a variable, a token, or None."""
    if token is None or (isinstance(token, str) and _VARIABLE.fullmatch(token)):
        return token
    try:
        if "$" not in check_token(token):
            return token
    except InvalidCallError:
        pass
    raise InvalidCallError("token", 'must be a variable of the shell, such as "$NAME", or a token')


def _fields(request: HttpRequest, token: str | None, *, adds_token: bool) -> Iterator[str]:
    """Yield the header fields as words of the shell, and those that curl is to leave out."""
    given = request.headers
    for name, value in given.raw:
        folded = name.lower()
        if folded == "authorization":
            if token is not None:
                scheme, _, rest = value.partition(" ")
                before = f"{scheme} " if rest and scheme.lower() in _KNOWN_SCHEMES else ""
                yield _with_variable(f"{name}: {before}", token)
        elif folded in _SECRET_HEADERS:
            yield _with_variable(f"{name}: ", _SECRET_HEADERS[folded])
        elif folded != "content-length":  # which follows from the body
            yield _quoted(f"{name}: {value}" if value else f"{name};")
    if token is not None and adds_token and "Authorization" not in given:
        yield _with_variable("Authorization: Bearer ", token)
    has_body = request.body or request.method in _BODY_FOLLOWS
    for name in (*_OF_CURL, *(_OF_CURL_WITH_BODY if has_body else ())):
        if name not in given:
            yield _quoted(f"{name}:")


def _form(body: bytes, token: str) -> Iterator[str]:
    """Yield the options that send a form, with a variable for each secret in it."""
    plain: list[str] = []
    for pair in body.decode("latin-1").split("&"):
        name = pair.partition("=")[0]
        if name not in SECRET_FIELDS:
            plain.append(pair)
            continue
        if plain:
            yield f"--data-raw {_quoted('&'.join(plain))}"
            plain = []
        # curl percent-encodes the value, and puts "&" between one option's data and the next one's.
        value = token if name == "token" else f"$LINKEDIN_{name.upper()}"
        yield f"--data-urlencode {_with_variable(f'{name}=', value)}"
    if plain:
        yield f"--data-raw {_quoted('&'.join(plain))}"


# -- words of the shell ------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    """Return a word that is exactly this text: between single quotes nothing has a meaning but a single quote."""
    return text if _BARE.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"


def _with_variable(before: str, value: str) -> str:
    """Return a word of a text, in which nothing has a meaning, and of a variable, or another text, after it."""
    return f'"{before}{value}"' if value.startswith("$") else _quoted(before + value)


def _is_text(body: bytes) -> bool:
    """Return whether a body can stand in a command as it is: short, and printable but for line feeds.

    Controls and marks of the direction of writing might not survive a terminal, or show another command than runs.
    """
    if len(body) > MAX_ARGUMENT:
        return False
    try:
        return body.decode().replace("\n", "").isprintable()
    except UnicodeDecodeError:
        return False


def _octets(body: bytes) -> str:
    """Return a format of printf, which is part of the shell and so takes any length, that writes these octets."""
    text = body.decode("latin-1")
    format_ = re.sub(r"^-|[^\n -~]|['\\]", lambda match: f"\\{ord(match[0]):03o}", text).replace("%", "%%")
    return f"'{format_}'"
