"""What ``unstuck.solvers`` offers, and where it lives: the only list."""

from .descent import Minimum as Minimum
from .functions import least_squares as least_squares
from .functions import minimize as minimize
