"""Imports: on systems without POSIX, of names that are somewhere else, and what type checkers make of methods."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
import trustme

import restli_core
import restli_transports
import restli_transports.events
import restli_transports.wire
from tests.support.libraries import need

# All modules are imported twice: as they are, so that the libraries under them are loaded, which have ways of their own
# for each system; and again without what Windows does not have.
WITHOUT_POSIX = """
import importlib, os, pkgutil, select, signal, socket, sys
import restli_core, restli_transports

def import_all():
    names = []
    for package in (restli_core, restli_transports):
        importlib.import_module(package.__name__)
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
                names.append(module.name)
    return names

def use_all():
    from restli_transports import AsyncRestliClient, RestliClient
    from restli_transports.aiohttp import AiohttpTransport
    from restli_transports.h11 import H11AsyncTransport, H11Transport
    from restli_transports.httpx import HttpxAsyncTransport, HttpxTransport
    from restli_transports.requests import RequestsTransport
    from restli_transports.urllib3 import Urllib3Transport
    for transport in (Urllib3Transport, RequestsTransport, HttpxTransport, H11Transport):
        with RestliClient(transport()):
            pass
    for transport in (HttpxAsyncTransport, H11AsyncTransport, AiohttpTransport):
        AsyncRestliClient(transport())

first = import_all()
use_all()
for name in [name for name in sys.modules if name.partition(".")[0] in ("restli_core", "restli_transports")]:
    del sys.modules[name]

for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
POSIX = {
    os: '''O_ASYNC O_CLOEXEC O_DIRECT O_DIRECTORY O_DSYNC O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW O_NONBLOCK
        O_PATH O_RSYNC O_SYNC O_TMPFILE chown chroot confstr eventfd fchdir fchmod fchown fdatasync fork forkpty
        fpathconf fstatvfs getegid geteuid getgid getgrouplist getgroups getloadavg getpgid getpgrp getpriority
        getrandom getresuid getsid getuid getxattr initgroups killpg lchown lockf major makedev minor mkfifo mknod nice
        openpty pathconf pidfd_open pipe2 posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev readv
        register_at_fork sched_getaffinity sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority
        setresuid setsid setuid statvfs sync sysconf tcgetpgrp ttyname wait wait3 wait4 waitid writev
        WNOHANG F_LOCK F_TLOCK F_ULOCK''',
    select: "epoll poll kqueue EPOLLIN POLLIN",
    signal: '''SIGALRM SIGCHLD SIGHUP SIGKILL SIGPIPE SIGQUIT SIGUSR1 SIGUSR2 alarm pthread_kill pthread_sigmask
        setitimer sigwait''',
    socket: "AF_UNIX CMSG_LEN SCM_RIGHTS send_fds recv_fds MSG_DONTWAIT MSG_NOSIGNAL SO_REUSEPORT TCP_USER_TIMEOUT",
}
for module, text in POSIX.items():
    for name in text.split():
        if hasattr(module, name):
            delattr(module, name)

assert import_all() == first
use_all()
"""


def test_every_module_imports_where_there_is_no_posix(tmp_path: Path) -> None:
    need(*(f"restli_transports.{name}" for name in ("aiohttp", "h11", "httpx", "requests", "urllib3")))
    # One certificate is quicker to read than the system's; and the paths of this process, so that nothing need be
    # installed.
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    subprocess.run([sys.executable, "-W", "ignore", "-c", WITHOUT_POSIX], check=True, env=environment, timeout=300)


@pytest.mark.parametrize("name", sorted(vars(restli_core)["_ELSEWHERE"]))
def test_the_core_says_where_what_sends_is(name: str) -> None:
    place = vars(restli_core)["_ELSEWHERE"][name]
    with pytest.raises(ImportError, match=f"from {place} import {name}$"):
        exec(f"from restli_core import {name}")
    assert hasattr(import_module(place), name)


@pytest.mark.parametrize("name", sorted(vars(restli_transports)["_ELSEWHERE"]))
def test_the_transports_say_where_one_is(name: str) -> None:
    place = vars(restli_transports)["_ELSEWHERE"][name]
    with pytest.raises(ImportError, match=f"from {place} import {name}$"):
        exec(f"from restli_transports import {name}")
    assert hasattr(import_module(place), name)


@pytest.mark.parametrize("name", ["get", "Urn", "NotFoundError", "patch"])
def test_the_transports_say_what_is_the_cores(name: str) -> None:
    with pytest.raises(ImportError, match=f"from restli_core import {name}$"):
        exec(f"from restli_transports import {name}")


@pytest.mark.parametrize("module", [restli_core, restli_transports], ids=["core", "transports"])
def test_a_name_that_is_nowhere_is_missing_as_usual(module: ModuleType) -> None:
    assert not hasattr(module, "nothing")
    assert not hasattr(module, "__nothing__")
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        exec(f"from {module.__name__} import nothing")


def test_editors_are_shown_the_other_end_before_it_is_imported() -> None:
    assert {*restli_core.__all__} <= {*dir(restli_core)}
    assert {*vars(restli_core)["_OF_SERVER"]} <= {*dir(restli_core)}


LAZY = [restli_transports.events, restli_transports.wire]


@pytest.mark.parametrize("module", LAZY)
def test_what_is_imported_late_is_there_as_if_it_were_not(module: ModuleType) -> None:
    found: dict[str, object] = {}
    exec(f"from {module.__name__} import *", found)
    assert found.keys() - {"__builtins__"} == {*module.__all__}
    assert {*module.__all__} <= {*dir(module)}
    for name in module.__all__:
        assert getattr(module, name) is found[name]
        # Where it is defined it has this name, too, and constants have no place of their own.
        place = getattr(found[name], "__module__", None)
        if place is not None and place.startswith(module.__name__):
            assert getattr(import_module(place), name) is found[name]
    assert not hasattr(module, "nothing")


@pytest.mark.parametrize(
    "name", ["wire.body", "wire.early_answers", "wire.exchange", "wire.tls", "wire.proxies", "events.otel"]
)
def test_modules_are_attributes_without_an_import_of_their_own(name: str) -> None:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}; import restli_transports; print(restli_transports.{name}.__name__)"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == f"restli_transports.{name}"


def test_clients_are_imported_without_what_few_programs_need() -> None:
    program = f"import sys; sys.path[:] = {sys.path!r}; import restli_transports; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-S", "-c", program], check=True, capture_output=True, text=True)
    loaded = {*run.stdout.split()}
    assert "restli_transports.wire.forks" in loaded  # which must be there before the first fork
    assert not loaded & {"urllib.parse", "pathlib", "inspect", "dataclasses", "ssl", "socket", "asyncio", "logging"}
    assert not loaded & {"restli_transports.events.otel", "restli_transports.wire.exchange", "restli_core.server"}
