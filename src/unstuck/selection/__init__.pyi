"""What ``unstuck.selection`` offers, and where it lives: the only list."""

from . import approximation as approximation
