"""Facts that the tests hold ours to, measured on LinkedIn's own Java implementation of Rest.li 2.0.0 (commit 8173ce2d).

README.md beside this says how the files are written, and index.json where each comes from. Two are not measured:
``plain_texts`` (what people write, and what they hardly mean) and ``documented_calls`` (requests of LinkedIn's
documentation).
"""

from restli_transports.testing.vectors import load, untagged

__all__ = ["load", "untagged"]
