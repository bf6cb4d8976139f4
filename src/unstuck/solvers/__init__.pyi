"""What ``unstuck.solvers`` offers, and where it lives: the only list."""

from .curves import Curve as Curve
from .curves import fit_curve as fit_curve
from .descent import Minimum as Minimum
from .fitted import Fit as Fit
from .functions import least_squares as least_squares
from .functions import minimize as minimize
