"""What a server refuses of a request, where, in which words, and how it is to be spelt.

    pasted -> URL -> tunnel -> path -> parameters -> headers -> method and body -> Diagnosis

`restli_core.server.read` has the last word: what it accepts is refused by no server of Rest.li, and what it refuses is
refused. The steps before it find the places, and the right spelling; each works on what the last one has mended, so
that the faults of a request are all found at once. A few rules are LinkedIn's own, and hold for its hosts alone:

    a key in the path that has ( ) , or : of its own           400  Syntax exception in path variables
    parameters of protocol 1.0                                 400  Invalid query parameters passed to request
    no LinkedIn-Version under /rest, or what is not one        400  A version must be present ...
    a query of more than 4 KB, a URL of more than 8 KB         414

The words are those of LinkedIn's own server, measured, and of its API (docs/errors.md).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from restli_core.base_errors import DecodeError
from restli_core.building import VERSION
from restli_core.encoding import decode, decode_path_key
from restli_core.encoding.queries import PROJECTIONS
from restli_core.explaining.mending import (
    ILLEGAL,
    ILLEGAL_IN_A_PATH,
    encode_illegal,
    flaw_of,
    is_element,
    is_old_name,
    mend_key,
    mend_old_parameters,
    mend_value,
)
from restli_core.explaining.pasted import Pasted  # noqa: TC001 - for typing.get_type_hints
from restli_core.explaining.targets import DECORATION, Target, is_key, split_target, understood
from restli_core.keys import body_key
from restli_core.messages import HttpRequest
from restli_core.methods import METHODS, RESERVED_PARAMETERS
from restli_core.projection import parse_projection
from restli_core.responses.parsing import strict_loads
from restli_core.server import Refusal, Resource
from restli_core.suspicions import is_compound_key_1_0
from restli_core.tunnelling import is_tunnelled, untunnel
from restli_core.values import Value

__all__ = ["Diagnosis", "Fault", "diagnose"]

MAX_QUERY: Final = 4096  # characters: LinkedIn answers 414 to more
MAX_URL: Final = 8192

QUERY_SYNTAX: Final = "Invalid query parameters syntax"
PATH_SYNTAX: Final = "Syntax exception in path variables"
QUERY_UNKNOWN: Final = "Invalid query parameters passed to request"
NO_VERSION: Final = "A version must be present. Please specify a version by adding the LinkedIn-Version header."


class Fault(Value):
    """Something that a server refuses.

    Attributes:
        says: the server's words, with the status before them.
        why: what is wrong.
        cure: what to write instead; empty where that is not known.
        source: the part of the request where it is, on one line; empty where something is missing.
        position: the index in `source` where it goes wrong; its length where the source ends too soon.
        is_linkedins: whether only LinkedIn refuses it, and not every server of Rest.li.
    """

    says: str
    why: str
    cure: str = ""
    source: str = ""
    position: int = 0
    is_linkedins: bool = False


class Diagnosis(Value):
    """What was found out about a request.

    Attributes:
        refused: whether a server refuses it.
        faults: what it refuses; with an entry at least where it does.
        request: the request with all faults mended, out of its tunnel; None where one cannot be.
        tunnelled: whether it was in a tunnel.
    """

    refused: bool
    faults: tuple[Fault, ...]
    request: HttpRequest | None
    tunnelled: bool


def diagnose(pasted: Pasted, resources: list[str | Resource] | None) -> Diagnosis:
    """Return what a server refuses of a request that was pasted.

    Raises:
        InvalidCallError: a declaration in `resources` is malformed.
    """
    faults: list[Fault] = []
    method = pasted.method or ("POST" if re.search(r"[?&]action=", pasted.url) else "GET")
    faults += _illegal_characters(pasted.url)
    address, mark, rest = pasted.url.partition("?")
    host = split_target(address).host
    url = encode_illegal(host) + encode_illegal(address[len(host) :], in_path=True) + mark + encode_illegal(rest)
    headers = [("X-RestLi-Protocol-Version", "2.0.0")] if pasted.headers is None else list(pasted.headers)
    headers = list(_sendable(headers, faults))
    request = HttpRequest(method, url, headers, pasted.body or b"")
    tunnelled = is_tunnelled(request)
    try:
        plain = untunnel(request)
    except DecodeError as error:
        at = _shown_place(error.text, error.position)
        cure = "let restli_core.tunnel write it, or restli_core itself: a long query goes into a tunnel unasked"
        faults.append(Fault("400 in text/plain", f"the tunnel cannot be read: {error.reason}", cure, *at))
        return Diagnosis(True, tuple(faults), None, tunnelled)
    if pasted.body is None:
        plain = _with_body(plain)
    refused = bool(faults) or _is_refused(plain, resources)
    target = split_target(plain.url)
    faults += _too_long(target, plain, tunnelled=tunnelled)
    path = "/".join(_mended_path(target, faults))
    query = _mended_query(target, faults)
    mended_target = target.__replace__(path=path, query=query)
    fields = _mended_headers(pasted, plain, target, faults)
    mended = plain.__replace__(url=mended_target.url, headers=fields)
    finished = _mend_rest(mended, resources, faults)
    if any(fault.is_linkedins and not fault.cure for fault in faults):
        finished = None
    if not refused:
        faults = [fault for fault in faults if fault.is_linkedins]
    return Diagnosis(refused or bool(faults), tuple(faults), finished, tunnelled)


def _is_refused(request: HttpRequest, resources: list[str | Resource] | None) -> bool:
    try:
        understood(request, resources)
    except Refusal:
        return True
    return False


def _shown_place(text: str, position: int) -> tuple[str, int]:
    """Return a text for one line, and a position in it."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return text[start : len(text) if end < 0 else end], position - start


