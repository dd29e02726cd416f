"""Sending: many flows at the same time, each result given as it is asked for.

    with client.send_all(calls) as sending:                 async with client.send_all(calls) as sending:
        for sent in sending: ...                                async for sent in sending: ...

|                       | `Sending`                                  | `AsyncSending`                         |
|-----------------------|--------------------------------------------|----------------------------------------|
| what runs the flows   | threads, as they are needed                | tasks, of asyncio or trio              |
| who reads the jobs    | the thread that iterates                   | the task that iterates                 |
| how far ahead         | `at_once` are taken and not given yet      | the same                               |
| once it is left       | nothing begins, waits end, what is on its  | what runs is cancelled, and waited for |
|                       | way is waited for                          |                                        |

Neither knows of clients: they are given what performs a step.
"""

from restli_transports.concurrency.awaited import AsyncSending
from restli_transports.concurrency.blocking import Sending

__all__ = ["AsyncSending", "Sending"]
