"""Module state: what the packages keep outside of objects, each with the reason why threads do not race for it.

It holds without the lock that CPython had round all of them (a free-threaded build), too: there a single operation on a
dict, a list, a set or a deque is still whole, and two after another are not.
"""

from __future__ import annotations

import ast
from typing import Any, Final

import pytest

from tests.support.module_state import found_state, state_in
from tests.support.source_tree import MODULES

SAME_FOR_ALL = "whoever comes first sets what all others would set, in one operation; nobody sees it half done"
OF_ITS_MAKER = "set on a new value by who makes it, before anybody else has it"
ONE_OPERATION = "several threads add and remove by single operations, and whoever lists takes a copy"
OF_ITS_CONTEXT = "each thread, or task, has its own"
PURE = "a cache of a function without side effects: threads that ask at once may each compute it, and get equal results"
LOCKED = "its own methods take a lock"
ONLY_READ = "nothing changes it; it is found by its name, or its library's type, alone"
OF_TESTS = "of the suite that transports are tested with, in one thread"

REASONS: Final = {
    "restli_core:__getattr__": SAME_FOR_ALL,
    "restli_core.base_errors:_rebuild": OF_ITS_MAKER,
    "restli_core.command_line.command:Parser.parse": OF_ITS_MAKER,
    "restli_core.messages:Headers.__init__": OF_ITS_MAKER,
    "restli_core.messages:tried": OF_ITS_MAKER,
    "restli_core.oauth.application:module": "a class is completed while its module is imported",
    "restli_core.oauth.tokens:module": "likewise",
    "restli_core.patterns:_LazyPattern.__getattr__": "the pattern is the same, whoever compiles it",
    "restli_core.responses.answers:answered": OF_ITS_MAKER,
    "restli_core.signatures:describe": "of a new function, while its module is imported",
    "restli_transports:__getattr__": SAME_FOR_ALL,
    "restli_transports._clients.base:BaseClient._use": OF_ITS_MAKER,
    "restli_transports._clients.base:BaseClient.__copy__": OF_ITS_MAKER,
    "restli_transports._clients.files:_turns": LOCKED,
    "restli_transports._clients.settings:Settings._derive": OF_ITS_MAKER,
    "restli_transports.aiohttp.sessions:NO_LIMITS": ONLY_READ,
    "restli_transports.concurrency.blocking:_Dropped.__del__": "once, while its module is imported",
    "restli_transports.concurrency.threads:_here": OF_ITS_CONTEXT,
    "restli_transports.concurrency.threads:_crews": "threads add; it is listed at the end, anew where one adds then",
    "restli_transports.events.listeners:_emitting": OF_ITS_CONTEXT,
    "restli_transports.events.logs:LOGGER": "of `logging`, which locks",
    "restli_transports.events.logs:_OPEN": OF_ITS_CONTEXT,
    "restli_transports.events.otel:_OPEN": OF_ITS_CONTEXT,
    "restli_transports.events.values:_stripped_error": OF_ITS_MAKER,
    "restli_transports.h11.connection_pool:Settings.after_fork": "in a child, where nothing else runs yet",
    "restli_transports.h11.connection_pool:Settings.ssl_context": PURE,
    "restli_transports.httpx.progress:_method_of": PURE,
    "restli_transports.sending.workers:_kept": LOCKED,
    "restli_transports.testing.codec_check:_LOG": "of `logging`, which locks",
    "restli_transports.testing.compliance.client_calls:expected_document": OF_TESTS,
    "restli_transports.testing.compliance.scripts:bomb": OF_TESTS,
    "restli_transports.testing.compliance.size_limits:members": OF_TESTS,
    "restli_transports.testing.compliance.surroundings:authority": OF_TESTS,
    "restli_transports.testing.compliance.surroundings:unknown_ca": OF_TESTS,
    "restli_transports.testing.compliance.surroundings:speaking_tls": OF_TESTS,
    "restli_transports.testing.faults:Faults.__post_init__": OF_ITS_MAKER,
    "restli_transports.testing.faults:RowFaults.__post_init__": OF_ITS_MAKER,
    "restli_transports.tokens.completion:_kept": ONE_OPERATION,
    "restli_transports.tokens.event_loops:_variables": SAME_FOR_ALL,
    "restli_transports.tokens.members:_MemberStore.functions": ONLY_READ,
    "restli_transports.urllib3:_library_timeout": PURE,
    "restli_transports.wire:__getattr__": SAME_FOR_ALL,
    "restli_transports.wire.async_early_answers:_Answer._http": "one request's, in one task",
    "restli_transports.wire.exchange:_carried": OF_ITS_CONTEXT,
    "restli_transports.wire.forks:_things": "threads add; it is listed in a child alone",
    "restli_transports.wire.forks:_sockets": "likewise",
    "restli_transports.wire.late_natives:_LateResponse.__getattr__": SAME_FOR_ALL,
    "restli_transports.wire.library_errors:conceal": "of an error that its thread has just caught",
    "restli_transports.wire.library_errors:_strip": "likewise",
    "restli_transports.wire.linear_h11:make_linear": SAME_FOR_ALL,
    "restli_transports.wire.lookups:_look_ups": "each event loop adds its own; single operations",
    "restli_transports.wire.loops:_begun": "an entry is its event loop's, which adds it; single operations",
    "restli_transports.wire.loops:_inherited": "in a child, where nothing else runs yet",
    "restli_transports.wire.urllib3_connections:_NO_RETRIES": ONLY_READ,
    "restli_transports.wire.urllib3_connections:_NEVER": ONLY_READ,
    "restli_transports.wire.urllib3_connections:_made": SAME_FOR_ALL,
    "restli_transports.wire.urllib3_connections:use_strict": SAME_FOR_ALL,
}

