"""Migration: a program, and what becomes of it.

| in the program | what becomes of it |
|---|---|
| an import | the import of the counterpart (`restli_core.migrating.imports`) |
| `client.session` is used | `RestliClient(RequestsTransport())`: only over requests it is a session |
| `answer.response.json()` | `answer.document` |
| `answer.response.content` | `answer.response.body` |
| another attribute of requests' Response | `answer.response.native.name`, over requests |
| `result.isError` | `result.is_error` |
| `auth.client_id`, and the like | `auth.application.client_id` |
| `answer.status_code`, or that of its response, is more than printed | a comment: errors are raised |
| an attribute of `answer.paging` | a comment: it may be None |
| what cannot be known, or has no counterpart | a comment |
"""

from __future__ import annotations

import ast
import re
import warnings
from difflib import unified_diff
from typing import Final

from restli_core.base_errors import InvalidCallError, shorten
from restli_core.migrating.counterparts import PACKAGE
from restli_core.migrating.imports import ImportsRewriter
from restli_core.migrating.meanings import Meanings
from restli_core.migrating.positions import MARK, ProgramText
from restli_core.values import Value

__all__ = ["Migration", "Todo", "migrate"]

_TRANSPORT: Final = "from restli_transports.requests import RequestsTransport"
_SAME: Final = frozenset({"status_code", "headers", "url"})  # of a Response, and of an HttpResponse
_OF_STATUS: Final = frozenset({"status_code", "ok", "raise_for_status"})
_OF_APPLICATION: Final = frozenset({"client_id", "client_secret", "redirect_url"})
_MOCKS: Final = frozenset({"responses", "requests_mock"})
_NEW_IN_SESSION: Final = frozenset({"hooks", "headers"})
_SHOWING: Final = frozenset({"print", "debug", "info", "warning", "error", "exception", "critical", "log", "str"})
_DECIDING: Final = (
    *(ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp),
    *(ast.If, ast.IfExp, ast.While, ast.Assert, ast.Match),
)
_DOTTED: Final = re.compile(rf"{PACKAGE}(?:\.\w+)+")

_RAISED: Final = "error statuses are raised: except restli_core.ServiceError (NotFoundError for 404)"
_REFUSED: Final = "a refused token call is raised: except restli_core.OAuthError, restli_core.ServiceError"
_MAYBE_NONE: Final = "paging is None where the server gives none"
_FROZEN: Final = "answers cannot be assigned to here"
_RESPONSE: Final = "`response` is an HttpResponse here; with RequestsTransport() its `native` is requests' Response"
_ERRORS_OF_REQUESTS: Final = "what fails on the way is a restli_core.TransportError here, and not requests' exception"
_NOT_JSON: Final = "an answer with an error status is a restli_core.ServiceError here, whatever its body"
_SESSION: Final = "hooks and headers of the session had no effect; here they have"
_SUBCLASS: Final = "a subclass: the client takes transport, access_token and more; see help(RestliClient)"
_PERHAPS: Final = {
    "isError": "if this is a result of batch_finder, isError is is_error here",
    "paging": "if this is an answer of the client, paging is None where the server gives none",
    "response": f"if this is an answer of the client, its {_RESPONSE}",
    "status_code": f"if this is an answer of the client, {_RAISED}",
}
_MADE_ELSEWHERE: Final = "this needs RestliClient(RequestsTransport()), of restli_transports.requests, where it is made"
_IN_F_STRING: Final = "{} is {} here"
_MOCKED: Final = "mocks of requests see only what goes through RequestsTransport()"
_ATTRIBUTE: Final = "the attribute is `auth.application.{}` here, and cannot be assigned to"
_TRANSPORT_LEFT: Final = "give this client transport=RequestsTransport(), of restli_transports.requests"
_NAMED: Final = "a text names a module of linkedin-api-client"


class Todo(Value):
    """What is left to do.

    Attributes:
        line: the line of the comment that says it, from 1.
        words: what it says.
    """

    line: int
    words: str


class Migration(Value):
    """A program before and after.

    Attributes:
        source: the program as it was.
        text: the program as it is now; the same where it does not use linkedin-api-client.
    """

    source: str
    text: str

    @property
    def todos(self) -> tuple[Todo, ...]:
        """What is left to do, in the order of the lines of `text`."""
        lines = re.split(r"\r\n|\r|\n", self.text)
        found = ((number, line.strip()) for number, line in enumerate(lines, 1))
        return tuple(Todo(number, line.removeprefix(MARK)) for number, line in found if line.startswith(MARK))

    def diff(self, name: str = "program.py") -> str:
        """Return the change as a unified diff, which `patch` and `git apply` take; empty where there is none.

        Args:
            name: the name of the file, relative to where the diff will be applied.
        """
        before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (self.source, self.text))
        lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def __repr__(self) -> str:
        return f"<Migration {'changed' if self.text != self.source else 'unchanged'}, {len(self.todos)} to do>"


