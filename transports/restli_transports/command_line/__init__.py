"""The whole command line: ``restli``, and ``python -m restli_transports``.

    entry             the commands of the core, and those here; `main`
    call_command      call
    printed_answers   an answer as values to print, one a line
    senders           what sends: a transport that is installed, a token that is there
    other_commands    login, serve
    completion        completion, for shells

What a command needs is imported when it runs: `restli encode` works without an HTTP library, and does not wait for one.
"""

from restli_transports.command_line.entry import main

__all__ = ["main"]
