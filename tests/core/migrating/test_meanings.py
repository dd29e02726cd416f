from __future__ import annotations

import ast

import pytest

from restli_core.migrating.meanings import Meanings

IMPORTS = """\
from typing import Optional
import requests
import linkedin_api.clients.restli.client as rc
import linkedin_api.clients.auth.client
from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli import client as rc2
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.clients.restli.response import BatchFinderResult, GetResponse, Paging
from . import mine
from elsewhere import theirs
client = RestliClient()
auth = AuthClient("a", "b")
"""


def meaning(program: str) -> str | None:
    """What `find` stands for where a program uses it last, or what a call of `show` is given."""
    tree = ast.parse(IMPORTS + program)
    meanings = Meanings(tree)
    shown = [
        node.args[0]
        for node in meanings.nodes()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "show"
    ]
    (one,) = shown
    return meanings.of(one)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("client", "client"),
        ("rc.RestliClient()", "client"),
        ("rc2.RestliClient()", "client"),
        ("rc.other", None),
        ("linkedin_api.clients.auth.client.AuthClient(1, 2)", "auth"),
        ("linkedin_api.clients.auth", "module linkedin_api.clients.auth"),
        ("linkedin_api.other", None),
        ("client.get", "call get"),
        ("client.get()", "answer get"),
        ("client.other", None),
        ("client.session", "session"),
        ("client()", None),
        ("client[0]", None),
        ("auth.introspect_access_token(1)", "answer token"),
        ("auth.introspect_access_token(1).response", "native token"),
        ("auth.generate_member_auth_url([])", None),
        ("auth.session", "session"),
        ("client.get().response", "native get"),
        ("client.finder().paging", "paging"),
        ("client.batch_finder().results", "results"),
        ("client.batch_finder().results[0]", "result"),
        ("client.batch_finder().results[0].paging", "paging"),
        ("client.finder().results", None),
        ("requests.get('u').json()['a']", "other"),
        ("mine.client", None),
        ("theirs", None),
        ("unbound", None),
        ("(lambda: 1)()", None),
        ("[answer for answer in client.batch_finder().results][0]", None),
    ],
)
def test_expressions(expression: str, wanted: str | None) -> None:
    assert meaning(f"show({expression})\n") == wanted


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("a = client\nshow(a)", "client"),
        ("a = None\na = client\nshow(a)", "client"),
        ("a = 1\na = client\nshow(a)", None),
        ("a: RestliClient\nshow(a)", "client"),
        ("a: object = client\nshow(a)", "client"),
        ("show(a := client)", None),
        ("(a := client)\nshow(a)", "client"),
        ("a = client\na += 1\nshow(a)", None),
        ("a, b = client, 1\nshow(a)", None),
        ("a = b = client\nshow(b)", "client"),
        ("a = a\nshow(a)", None),
        ("for a in client.batch_finder().results:\n    show(a)", "result"),
        ("for a in requests.get('u').json():\n    show(a)", "other"),
        ("for i, a in enumerate(client.batch_finder().results):\n    show(a)", "result"),
        ("for i, a in enumerate(client.batch_finder().results):\n    show(i)", None),
        ("for b, a in zip([1], client.batch_finder().results, strict=True):\n    show(a)", "result"),
        ("for (i, j), a in zip([(1, 2)], client.batch_finder().results):\n    show(a)", "result"),
        ("for b, *a in zip([1], client.batch_finder().results):\n    show(a)", None),
        ("for b, a in zip(*client.batch_finder().results):\n    show(a)", None),
        ("for b, a in other(client.batch_finder().results):\n    show(a)", None),
        ("for b, a in client.batch_finder().results:\n    show(a)", None),
        ("for b, a in requests.get('u').json().items():\n    show(a)", None),
        ("for a in [client]:\n    show(a)", None),
        ("[show(a) for a in client.batch_finder().results]", "result"),
        ("with open('f') as a:\n    show(a)", None),
        ("with client:\n    show(1)", None),
        ("try:\n    pass\nexcept ValueError as a:\n    show(a)", "other"),
        ("try:\n    pass\nexcept ValueError:\n    show(1)", None),
        ("match client:\n    case a:\n        show(a)", None),
        ("match client:\n    case _:\n        show(1)", None),
        ("match client:\n    case [*a]:\n        show(a)", None),
        ("match client:\n    case {'b': 1, **a}:\n        show(a)", None),
        ("match client:\n    case {'b': 1}:\n        show(1)", None),
    ],
)
def test_names(program: str, wanted: str | None) -> None:
    assert meaning(f"{program}\n") == wanted