# -- the URL -----------------------------------------------------------------------------------------------------------


def _illegal_characters(url: str) -> Iterator[Fault]:
    """Yield a fault for the first of the characters that no URL has."""
    address, _, query = url.partition("?")
    path = split_target(address).path
    offset = len(address) - len(path)
    in_path = [match.start() + offset for match in ILLEGAL_IN_A_PATH.finditer(path)]
    found = in_path + [match.start() + len(address) + 1 for match in ILLEGAL.finditer(query)]
    if not found:
        return
    place, one = found[0], url[found[0]]
    if one == "{" and re.match(r"\{[\w .-]+\}", url[place : place + 80]):
        why, cure = "a placeholder is still there", "put the value in its place"
    elif one == "%":
        why, cure = "a percent sign without two hexadecimal digits after it", "write %25 for a percent sign"
    elif one == "#":
        why, cure = "the # begins a fragment, which no request has", "write %23 for a #, or leave the fragment out"
    else:
        what = "a space" if one == " " else f"the character {one!r}"
        why, cure = f"{what} cannot be in a URL as it is", f"write {encode_illegal(one, in_path=True)}"
    if len(found) > 1:
        why += f"; there are {len(found)} such characters in all"
    yield Fault(f"400 Illegal character {one!r}", why, cure, url, place)


def _too_long(target: Target, request: HttpRequest, *, tunnelled: bool) -> Iterator[Fault]:
    """Yield a fault where LinkedIn takes no URL of that length."""
    if tunnelled or not target.is_linkedin:
        return
    if len(target.query) > MAX_QUERY:
        why = f"the query has {len(target.query)} characters, and LinkedIn takes {MAX_QUERY}"
        cure = (
            f"send it as a POST with the query in the body and X-HTTP-Method-Override: {request.method}; restli_core "
        )
        yield Fault("414 URI Too Long", why, f"{cure}does so by itself", is_linkedins=True)
    elif len(request.url) > MAX_URL:
        why = f"the URL has {len(request.url)} characters, and LinkedIn takes {MAX_URL}"
        yield Fault("414 URI Too Long", why, "ask for less in one call", is_linkedins=True)


