"""What the script `restli` starts: the command line, which Ctrl-C ends without a traceback while it is imported, too.

A module of its own, beside the packages: a package is imported before any module in it, and that takes most of the time
until a command runs.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> int:
    """Run the command line with the arguments of the process, and return the exit status."""
    try:
        from restli_transports.command_line import main as run

        return run()
    except KeyboardInterrupt:
        return 130  # as a shell has it: 128 and SIGINT