@pytest.mark.parametrize(
    ("annotation", "wanted"),
    [
        ("RestliClient", "client"),
        ("'RestliClient'", "client"),
        ("'list[RestliClient]'", None),
        ("RestliClient | None", "client"),
        ("Optional[RestliClient]", "client"),
        ("list[RestliClient]", None),
        ("rc.RestliClient", "client"),
        ("AuthClient", "auth"),
        ("GetResponse", "answer get"),
        ("BatchFinderResult", "result"),
        ("Paging", None),
        ("requests.Response", "other"),
        ("int", None),
        ("5", None),
    ],
)
def test_annotations(annotation: str, wanted: str | None) -> None:
    assert meaning(f"def f(a: {annotation}):\n    show(a)\n") == wanted


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("def f():\n    show(client)", "client"),
        ("def f(client):\n    show(client)", None),
        ("def f(client, *rest):\n    show(rest)", None),
        ("def f():\n    return client\nshow(f())", "client"),
        ("def f(a):\n    if a:\n        return None\n    return client\nshow(f(1))", "client"),
        ("def f(a):\n    if a:\n        return 1\n    return client\nshow(f(1))", None),
        ("def f():\n    def g():\n        return 1\n    return client\nshow(f())", "client"),
        ("def f():\n    yield 1\n    return client\nshow(f())", None),
        ("def f():\n    return f()\nshow(f())", None),
        ("def f():\n    return\nshow(f())", None),
        ("async def f():\n    return client\nshow(f())", None),
        ("@cache\ndef f():\n    return client\nshow(f())", None),
        ("f = lambda: client\nshow(f())", None),
        ("f = lambda client: show(client)", None),
        ("a = None\ndef f():\n    global a\n    a = client\nshow(a)", "client"),
        ("a = None\ndef f():\n    global a\n    a = client\n    show(a)", "client"),
        ("def f():\n    a = client\n    def g():\n        nonlocal a\n        a = 1\n    show(a)", None),
        ("def f(a=show(client)): ...", "client"),
        ("def f():\n    del a\n    show(a)", None),
    ],
)
def test_functions(program: str, wanted: str | None) -> None:
    assert meaning(f"{program}\n") == wanted


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        (
            "class A:\n    def __init__(self):\n        self.c = client\n    def f(self):\n        show(self.c)",
            "client",
        ),
        ("class A:\n    def f(self):\n        show(self.c)\n    def g(self):\n        self.c = client", "client"),
        (
            "class A:\n    def f(self):\n        self.c = 1\n    def g(self):\n        self.c = client\nshow(A().c)",
            None,
        ),
        ("class A:\n    c = client\n    def f(self):\n        show(self.c)", "client"),
        ("class A:\n    c = client\n    def f(self):\n        show(c)", None),
        ("class A:\n    c = client\n    show(c)", "client"),
        ("class A:\n    def f(self):\n        return client\nshow(A().f())", "client"),
        ("class A:\n    @property\n    def f(self):\n        return client\nshow(A().f)", "client"),
        ("class A:\n    @functools.cached_property\n    def f(self):\n        return client\nshow(A().f)", "client"),
        ("class A:\n    @other\n    def f(self):\n        return client\nshow(A().f)", None),
        ("class A:\n    @other()\n    def f(self):\n        return client\nshow(A().f)", None),
        ("class A:\n    @classmethod\n    def f(cls):\n        show(cls.c)\n    c = client", None),
        ("class A:\n    c = client\na = A()\na.c = 1\nshow(A().c)", None),
        ("class A:\n    c = client\nclass B:\n    def f(self, a: A):\n        show(a.c)", "client"),
        ("class A:\n    async def f(self):\n        return client\nshow(A().f())", None),
        ("class A:\n    pass\nshow(A().c)", None),
        ("class A:\n    c = client\nunbound.c = 1\nshow(A().c)", None),
        ("class A(show(client)): ...", "client"),
        ("def f():\n    pass\nf.c = client\nshow(f.c)", None),
        ("class A:\n    def f(self):\n        self.a, self.b = 1, 2\n        show(self.a)", None),
        ("class A:\n    def f(self):\n        self.d[0] = 1\n        show(self)", "object 0"),
    ],
)
def test_classes(program: str, wanted: str | None) -> None:
    assert meaning(f"{program}\n") == wanted


def test_what_is_bound_is_counted_in_all_scopes() -> None:
    meanings = Meanings(ast.parse("a = 1\ndef f(a):\n    b = 2\n"))
    assert (meanings.binders("a"), meanings.binders("b"), meanings.binders("c")) == (2, 1, 0)


def test_a_node_is_part_of_what_is_around_it() -> None:
    tree = ast.parse("def f():\n    return client\n")
    meanings = Meanings(tree)
    (name,) = [node for node in meanings.nodes() if isinstance(node, ast.Name)]
    assert [type(node).__name__ for node in meanings.around(name)] == ["Name", "Return", "FunctionDef"]
    assert meanings.scope(name) is tree.body[0]
    assert isinstance(meanings.parent(name), ast.Return)