# -- the path ----------------------------------------------------------------------------------------------------------


def _mended_path(target: Target, faults: list[Fault]) -> Iterator[str]:
    """Yield the segments of a path as they are to be; append what is wrong with them."""
    place = 0
    for segment in target.path.split("/"):
        mended = segment
        is_old = is_compound_key_1_0(segment)
        flaw = flaw_of(segment) if is_old or re.search(r"[(),:]", segment) else None
        if target.is_linkedin and (is_old or flaw is not None):
            mended = mend_key(segment) or segment
            position, why = _key_fault(segment, flaw)
            cure = mended if mended != segment else ""
            faults.append(Fault(f"400 {PATH_SYNTAX}", why, cure, target.path, place + position, is_linkedins=True))
        yield mended
        place += len(segment) + 1


def _key_fault(segment: str, flaw: DecodeError | None) -> tuple[int, str]:
    """Return where a segment stops being a key, and why.

    Args:
        segment: the segment.
        flaw: where it is not an element; None for a key of protocol 1.0 that is one.
    """
    if flaw is None or "=" in segment:
        return segment.index("="), "a key of protocol 1.0"
    if "urn:" in segment:
        return segment.index("urn:") + 3, "a key whose ( ) , and : are not escaped"
    return flaw.position, f"a key that is not well-formed: {flaw.reason}"


# -- the parameters ----------------------------------------------------------------------------------------------------


class _Parameter(Value):
    """A parameter of a query: its name, decoded and as it stands there, its value, and the two as they stand there."""

    name: str
    encoded_name: str
    value: str
    piece: str

    @property
    def start(self) -> int:
        """Where the value begins in `piece`."""
        return min(len(self.encoded_name) + 1, len(self.piece))


def _parameters(query: str) -> Iterator[_Parameter]:
    """Yield the parameters of a query that have a name."""
    for piece in query.split("&"):
        encoded_name, _, value = piece.partition("=")
        name = decode_path_key(encoded_name.replace("+", " "))  # its percent signs have been mended
        if name:
            yield _Parameter(name, encoded_name, value, piece)


def _mended_query(target: Target, faults: list[Fault]) -> str:
    """Return the parameters as they are to be; append what is wrong with them."""
    named: dict[str, list[_Parameter]] = {}
    old: list[_Parameter] = []
    for one in _parameters(target.query):
        if target.is_linkedin and is_old_name(one.name):
            old.append(one)
        else:
            named.setdefault(one.name, []).append(one)
    pieces = [f"{same[0].encoded_name}={_mended_values(same, target, faults)}" for same in named.values()]
    return "&".join(pieces + (_mended_old(old, named, faults) if old else []))


def _mended_old(old: list[_Parameter], named: Mapping[str, object], faults: list[Fault]) -> list[str]:
    """Return parameters of protocol 1.0 as those of 2.0.0, if they can be; append what is wrong with them.

    Args:
        old: the parameters.
        named: the other ones by their names.
        faults: what is wrong so far.
    """
    renewed = mend_old_parameters([(one.name, one.value) for one in old])
    pieces = [one.piece for one in old]
    cure = ""
    if renewed is not None and renewed.keys().isdisjoint(named):
        pieces = [f"{name}={value}" for name, value in renewed.items()]
        cure = "&".join(pieces)
    why = "a parameter of protocol 1.0: in 2.0.0 a list or a record is one parameter"
    first = old[0]
    place = len(re.split(r"[.\[]|%5[Bb]", first.encoded_name, maxsplit=1)[0])
    # Where a value is not well-formed either, every server refuses it.
    is_linkedins = all(is_element(one.value) for one in old)
    faults.append(Fault(f"400 {QUERY_UNKNOWN}", why, cure, first.piece, place, is_linkedins))
    return pieces


