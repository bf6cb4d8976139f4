"""Measurements of unstuck beside what people would use instead."""
