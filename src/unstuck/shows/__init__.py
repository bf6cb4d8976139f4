"""What ``unstuck show NAME`` shows: one module for each name, and a line in ``table.py``."""
