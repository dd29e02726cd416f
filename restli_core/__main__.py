"""The command line of the core: ``python -m restli_core --help``."""

from __future__ import annotations

import sys

from restli_core.command_line import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
