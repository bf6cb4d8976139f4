"""Computational graphs, their derivatives, and the proof of derivatives."""
