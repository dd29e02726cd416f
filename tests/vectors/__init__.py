"""Facts that the tests hold ours to, measured on LinkedIn's own Java implementation of Rest.li 2.0.0 (commit 8173ce2d).

`restli_transports.testing.vectors` says how the files are written. Two are not measured, and say so: ``plain_texts``
(what people write, and what they hardly mean) and ``documented_calls`` (requests of LinkedIn's documentation).
"""

from restli_transports.testing.vectors import load, untagged

__all__ = ["load", "untagged"]
