"""Fuzz targets: readers of what comes from outside, each with a law that any bytes must keep.

    python -m tests.fuzz --list
    python -m tests.fuzz decode --seconds 300

atheris (the extra ``fuzz``) makes up the bytes, led by the branches that they reach. What it found, and the fewest
inputs that reach all of these branches, stand in ``corpus/TARGET.json``; `tests/fuzz/test_corpus.py` tries them again,
without atheris. `target` says what a target is, `targets` names them all.
"""
