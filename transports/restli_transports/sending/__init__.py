"""Sending many calls: on processes of this machine, or on a cluster.

from restli_transports.sending import send_all

with ProcessPoolExecutor(4) as executor, send_all(calls, make_client, executor, workers=4) as sending:
    for sent in sending:
        ...
"""

from restli_transports.sending.executor import ExecutorSending, Recorder, send_all

__all__ = ["ExecutorSending", "Recorder", "send_all"]