_MARKS: Final = (RESERVED_PARAMETERS.keys() - {"ids"}) | {"start", "count", "pageSize"}  # what is never a list


def _mended_values(same: list[_Parameter], target: Target, faults: list[Fault]) -> str:
    """Return the value of a parameter, which may come several times; append what is wrong with it."""
    if len(same) == 1:
        return _mended_value(same[0], target, faults)
    # Of a list that is repeated, all items; of ids, each is an item.
    values = [
        one.value if one.name == "ids" and is_element(one.value) else _mended_value(one, target, faults) for one in same
    ]
    if same[0].name in _MARKS or len({*values}) == 1:
        mended, rule = values[0], ", and may come once"
    else:
        joined = ",".join(value[5:-1] if value.startswith("List(") else value for value in values)
        mended, rule = f"List({joined})", ": in protocol 2.0.0 a list is one parameter"
    why = f"the parameter {same[0].name} comes {len(same)} times{rule}"
    faults.append(Fault(f"400 {QUERY_SYNTAX}", why, f"{same[0].encoded_name}={mended}", same[1].piece))
    return mended


def _mended_value(one: _Parameter, target: Target, faults: list[Fault]) -> str:
    """Return the value of a parameter as it is to be; append what is wrong with it."""
    value = one.value
    if one.name in PROJECTIONS:
        try:
            parse_projection(value)
        except DecodeError as error:
            faults.append(Fault("400 error parsing mask", error.reason, "", one.piece, one.start + error.position))
        return value
    if one.name == DECORATION and target.is_linkedin and value:
        return value
    try:
        if isinstance(decode(value), list) or one.name != "ids":
            return value
        says, why = "400 Invalid value type for parameter ids", "ids are a List(...), even where there is one id"
        position = 0
    except DecodeError as error:
        says, why, position = f"400 {QUERY_SYNTAX}", _value_reason(value, error), error.position
    mended = mend_value(one.name, value)
    cure = "" if mended is None or not is_element(mended) else f"{one.encoded_name}={mended}"
    faults.append(Fault(says, why, cure, one.piece, one.start + position))
    return mended if mended is not None and cure else value


def _value_reason(value: str, error: DecodeError) -> str:
    """Return what is wrong with a value, in words that say what to do."""
    if not value:
        return "the parameter has no value: leave it out, or write '' for the empty text"
    if "urn:" in value:
        return "the : and the brackets of a URN in a parameter are to be escaped"
    if error.position == len(value):
        return "a bracket is not closed"
    if not value.startswith(("(", "List(")):
        return f"a text with {value[error.position : error.position + 1]!r} in it, which is to be escaped"
    return error.reason


# -- the headers -------------------------------------------------------------------------------------------------------


