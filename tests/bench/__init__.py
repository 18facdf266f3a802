"""Benchmarks: figures to quote, never tests that pass or fail on a time.

Every figure that matters is a ratio of two things measured side by side in one run on one machine.
"""
