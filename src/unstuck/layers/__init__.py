"""Layers and the networks they make: records without weights."""
