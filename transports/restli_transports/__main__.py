"""The whole command line: ``python -m restli_transports --help``."""

from __future__ import annotations

import sys

from restli_transports.command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
