"""Sending many calls: what `send_all` of clients gives, and the same on processes of this machine, or on a cluster.

from restli_transports.sending import send_all

with ProcessPoolExecutor(4) as executor, send_all(calls, make_client, executor, workers=4) as sending:
    for sent in sending:
        ...
"""

from restli_transports.concurrency import AsyncSending, Sending
from restli_transports.sending.executor import ExecutorSending, Recorder, send_all

__all__ = ["AsyncSending", "ExecutorSending", "Recorder", "Sending", "send_all"]