def migrate(source: str) -> Migration:
    """Rewrite a program that uses linkedin-api-client, as far as that is mechanical.

    Args:
        source: the text of one file in Python; it is not run.

    Raises:
        InvalidCallError: it is not Python of the version that runs this, or too deeply nested.
    """
    if not isinstance(source, str):
        raise InvalidCallError("source", f"must be the text of a program, not {type(source).__name__}")
    if PACKAGE not in source:
        return Migration(source, source)
    mark = "\ufeff" if source.startswith("\ufeff") else ""
    try:
        return Migration(source, mark + _migrated(source.removeprefix(mark)))
    except SyntaxError as error:
        place = f"line {error.lineno}: " if error.lineno else ""
        raise InvalidCallError("source", shorten(f"is not Python: {place}{error.msg}", 200)) from error
    except (RecursionError, MemoryError) as error:
        raise InvalidCallError("source", "is nested too deeply") from error
    except ValueError as error:  # of half a character; and of null characters, in some versions of Python
        raise InvalidCallError("source", "is not Python: it has characters that no text has") from error


def _migrated(source: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the program: an invalid escape, `is` with a number
        tree = ast.parse(source)
    meanings = Meanings(tree)
    text = ProgramText(source, tree)
    rewriter = _Rewriter(text, meanings)
    rewriter.rewrite()
    return text.edited()


class _Rewriter:
    """What plans all edits but those of imports, and then has those planned."""

    def __init__(self, text: ProgramText, meanings: Meanings) -> None:
        self._text = text
        self._meanings = meanings
        self._mocks = [node for node in meanings.nodes() if _is_mock(node)]
        self._over_requests: dict[str, list[ast.AST]] = {"client": [], "auth": []}  # what needs that transport

    def rewrite(self) -> None:
        looks = {
            ast.Attribute: self._rewrite_attribute,
            ast.ClassDef: self._look_at_class,
            ast.Try: self._look_at_try,
            ast.Constant: self._look_at_text,
        }
        for node in self._meanings.nodes():
            if type(node) in looks:
                looks[type(node)](node)  # type: ignore[operator]  # each takes what it stands beside
        also = _TRANSPORT if self._give_transports() else None
        ImportsRewriter(self._text, self._meanings, also).rewrite()

    def _note(self, node: ast.AST, words: str) -> None:
        self._text.note(self._meanings.around(node), words)

    # -- attributes ----------------------------------------------------------------------------------------------------

    def _rewrite_attribute(self, node: ast.Attribute) -> None:
        owner = self._meanings.of(node.value)
        word, _, rest = (owner or "").partition(" ")
        if word in self._over_requests and node.attr == "session":
            self._over_requests[word].append(node)
        elif word == "auth" and node.attr in _OF_APPLICATION:
            self._rewrite_of_application(node)
        elif word == "session" and node.attr in _NEW_IN_SESSION:
            self._note(node, _SESSION)
        elif word == "native":
            self._rewrite_native(node, "auth" if rest == "token" else "client")
        elif word == "paging":
            self._note(node, _MAYBE_NONE)
        elif word == "result" and node.attr == "isError":
            self._rename(node, "is_error")
        elif word == "answer":
            self._look_at_answer(node, rest)
        elif owner is None:
            self._look_at_unknown(node)

    def _rename(self, node: ast.Attribute, new: str) -> None:
        if self._text.holds(node):
            _, end = self._text.span(node)
            self._text.replace(end - len(node.attr), end, new)
        else:
            self._note(node, _IN_F_STRING.format(node.attr, new))

    def _rewrite_of_application(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self._rename(node, f"application.{node.attr}")
        else:
            self._note(node, _ATTRIBUTE.format(node.attr))

    def _rewrite_native(self, node: ast.Attribute, kind: str) -> None:
        """Rewrite ``answer.response.name``, where `node.value` is ``answer.response`` or a name for it."""
        if node.attr in _OF_STATUS and not self._is_shown(node):
            self._note(node, _REFUSED if kind == "auth" else _RAISED)
        outer, response = self._meanings.parent(node), node.value
        is_json = isinstance(outer, ast.Call) and outer.func is node and not (outer.args or outer.keywords)
        if node.attr == "json" and is_json and isinstance(outer, ast.Call) and isinstance(response, ast.Attribute):
            if self._text.holds(outer):
                # From ".response" on: what makes the answer stays as it is.
                start = self._text.span(response)[1] - len(response.attr)
                self._text.replace(start, self._text.span(outer)[1], "document")
            else:
                self._note(node, _IN_F_STRING.format("response.json()", "document"))
        elif node.attr == "content" and isinstance(node.ctx, ast.Load):
            self._rename(node, "body")
        elif node.attr not in _SAME:
            self._rename(node, f"native.{node.attr}")
            self._over_requests[kind].append(node)

    def _look_at_answer(self, node: ast.Attribute, method: str) -> None:
        outer = self._meanings.parent(node)
        if not isinstance(node.ctx, ast.Load):
            self._note(node, _FROZEN)
        elif node.attr == "status_code" and not self._is_shown(node):
            self._note(node, _REFUSED if method == "token" else _RAISED)
        elif node.attr == "response" and not isinstance(outer, ast.Attribute | ast.Assign):
            self._note(node, _RESPONSE)

    def _look_at_unknown(self, node: ast.Attribute) -> None:
        is_said = {
            "isError": True,
            "status_code": self._decides(node),
            "response": isinstance(self._meanings.parent(node), ast.Attribute),
            "paging": isinstance(self._meanings.parent(node), ast.Attribute),
        }
        if is_said.get(node.attr):
            self._note(node, _PERHAPS[node.attr])

    def _decides(self, node: ast.AST) -> bool:
        """Return whether something depends on a value: it is compared, or a part of a condition."""
        return isinstance(self._meanings.parent(node), _DECIDING)

    def _is_shown(self, node: ast.AST) -> bool:
        """Return whether a value is only printed or logged, so that nothing can depend on it."""
        outer = self._meanings.parent(node)
        if isinstance(outer, ast.Call):
            name = outer.func.attr if isinstance(outer.func, ast.Attribute) else getattr(outer.func, "id", None)
            return name in _SHOWING
        return isinstance(outer, ast.FormattedValue | ast.Expr)

    # -- the transport over requests -----------------------------------------------------------------------------------

    def _give_transports(self) -> bool:
        """Plan the argument of each client that needs it, and return whether there is one."""
        made: dict[str, list[ast.Call]] = {"client": [], "auth": []}
        for node in self._meanings.nodes():
            if isinstance(node, ast.Call) and (self._meanings.of(node.func) or "").startswith("name "):
                made.get(self._meanings.of(node) or "", []).append(node)
        gives = False
        for kind, reasons in self._over_requests.items():
            if made[kind] and (reasons or self._mocks):
                gives = True
                for call in made[kind]:
                    self._give_transport(call, kind)
            else:
                for node in reasons:
                    self._note(node, _MADE_ELSEWHERE)
        if not any(made.values()):
            for mock in self._mocks:
                self._note(mock, _MOCKED)
        return gives

    def _give_transport(self, node: ast.Call, kind: str) -> None:
        transport = "RequestsTransport()" if kind == "client" else "transport=RequestsTransport()"
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        _, end = self._text.span(node)
        last = max((self._text.span(one)[1] for one in given), default=self._text.span(node.func)[1])
        between = self._text.text[last : end - 1]
        after = between.lstrip()[:1]
        if not self._text.holds(node) or after == ")":  # in parentheses of its own, and perhaps before a comment
            self._note(node, _TRANSPORT_LEFT)
        elif not given:
            self._text.insert(last + between.index("(") + 1, transport)
        elif after == ",":
            comma = last + between.index(",") + 1
            self._text.insert(comma, f" {transport}{',' * bool(between[comma - last :].strip(' '))}")
        else:
            self._text.insert(last, f", {transport}")

    # -- what is larger, and what is only text -------------------------------------------------------------------------

    def _look_at_class(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            if (self._meanings.of(base) or "").endswith((".RestliClient", ".AuthClient")):
                self._note(node, _SUBCLASS)

    def _look_at_try(self, node: ast.Try) -> None:
        inside = [inner for statement in node.body for inner in ast.walk(statement)]
        if not any(isinstance(one, ast.Call) and self._is_sent_by(one) for one in inside):
            return
        for handler in node.handlers:
            kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
            for kind in kinds:
                meaning = (self._meanings.of(kind) if kind is not None else None) or ""
                if meaning == "other":
                    self._note(handler, _ERRORS_OF_REQUESTS)
                elif meaning.endswith(".ResponseFormattingError"):
                    self._note(handler, _NOT_JSON)

    def _look_at_text(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _DOTTED.fullmatch(node.value):
            self._note(node, _NAMED)

    def _is_sent_by(self, node: ast.Call) -> bool:
        return (self._meanings.of(node) or "").startswith("answer ")


def _is_mock(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name in _MOCKS for alias in node.names)
    return isinstance(node, ast.ImportFrom) and not node.level and node.module in _MOCKS
