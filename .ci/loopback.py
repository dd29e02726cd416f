"""Runs a command where there is no network but loopback. For Linux, in a namespace that this makes, as any user may.

python .ci/loopback.py COMMAND [ARGUMENT ...]
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP, IFF_RUNNING = 0x1, 0x40

if __name__ == "__main__":
    if os.environ.get("RESTLI_LOOPBACK") != "alone":
        inside = {**os.environ, "RESTLI_LOOPBACK": "alone"}
        # Root needs no users of its own, of which there would be one alone: tests give a file to another.
        users = ["--map-root-user"] if os.geteuid() else []
        command = ["unshare", *users, "--net", sys.executable, __file__, *sys.argv[1:]]
        os.execvpe(command[0], command, inside)  # noqa: S606 - it is what this is for
    del os.environ["RESTLI_LOOPBACK"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP | IFF_RUNNING))
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - likewise