def _sendable(headers: Iterable[tuple[str, str]], faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Yield the fields that can be sent; append a fault for one that cannot."""
    for name, value in headers:
        odd = re.search(r"[^\t -~]", value)
        if odd is None:
            yield name, value
        else:
            why = f"the header {name} has a character that no header has, {odd[0]!r}"
            faults.append(Fault("400 Bad Request", why, "write it in plain ASCII"))


_PROTOCOL: Final = "X-Restli-Protocol-Version: 2.0.0"


def _mended_headers(pasted: Pasted, request: HttpRequest, target: Target, faults: list[Fault]) -> list[tuple[str, str]]:
    """Return the header fields as they are to be; append what is wrong with them."""
    headers = request.headers
    protocol = headers.get("X-RestLi-Protocol-Version")
    version = headers.get("LinkedIn-Version")
    dropped: list[str] = []
    added: list[tuple[str, str]] = []
    if protocol != "2.0.0":
        dropped.append("X-RestLi-Protocol-Version")
        added.append(("X-RestLi-Protocol-Version", "2.0.0"))
        if protocol is None:
            says = "no X-Restli-Protocol-Version, and so protocol 1.0 applies"
            why = "a server of 2.0.0 alone answers 400; LinkedIn reads (...) and List(...) as mere text"
            faults.append(Fault(says, why, f"add the header {_PROTOCOL}"))
        else:
            says = f"400 Rest.li protocol version {protocol[:20]} used by the client is not supported!"
            source = f"X-Restli-Protocol-Version: {protocol}"
            faults.append(Fault(says, "another protocol than 2.0.0", f"send {_PROTOCOL}", source, 27))
    if target.is_versioned and pasted.headers is not None:
        if version is None:
            cure = "add the header LinkedIn-Version: YYYYMM; in Python, version_string"
            faults.append(Fault(f"400 {NO_VERSION}", "no LinkedIn-Version under /rest", cure, is_linkedins=True))
        elif not VERSION.fullmatch(version):
            dropped.append("LinkedIn-Version")
            why = "the version is not YYYYMM: a year and a month"
            source = f"LinkedIn-Version: {version}"
            faults.append(
                Fault("400 or 426: there is no such version", why, "LinkedIn-Version: YYYYMM", source, 18, True)
            )
    return [*headers.without(*dropped).raw, *added]


# -- the method and the body -------------------------------------------------------------------------------------------


def _with_body(request: HttpRequest) -> HttpRequest:
    """Return a request whose body is not shown with one that stands for it, in the shape that its method wants."""
    target = split_target(request.url)
    ids: Any = []
    for piece in target.query.split("&"):
        if piece.startswith("ids=") and is_element(piece[4:]):
            ids = decode(piece[4:])
    *_, before, last = ("", *target.path.rstrip("/").split("/"))
    named = request.headers.get("X-RestLi-Method", "").lower()
    patches = request.method in {"PATCH", "POST"} and named not in {"update", "batch_update"}
    changes: dict[str, Any] = {"patch": {"$set": {}}}
    document: dict[str, Any] = {}
    if isinstance(ids, list) and ids:
        document = {"entities": {body_key(key): changes if patches else {} for key in ids}}
    elif named == "batch_create":
        document = {"elements": [{}]}
    elif "action=" not in target.query and (request.method == "PATCH" or (patches and is_key(last, before))):
        document = changes
    return request.__replace__(body=json.dumps(document).encode())


def _mend_rest(request: HttpRequest, resources: list[str | Resource] | None, faults: list[Fault]) -> HttpRequest | None:
    """Return the request that a server accepts, where the method or a header can be mended; append what is wrong."""
    # The verb, X-RestLi-Method, Content-Type, Accept, and the last look. A header may contradict a mark for ever.
    for _ in range(8):
        try:
            understood(request, resources)
        except Refusal as refusal:
            change = next(change for pattern, change in _REFUSALS.items() if re.search(pattern, refusal.message))
            fault, mended = change(request, refusal)
            # What could not be mended is refused once more, in the words of the reader.
            is_known = change is _other and any(not (other.cure or other.is_linkedins) for other in faults)
            if not is_known and not any(
                fault.source == other.source and fault.position == other.position for other in faults
            ):
                faults.append(fault)
            if mended is None:
                return None
            request = mended
        else:
            return request
    return None


_Change = tuple[Fault, HttpRequest | None]


def _line(request: HttpRequest) -> str:
    return f"{request.method} {split_target(request.url).path}"


def _action(request: HttpRequest, refusal: Refusal) -> _Change:
    says = f"400 All action methods (specified via 'action' in URI) must be submitted as a POST (was {request.method})"
    fault = Fault(says, "an action is a POST", "POST", _line(request), 0)
    return fault, request.__replace__(method="POST")


def _verb(request: HttpRequest, refusal: Refusal) -> _Change:
    """Mend the verb: by the method that X-RestLi-Method names, or by what is near."""
    target = split_target(request.url)
    named = request.headers.get("X-RestLi-Method", "").lower()
    says = f"400 Method '{request.method}' is not supported for URI '{target.prefix}{target.path}'"
    if named in METHODS and METHODS[named].verb != request.method:
        verb = METHODS[named].verb
        fault = Fault(says, f"X-RestLi-Method says {named}, which is a {verb}", verb, _line(request), 0)
        return fault, request.__replace__(method=verb)
    if named:
        source = f"X-RestLi-Method: {request.headers['X-RestLi-Method']}"
        fault = Fault(says, f"X-RestLi-Method says {named!r}, and the URL something else", "leave it out", source, 17)
        return fault, request.__replace__(headers=request.headers.without("X-RestLi-Method"))
    if request.method == "PATCH":
        cure = "POST, with X-RestLi-Method: PARTIAL_UPDATE"
        fault = Fault(says, "Rest.li has no PATCH: to change some fields is a POST", cure, _line(request), 0)
        name = "BATCH_PARTIAL_UPDATE" if re.search(r"(?:\A|&)ids=", target.query) else "PARTIAL_UPDATE"
        return fault, request.__replace__(method="POST").with_header("X-RestLi-Method", name)
    why = f"no resource method of Rest.li is a {request.method} here: {refusal.message}"
    return Fault(says, why, "", _line(request), 0), None


def _header(name: str, says: str) -> Callable[[HttpRequest, Refusal], _Change]:
    """Return how a header field is mended that says another type than JSON."""

    def change(request: HttpRequest, refusal: Refusal) -> _Change:
        source = f"{name}: {request.headers[name]}"
        fault = Fault(says, refusal.message, f"{name}: application/json", source, len(name) + 2)
        return fault, request.with_header(name, "application/json")

    return change


def _body(request: HttpRequest, refusal: Refusal) -> _Change:
    """Return what is wrong with a body."""
    text = request.body.decode("utf-8", "replace")
    if not text.strip():
        return Fault("400 Empty entity body is not allowed", "the method needs a body of JSON", "give one"), None
    why, place = refusal.message.partition(": ")[2] or refusal.message, 0
    try:
        strict_loads(request.body)
    except json.JSONDecodeError as error:
        why, place = f"the body is not JSON: {error.msg}", min(error.pos, len(text))
        # Python 3.13 points to a comma too many, those before it to what comes after.
        comma = place if text[place : place + 1] == "," else len(text[:place].rstrip()) - 1
        after = text[comma + 1 :].lstrip()[:1]
        if text[comma : comma + 1] == "," and after in {"}", "]"}:
            why, place = f"the body is not JSON: a comma with nothing but {after} after it", comma
    except (ValueError, RecursionError):
        pass
    says = "400 " + refusal.message.partition(": ")[0]
    return Fault(says, why, "", *_shown_place(text, place)), None


def _other(request: HttpRequest, refusal: Refusal) -> _Change:
    """Return a fault in the words of the refusal, at the part of the URL that they quote."""
    target = split_target(request.url)
    fault = Fault(f"{refusal.status} {refusal.message}", "the server reads it, and refuses it", "", target.path, 0)
    for name in re.findall(r"\$?\w+", refusal.message):
        at = re.search(rf"(?:\A|&)({re.escape(name)}|{re.escape(name.replace('$', '%24'))})=", target.query)
        if at is not None:
            piece = target.query[at.start(1) :].partition("&")[0]
            return fault.__replace__(source=piece, position=len(at[1]) + 1), None
    return fault, None


_REFUSALS: Final[Mapping[str, Callable[[HttpRequest, Refusal], _Change]]] = {
    r"^All action methods": _action,
    r"^Method '": _verb,
    r"Content-Type|content type of": _header("Content-Type", "400 Unable to parse the Content-Type"),
    r"request's Accept": _header("Accept", "406 None of the types in the request's 'Accept' header are supported"),
    r"^Cannot parse request entity|^Batch request mismatch": _body,
    r"": _other,
}
