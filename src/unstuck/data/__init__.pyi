"""What ``unstuck.data`` offers: the only list."""

from . import datasets as datasets