# On a free-threaded build `itertools.count` may give one number to two threads.
COUNTS: Final = {
    "restli_core.explaining.python_calls": "within a function",
    "restli_core.flows.turns": "its client has a lock of its own around all that is asked of it",
    "restli_transports._clients.jobs": "calls are taken by whoever iterates, one at a time",
    "restli_transports._clients.shared": LOCKED,
    "restli_transports.sending.executor": "calls are taken by whoever iterates, one at a time",
}


def test_threads_share_no_count_of_itertools() -> None:
    users = {
        module.name
        for module in MODULES
        for node in ast.walk(module.nodes[0])
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"count", "itertools.count"}
    }
    assert users == set(COUNTS)


def test_all_state_is_known_and_has_its_reason() -> None:
    pytest.importorskip("urllib3")
    pytest.importorskip("hypothesis")
    pytest.importorskip("h11")
    found = found_state()
    assert {place: kind for place, kind in found.items() if place not in REASONS} == {}
    assert {place for place in REASONS if place not in found} == set()


@pytest.mark.parametrize(
    ("source", "state"),
    [
        ("A = {}\ndef f(): A['a'] = 1", {"A": "kept"}),
        ("A = []\ndef f(): A.append(1)", {"A": "kept"}),
        ("A: set[int] = set()\ndef f():\n    global A\n    A |= {1}", {"A": "global"}),
        ("import threading\nif True:\n    A = threading.Lock()", {"A": "kept"}),
        ("from weakref import WeakSet\nA = WeakSet()", {"A": "kept"}),
        ("A = (1, [])\ndef f(): A[1].append(2)", {"A": "kept"}),
        ("class K:\n    a = []\n    def f(self): self.a.append(1)", {"K.a": "kept"}),
        ("from functools import cache\n@cache\ndef f(): ...", {"f": "cached"}),
        ("import functools\nclass K:\n    @functools.cached_property\n    def a(self): ...", {"K.a": "cached"}),
        ("def __getattr__(name): globals()[name] = 1", {"__getattr__": "global"}),
        ("class K:\n    @classmethod\n    def f(cls): cls.a = 1", {"K.f": "late"}),
        ("class K:\n    def f(self): type(self).a = 1", {"K.f": "late"}),
        ("class Kind: ...\ndef f(): Kind.a = 1", {"f": "late"}),
        ("def f(one): object.__setattr__(one, 'a', 1)", {"f": "late"}),
        ("def f(one): one.__dict__['a'] = 1", {"f": "late"}),
        ("def f(one): vars(one).setdefault('a', 1)", {"f": "late"}),
        ("A = {'a': 1}\ndef f(): return A['a']", {}),
        ("from collections.abc import Mapping\nA: Mapping[str, int] = {}\ndef f(): A['a'] = 1", {}),
        ("A = (1, 'a', frozenset({2}), None, int, len, object())", {}),
        ("import re, enum\nclass K(enum.Enum):\n    A = 1\nB, C = re.compile('a'), K.A", {}),
        ("class K:\n    def __init__(self):\n        self.a = []\n        self.a.append(1)", {}),
        ("def f():\n    a = {}\n    a['b'] = 1", {}),
    ],
)
def test_it_is_found(source: str, state: dict[str, str]) -> None:
    values: dict[str, Any] = {}
    exec(source, values)
    assert dict(state_in(ast.parse(source), values, set())) == state
