"""Benchmarks: Tocsin and a bare reference, measured in the same run, printed as ratios."""
