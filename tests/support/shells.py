"""Shells: what a shell makes of commands, and what curl would send for what it is given."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from urllib.parse import quote

from restli_core.messages import HttpRequest

SHELLS = [*{Path(path).resolve(): shell for shell in ("sh", "dash", "bash", "zsh") if (path := which(shell))}.values()]
"""Those of this machine, each by one name."""

# In the place of curl: it writes its arguments and what it reads, after a mark that is not an argument.
_CURL = rb"""
curl() {
    for argument in "$@"; do printf 'A%s\0' "$argument"; done
    printf '\0'
    case $* in *'--data-binary @-'*) cat ;; esac
}
"""


def run_in(
    shell: str, commands: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> list[tuple[list[str], bytes]]:
    """Have a shell run commands with another curl; return the arguments that it gets each time, and what it reads."""
    lines = [f"{{ {command}\n}} > {folder}/{number} < /dev/null\n".encode() for number, command in enumerate(commands)]
    script = folder / "script"
    script.write_bytes(_CURL + b"".join(lines))
    subprocess.run(
        [shell, str(script)], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", **environment}, timeout=60
    )
    found: list[tuple[list[str], bytes]] = []
    for number in range(len(commands)):
        arguments, _, standard_input = (folder / str(number)).read_bytes().partition(b"\0\0")
        found.append(([part[1:].decode() for part in arguments.split(b"\0")], standard_input))
    return found


def read_curl(arguments: list[str], standard_input: bytes) -> HttpRequest:
    """Return the request that curl sends, as its manual describes the options that our commands have."""
    method, url = "", ""
    headers: dict[str, str | None] = {"User-Agent": "curl", "Accept": "*/*"}
    fields: list[tuple[str, str]] = []
    data: list[bytes] = []
    waiting = list(reversed(arguments))
    while waiting:
        option = waiting.pop()
        if option in {"-g", "--path-as-is"}:
            continue
        if option == "--head":
            method = "HEAD"
        elif option == "-X":
            method = waiting.pop()
        elif option == "-H":
            _read_field(waiting.pop(), headers, fields)
        elif option == "--data-raw":
            data.append(waiting.pop().encode())
        elif option == "--data-binary":
            assert waiting.pop() == "@-"
            data.append(standard_input)
        elif option == "--data-urlencode":
            name, _, value = waiting.pop().partition("=")
            data.append(f"{name}={quote(value, safe='')}".encode())
        else:
            assert not url
            url = option
    if data:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        headers.setdefault("Expect", "100-continue")
    added = [(name, value) for name, value in headers.items() if value is not None]
    return HttpRequest(method, url, [*added, *fields], b"&".join(data))


def _read_field(field: str, headers: dict[str, str | None], fields: list[tuple[str, str]]) -> None:
    """Read the value of -H: whatever it says of a field, curl does not add that field by itself."""
    name, mark, value = field.partition(":")
    if not mark:
        assert field.endswith(";")
        name = field[:-1]
    for own in ("User-Agent", "Accept", "Content-Type", "Expect"):
        if own.lower() == name.lower():
            headers[own] = None
    if value or not mark:
        fields.append((name, value.strip()))
