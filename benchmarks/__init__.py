"""Benchmarks: they print ratios measured in one run, and judge nothing. `python -m benchmarks.<name>`."""
