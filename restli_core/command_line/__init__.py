"""The command line: ``python -m restli_core``, and what the larger one of `restli_transports` is made of.

    entry              the commands of the core, and `main`
    text_commands      encode, decode
    request_commands   explain, curl, untunnel
    linkedin_commands  versions, verify-webhook
    migration_commands migrate
    call_arguments     the fourteen methods and their arguments, for `curl` and for `call`
    command            a command, how one is chosen and run, and its exit status
    inputs  outputs    values that are written as NAME=VALUE or JSON; JSON and trees that are printed
    console            standard input and output, files, the environment, colours
    usage              what is wrong with a command line

This package alone reads standard input and prints, and nothing else in the core imports it.
"""

from restli_core.command_line.entry import main

__all__ = ["main"]
