"""The journal: a file that says which calls were sent and what came of them, so that a run can go on after a crash.

    for sent in client.send_all(calls, journal="campaigns.jsonl"): ...      started again, it sends what is missing
    client.run(flow, journal="video.jsonl")                                 likewise, step by step

`lines` has its format, `files` the file. ``python -m restli_transports.journal PATH`` lists the calls of which nobody
knows what became of them, and lets one be sent again.
"""

from restli_transports.journal.files import Journal
from restli_transports.journal.lines import Identity, Line, identify

__all__ = ["Identity", "Journal", "Line", "identify"]
