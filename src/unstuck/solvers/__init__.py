"""Solvers: how the weights move, at what rate, and why a fit ends."""
