"""Erlang formulas on arrays: numpy and numba only, no tables."""
