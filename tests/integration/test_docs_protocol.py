"""docs/protocol.md: each example of the page is what LinkedIn's Java did, and what our code does.

Each row of its tables and each message has a test by what it shows; what is of no known kind fails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest

import restli_core
from restli_core import Call, InvalidCallError, ServiceError, decode, encode, reduced_encode
from restli_core.encoding import param_decode
from restli_core.errors import DecodeError
from restli_core.keys import body_key, canonical_key, decode_key
from restli_core.messages import HttpRequest, HttpResponse
from restli_core.methods import METHODS, RESERVED_PARAMETERS, RETURN_ENTITY
from restli_core.patch import apply, diff
from restli_core.projection import format_projection, parse_projection
from restli_core.server import Invocation, Refusal, read
from restli_core.tunnelling import tunnel, untunnel
from tests.support.documented import meaning
from tests.support.exchanges import DECLARED
from tests.support.independent_codec import write, write_query
from tests.support.pages import section_of, tables_in, text_of
from tests.support.railroads import drawn
from tests.vectors import load, untagged

PAGE = text_of("docs/protocol.md")
PROTOCOL = {"X-RestLi-Protocol-Version": "2.0.0"}
CITED = re.compile(r"`(\w+) (\d+)`")


def vector(cited: str) -> dict[str, Any]:
    """Return the case that a page cites by file and place."""
    name, _, place = cited.partition(" ")
    case: dict[str, Any] = load(name)[int(place)]
    return case


def as_texts(value: Any) -> Any:
    """Return a value as it is read from a URL, where everything is text."""
    if isinstance(value, Mapping):
        return {name: as_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_texts(item) for item in value]
    return decode(encode(value))


# -- tables ------------------------------------------------------------------------------------------------------------


def row_of_text(text: str, value: str, cited: str) -> None:
    assert vector(cited) == {"in": {"s": text}, "ok": json.loads(value)}
    assert decode(text) == json.loads(value)


def row_of_bad_text(text: str, cited: str) -> None:
    case = vector(cited)
    assert case["in"] == {"s": text}
    assert "error" in case
    with pytest.raises(DecodeError):
        decode(text)


def characters_of(shown: str) -> str:
    """Return the characters that a cell shows, each in code or as a range in code."""
    pieces = re.findall("`(.+?)`", f"`{shown}`" if "`" not in shown else shown)
    return "".join(
        "".join(map(chr, range(ord(piece[0]), ord(piece[2]) + 1))) if len(piece) == 3 else piece for piece in pieces
    )


def row_of_raw_characters(shown: str, *raw: str) -> None:
    if shown == "all others":
        named = "".join(characters_of(row[0]) for row in RAW_CHARACTERS[:-1])
        characters = "".join(chr(code) for code in range(128) if chr(code) not in named) + "é€😀"
    else:
        characters = characters_of(shown)
    measured = {(c["in"]["component"], c["in"]["s"]): c["ok"] for c in load("uri_encode_table") if "ok" in c}
    places = (("query", "QUERY_PARAM"), ("path", "PATH_SEGMENT"), ("header", ""))
    for (form, component), said in zip(places, raw, strict=True):
        assert said in {"yes", "no"}
        for one in characters:
            assert (write(one, form) == one) == (said == "yes"), (one, form)
            # Java escapes the marks of the grammar before it looks at the place.
            if (component, one) in measured and one not in "%(),:'":
                assert (measured[component, one] == one) == (said == "yes"), (one, component)


def row_of_value(value: str, in_query: str, in_path: str, reduced: str, cited: str) -> None:
    _, place = cited.split()
    given = json.loads(value)
    assert json.dumps(vector(cited)["in"], sort_keys=True) == json.dumps({"value": given}, sort_keys=True)
    for text, form in ((in_query, "query"), (in_path, "path"), (reduced, "header")):
        assert vector(f"encode_{form} {place}")["ok"] == text == write(untagged(given), form)
        assert decode(text) == as_texts(untagged(given))
    assert decode(encode(untagged(given))) == as_texts(untagged(given))
    assert reduced_encode(untagged(given)) == reduced


def row_of_float(value: str, text: str, cited: str) -> None:
    case = vector(cited)
    assert case == {"in": {"value": json.loads(value)}, "ok": text}
    assert encode(untagged(case["in"]["value"])) == text


def key_of(key: str, params: str) -> Any:
    return {**({"$params": json.loads(params)} if params else {}), **json.loads(key)} if params else json.loads(key)


def key_case(kind: str, key: str, params: str) -> dict[str, Any]:
    return {"kind": kind, "key": json.loads(key), **({"params": json.loads(params)} if params else {})}


def row_of_key(*cells: str) -> None:
    kind, key, params, in_path, in_ids, reduced, cited = cells
    _, place = cited.split()
    own = key_of(key, params)
    for text, name in ((in_path, "path"), (in_ids, "query"), (reduced, "header")):
        assert vector(f"key_{name} {place}") == {"in": key_case(kind, key, params), "ok": text}
    request = restli_core.batch_get("/r", [own]).request
    assert decode(in_ids) == decode(encode(own)) == decode(request.url.partition("ids=List(")[2][:-1])
    assert read(HttpRequest("GET", f"/r/{in_path}", PROTOCOL), [declared("/r/{id", kind, own)]).key == (
        as_texts(own) if kind != "simple" else str(own)
    )
    assert canonical_key(own) == canonical_key(decode_key(reduced) if kind != "simple" else reduced)


def declared(start: str, kind: str, own: Any) -> str:
    kinds = {
        "simple": "",
        "complex": ":complex",
        "compound": f":association({','.join(own) if kind == 'compound' else ''})",
    }
    return f"{start}{kinds[kind]}}}"


def row_of_body_key(kind: str, key: str, params: str, text: str, cited: str) -> None:
    text = "" if text == "(nothing)" else text
    assert vector(cited) == {"in": {**key_case(kind, key, params), "full": True}, "ok": text}
    assert body_key(key_of(key, params)) == text


def row_of_answered_key(kind: str, text: str, key: str, cited: str) -> None:
    case, own = vector(cited), json.loads(key)
    assert (case["in"]["kind"], case["in"]["s"]) == (kind, text)
    assert own == (case["ok"]["key"] if kind == "complex" else case["ok"])
    call = restli_core.create("/r", {})
    answer = call.parse(HttpResponse(201, {"X-RestLi-Id": text}, b""))
    assert answer.entity_id == text
    rows = restli_core.batch_get("/r", [own]).parse(HttpResponse(200, {}, json.dumps({"results": {text: {}}}).encode()))
    assert [row.entity for row in rows.rows] == [{}]


def row_of_query(query: str, value: str, cited: str) -> None:
    assert vector(cited) == {"in": {"q": query}, "ok": json.loads(value)}
    assert param_decode(query) == json.loads(value)


def row_of_bad_query(query: str, reason: str, cited: str) -> None:
    case = vector(cited)
    assert case["in"] == {"q": query}
    assert "error" in case
    assert reason
    with pytest.raises(DecodeError):
        param_decode(query)
    with pytest.raises(Refusal):
        read(HttpRequest("GET", f"/greetings/1?{query}", PROTOCOL), DECLARED)


def row_of_header(name: str, where: str, said: str) -> None:
    assert said
    assert {*re.findall(r"requests|answers", where)}
    # Each is shown in some message of the page; the version is sent with all, and Accept is not sent by Java's client.
    names = {header for example in EXAMPLES for message in example.messages for header in message.headers}
    assert name in names | {"X-RestLi-Protocol-Version", "Accept"}


def row_of_method(*cells: str) -> None:
    name, verb, path, parameter, body, success = cells
    method = METHODS[name]
    assert (verb, parameter or None) == (method.verb, method.parameter)
    assert (body == "") == (method.body is None)
    if method.body is not None:
        assert body == BODIES[method.body]
    (example, *_) = [one for one in EXAMPLES if one.method == name and "request" not in one.cited]
    invocation = read(request_of(example.messages[0]), DECLARED)
    assert invocation.method == name
    assert str(example.messages[1].status) in success
    of_entity = bool(invocation.path_keys) or "{" not in invocation.resource
    assert path == "any of these" or of_entity == ("key" in path)


BODIES = {
    "entity": "the entity",
    "elements": '{"elements": [entity, ...]}',
    "entities": '{"entities": {key: entity}}',
    "patch": '{"patch": patch}',
    "patches": '{"entities": {key: {"patch": patch}}}',
    "parameters": "{parameter: value}",
}


def row_of_request(shown: str, header: str, status: str, reason: str, cited: str) -> None:
    sent, routed = vector(cited)["in"], vector(cited)["ok"]["routed"]
    method, target = shown.split(" ")
    assert reason
    assert (sent["method"], sent["target"]) == (method, target)
    assert int(status) == vector(cited)["ok"]["response"]["status"]
    headers = {**PROTOCOL, **dict([header.split(": ")] if header else [])}
    theirs = {name.lower(): value for name, value in sent["headers"].items()}
    assert {name.lower(): value for name, value in headers.items()}.items() <= theirs.items()
    request = HttpRequest(method, target, sent["headers"], sent["body"].encode())
    if routed and "returnEntity=1" not in target:  # which Java routes before it refuses it
        assert read(request, DECLARED).method == routed["method_type"]
    else:
        with pytest.raises(Refusal) as refused:
            read(request, DECLARED)
        assert refused.value.status == int(status)


def row_of_patch(before: str, patch: str, after: str, cited: str) -> None:
    given = {"data": json.loads(before), "patch": json.loads(patch)}
    assert vector(cited) == {"in": given, "ok": json.loads(after)}
    assert apply(given["data"], given["patch"]) == json.loads(after)


def row_of_bad_patch(before: str, patch: str, reason: str, cited: str) -> None:
    case, given = vector(cited), {"data": json.loads(before), "patch": json.loads(patch)}
    assert case["in"] == given
    assert "error" in case
    assert reason
    with pytest.raises(InvalidCallError):
        apply(given["data"], given["patch"])


def row_of_difference(old: str, new: str, patch: str, cited: str) -> None:
    assert vector(cited) == {"in": {"from": json.loads(old), "to": json.loads(new)}, "ok": json.loads(patch)}
    if "$$" not in patch:  # which ours does not make, since no server reads it
        assert diff(json.loads(old), json.loads(new)) == json.loads(patch)


def row_of_patch_grammar(name: str, said: str) -> None:
    assert name in {"$set", "$delete", "any other"}
    assert said


def row_of_mask(mask: str, tree: str, cited: str) -> None:
    assert vector(cited) == {"in": {"s": mask}, "ok": json.loads(tree)}
    assert parse_projection(format_projection(mask)) == parse_projection(mask)
    assert flags(parse_projection(mask)) == json.loads(tree)


def flags(mask: Mapping[str, Any]) -> dict[str, Any]:
    return {name: flags(item) if isinstance(item, Mapping) else int(item) for name, item in mask.items()}


def row_of_error_member(names: str, _: str) -> None:
    for name in re.findall(r"\w+", names):
        assert any(
            name in case["in"]["response"]["body"]
            for case in load("client_responses")
            if case["in"]["response"]["body"]
        )


def _created_one(given: dict[str, Any], done: dict[str, Any]) -> bool:
    return "elements" in json.loads(given["body"]) and done["routed"]["method_type"] == "create"


# A mistake -> whether what was given to the server, and what it did, are of this kind.
MISTAKES: dict[str, Callable[[dict[str, Any], Any], bool]] = {
    "no `X-RestLi-Protocol-Version`": lambda given, done: (
        not given["headers"] and done["routed"]["query_parameters"]["ids"] == ["1", "2"]
    ),
    "no `X-RestLi-Method` on `batch_create`": _created_one,
    "a mask that is escaped": lambda given, done: "%24" in given["target"] and done["response"]["json"] == {},
    "rows of a batch not looked at": lambda _, done: (
        done["response"]["json"]["results"] == {} and len(done["response"]["json"]["errors"]) == 2
    ),
    "the id of a created entity decoded, though it is simple": lambda given, done: "%" in given["s"] == done,
    "a space as `+`": lambda given, done: "+" in given["q"] and "+" in done["a"],
}


def row_of_mistake(mistake: str, happens: str, cited: str) -> None:
    assert happens
    assert MISTAKES[mistake](vector(cited)["in"], vector(cited)["ok"])
    assert PAGE.count(f"`{cited}`") > 1, "it is shown above, too"
    case = vector(cited)
    assert "error" not in case
    assert case["ok"].get("response", {"status": 200})["status"] < 300 if isinstance(case["ok"], dict) else case["ok"]


def row_of_contents(link: str, _: str) -> None:
    (title,) = re.findall(r"\[(.*)\]\(#.*\)", link)
    assert f"\n## {title}\n" in PAGE


KINDS: dict[tuple[str, ...], Callable[..., None]] = {
    ("section", ""): row_of_contents,
    ("text", "is read as", "vector"): row_of_text,
    ("text that is refused", "vector"): row_of_bad_text,
    ("characters left raw", "in a query", "in a path", "in a header or body"): row_of_raw_characters,
    ("value", "in a query", "in a path", "in a header or body", "vector"): row_of_value,
    ("float", "text", "vector"): row_of_float,
    ("kind", "key", "parameters", "in a path", "in `ids`", "in `X-RestLi-Id` and answers", "vector"): row_of_key,
    ("kind", "key", "parameters", "name in the body of a batch", "vector"): row_of_body_key,
    ("kind", "text from a server", "the key", "vector"): row_of_answered_key,
    ("query", "is read as", "vector"): row_of_query,
    ("query that is refused", "since", "vector"): row_of_bad_query,
    ("header", "in", "value"): row_of_header,
    ("method", "verb", "path ends in", "parameter", "body", "success"): row_of_method,
    ("request", "header", "status", "since", "vector"): row_of_request,
    ("entity before", "patch", "after", "vector"): row_of_patch,
    ("entity before", "patch that is refused", "since", "vector"): row_of_bad_patch,
    ("from", "to", "patch", "vector"): row_of_difference,
    ("name", "value"): row_of_patch_grammar,
    ("mask", "is read as", "vector"): row_of_mask,
    ("member", ""): row_of_error_member,
    ("mistake", "what happens", "vector"): row_of_mistake,
}
"""What a row of each table is held to, by the headings of the table."""

TABLES = tables_in(PAGE)
RAW_CHARACTERS = next(table.rows for table in TABLES if table.columns[0] == "characters left raw")
ROWS = [
    pytest.param(KINDS.get(table.columns), row, id=f"{table.columns[0] or table.columns[1]}-{number}".replace(" ", "-"))
    for table in TABLES
    for number, row in enumerate(table.rows)
]


def test_each_table_is_of_a_kind_that_is_tested() -> None:
    assert sorted(table.columns for table in TABLES) == sorted(KINDS)
    assert sum(line.startswith("| ") for line in PAGE.splitlines()) == len(ROWS) + len(TABLES)


@pytest.mark.filterwarnings("ignore::restli_core.SuspiciousValueWarning")  # some keys look like mistakes
@pytest.mark.parametrize(("check", "row"), ROWS)
def test_each_row_is_true(check: Callable[..., None], row: tuple[str, ...]) -> None:
    check(*row)


def test_all_methods_have_a_row() -> None:
    (rows,) = [table.rows for table in TABLES if table.columns[0] == "method"]
    assert [row[0] for row in rows] == [*METHODS]
    flat = " ".join(PAGE.split())
    ((safe, repeatable),) = re.findall(r"((?:`\w+`,? (?:and )?)+)only read; of the others (.*?) may", flat)
    assert {*re.findall("`(.*?)`", safe)} == {name for name, method in METHODS.items() if method.safe}
    own = {name for name, method in METHODS.items() if method.idempotent and not method.safe}
    named = {*re.findall("`(.*?)`", repeatable)}
    assert own == named | {f"batch_{name}" for name in named}
    (returning,) = re.findall(r"they do not\. ([^.]*) know it:", flat)
    assert {*re.findall("`(.*?)`", returning)} == {name for name, method in METHODS.items() if method.returns_entity}


def test_the_names_with_a_meaning_are_all_there() -> None:
    (named,) = re.findall(r"names have a meaning of their own: (.*?)\.\n", PAGE, re.DOTALL)
    assert {*re.findall("`(.*?)`", named)} == {
        *RESERVED_PARAMETERS, RETURN_ENTITY, "fields", "metadataFields", "pagingFields", "start", "count",
    }  # fmt: skip


# -- messages ----------------------------------------------------------------------------------------------------------


class Message(NamedTuple):
    """A request or an answer as the page shows it."""

    method: str
    target: str
    status: int
    headers: dict[str, str]
    body: str


class Example(NamedTuple):
    """Messages that stand below a line that cites their vector; the method that the line begins with, if it does."""

    method: str
    cited: str
    messages: list[Message]


def message_of(block: str) -> Message:
    head, _, body = block.rstrip("\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = dict(line.split(": ", 1) for line in lines)
    if first.startswith("HTTP/1.1 "):
        status = HTTPStatus(int(first.split()[1]))
        assert first == f"HTTP/1.1 {status} {status.phrase}"
        return Message("", "", status, headers, body)
    method, target, version = first.split(" ")
    assert version == "HTTP/1.1"
    return Message(method, target, 0, headers, body)


def examples() -> Iterator[Example]:
    """Yield what stands between two pieces of prose, with what the paragraph before it says."""
    name, cited, messages = "", "", list[Message]()
    for piece in re.split(r"(```\w+\n.*?\n```)", PAGE, flags=re.DOTALL):
        if piece.startswith("```http\n"):
            messages.append(message_of(piece.removeprefix("```http\n").removesuffix("```")))
        elif piece.strip():
            if messages:
                yield Example(name, cited, messages)
            paragraph = piece.rstrip().rpartition("\n\n")[2]
            bold = re.match(r"\*\*(\w+)\*\*", paragraph)
            name, messages = bold[1] if bold else "", []
            cited = " ".join(CITED.findall(paragraph)[-1]) if CITED.search(paragraph) else ""


EXAMPLES = [*examples()]


def test_each_message_belongs_to_an_example() -> None:
    assert sum(len(example.messages) for example in EXAMPLES) == PAGE.count("```http\n")
    assert {*re.findall(r"^```(\w+)$", PAGE, re.MULTILINE)} == {"http", "ebnf"}
    assert {example.method for example in EXAMPLES} == {"", *METHODS}
    assert {example.cited.split()[0] for example in EXAMPLES} == {"server_exchanges", "client_requests", "tunnel"}


def shown(document: Any) -> Any:
    """Return what the page shows of an answer: not what the server says of itself."""
    if isinstance(document, dict):
        return {name: shown(item) for name, item in document.items() if name not in {"stackTrace", "exceptionClass"}}
    return [*map(shown, document)] if isinstance(document, list) else document


def same_body(text: str, body: Any) -> bool:
    """Return whether a body as shown is the body of a vector: parsed, if it is JSON."""
    try:
        return bool(json.loads(text) == (json.loads(body) if isinstance(body, str) else shown(body)))
    except ValueError:
        return bool(text == body)


def without_version(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name != "X-RestLi-Protocol-Version"}


def request_of(message: Message) -> HttpRequest:
    return HttpRequest(message.method, message.target, {**PROTOCOL, **message.headers}, message.body.encode())


def of(name: str) -> pytest.MarkDecorator:
    found = [pytest.param(one, id=one.cited.replace(" ", "-")) for one in EXAMPLES if one.cited.split()[0] == name]
    return pytest.mark.parametrize("example", found)


@of("server_exchanges")
def test_each_exchange_is_the_one_with_linkedins_server(example: Example) -> None:
    request, answer = example.messages
    sent, got = vector(example.cited)["in"], vector(example.cited)["ok"]["response"]
    assert (request.method, request.target) == (sent["method"], sent["target"])
    assert request.headers == without_version(sent["headers"])
    assert same_body(request.body, sent["body"])
    assert answer.status == got["status"]
    assert answer.headers == without_version(got["headers"])
    assert same_body(answer.body, got["json"] if "json" in got else got.get("text", ""))


@of("server_exchanges")
def test_each_request_is_understood_alike_by_our_server(example: Example) -> None:
    case = vector(example.cited)
    if "X-RestLi-Protocol-Version" not in case["in"]["headers"]:
        message = example.messages[0]
        with pytest.raises(Refusal, match=r"1\.0\.0"):
            read(HttpRequest(message.method, message.target, message.headers), DECLARED)
    elif case["ok"]["routed"]:
        invocation = read(request_of(example.messages[0]), DECLARED)
        assert invocation.method == case["ok"]["routed"]["method_type"]
        assert example.method in {"", invocation.method}
    else:
        with pytest.raises(Refusal) as refused:
            read(request_of(example.messages[0]), DECLARED)
        assert refused.value.status == example.messages[1].status


def call_of(invocation: Invocation) -> Call[Any]:
    """Return our call that asks for what an invocation is."""
    collection = re.sub(r"/\{[^{}]*\}$", "", invocation.resource)
    path_keys = {name.partition(":")[0]: key for name, key in invocation.path_keys.items()}
    template = re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", invocation.resource) if path_keys else collection
    query = {**invocation.params}
    arguments: list[Any] = [template]
    if invocation.ids or invocation.invalid_ids:
        arguments.append([*invocation.invalid_ids, *invocation.ids])
    arguments += [one for one in (invocation.finder, invocation.action) if one is not None]
    if invocation.method == "batch_finder":
        arguments.append(("criteria", query.pop("criteria")))
    if invocation.method in {"create", "update", "action"}:
        arguments.append(invocation.entity)
    if invocation.method in {"batch_create", "batch_update"}:
        arguments.append(invocation.entities)
    options: dict[str, Any] = {"path_keys": path_keys or None, "query_params": query, "fields": invocation.fields}
    options |= {"patch": invocation.patch} if invocation.method == "partial_update" else {}
    options |= {"patches": invocation.patches} if invocation.method == "batch_partial_update" else {}
    options |= {} if invocation.return_entity is None else {"return_entity": invocation.return_entity}
    call: Call[Any] = getattr(restli_core, invocation.method)(*arguments, base_url="https://h", **options)
    return call


SENT = [
    pytest.param(example, id=example.cited.replace(" ", "-"))
    for example in EXAMPLES
    if example.cited.startswith("server_exchanges")
    and vector(example.cited)["ok"]["routed"]
    and vector(example.cited)["in"]["headers"].get("X-RestLi-Protocol-Version")
    and "fields=%" not in example.messages[0].target
]


@pytest.mark.parametrize("example", SENT)
def test_our_call_sends_the_same(example: Example) -> None:
    message = example.messages[0]
    request = untunnel(request_of(message))
    ours = call_of(read(request, DECLARED)).request
    theirs = meaning(request.method, f"https://h{request.url}", request.headers, request.body)
    found = meaning(ours.method, ours.url, ours.headers, ours.body)
    for one in (theirs, found):
        for name in ("accept", "user-agent", "x-restli-method"):
            one["headers"].pop(name, None)
        one["query"].pop(RETURN_ENTITY, None)  # whose case does not matter
        if isinstance(one["query"].get("ids"), list):
            one["query"]["ids"].sort(key=str)
    assert found == theirs


def test_our_call_refuses_a_mask_that_servers_do_not_read() -> None:
    assert any(example.messages[0].target.endswith("?fields=%24*") for example in EXAMPLES)
    with pytest.raises(InvalidCallError, match="servers do not decode masks"):
        restli_core.get("/greetings/1", fields="%24*")


@pytest.mark.parametrize("example", SENT)
def test_our_call_reads_the_answer(example: Example) -> None:
    call = call_of(read(untunnel(request_of(example.messages[0])), DECLARED))
    answer = example.messages[1]
    response = HttpResponse(answer.status, answer.headers, answer.body.encode())
    if answer.status >= 300:
        with pytest.raises(ServiceError) as failed:
            call.parse(response)
        document = json.loads(answer.body) if answer.body else {}
        assert failed.value.status_code == answer.status
        assert failed.value.message == document.get("message", failed.value.message)
        return
    parsed = call.parse(response)
    assert parsed.document == (json.loads(answer.body) if answer.body else None)
    if call.method == "create":
        assert parsed.entity_id == answer.headers["X-RestLi-Id"]
    if hasattr(parsed, "rows"):
        document = parsed.document
        keyed = {*document.get("results", {}), *document.get("errors", {})}
        assert {row.key for row in parsed.rows} == keyed
        assert parsed.mismatch is None
    if call.method == "batch_create":
        assert [element.status for element in parsed.elements] == [one["status"] for one in parsed.document["elements"]]


@of("client_requests")
def test_each_lone_request_is_that_of_linkedins_client(example: Example) -> None:
    (request,) = example.messages
    sent = vector(example.cited)["ok"]["request"]
    assert (request.method, f"http://localhost{request.target}") == (sent["method"], sent["uri"])
    assert request.headers == without_version(sent["headers"])
    assert same_body(request.body, sent["body"])
    assert read(request_of(request), ["/cx/{id:complex}"]).method == vector(example.cited)["in"]["method"]


@of("tunnel")
def test_each_tunnel_is_that_of_linkedins_client(example: Example) -> None:
    case = vector(example.cited)
    for message, theirs in zip(example.messages, (case["in"], case["ok"]), strict=True):
        assert (message.method, message.target) == (theirs["method"], re.sub("http://[^/]*", "", theirs["uri"]))
        assert {**message.headers} == {
            name: value for name, value in without_version(theirs["headers"]).items() if name != "Content-Length"
        }
        assert message.body == theirs.get("body", "").replace("\r\n", "\n").rstrip("\n")
    plain, tunnelled = example.messages
    request = request_of(plain)
    ours = tunnel(request)
    sent = case["ok"]
    wanted = request_of(Message(sent["method"], tunnelled.target, 0, tunnelled.headers, sent["body"]))
    assert untunnel(ours) == untunnel(wanted) == request
    boundary = re.search(r'boundary="?([^"]+)"?', ours.headers["Content-Type"])
    body = ours.body.decode()
    assert (body.replace(boundary[1], "{BOUNDARY}") if boundary else body) == sent["body"]
    assert ours.headers["X-HTTP-Method-Override"] == tunnelled.headers["X-HTTP-Method-Override"]


# -- the rest ----------------------------------------------------------------------------------------------------------


def test_each_vector_that_is_named_is_there() -> None:
    named = {(name, int(place)) for name, place in CITED.findall(PAGE)}
    assert named
    for name, place in named:
        assert 0 <= place < len(load(name)), name


def test_the_pictures_are_those_of_the_grammar() -> None:
    pictures = drawn()
    assert re.findall(r"!\[(\w+): .*?\]\(assets/protocol/(\w+)\.svg\)", PAGE) == [(name, name) for name in pictures]
    for name, svg in pictures.items():
        assert text_of(f"docs/assets/protocol/{name}.svg") == svg, "python -m tests.support.railroads draws it anew"


def test_java_writes_queries_as_the_page_says() -> None:
    assert "without parameters there is no `?`" in " ".join(section_of(PAGE, "Queries").split())
    assert write_query({"q": "search", "x": ""}) == "q=search&x=''"
    assert restli_core.get_all("/r").request.url.endswith("/r")
