"""What ``unstuck.selection.approximation`` offers, and where it lives: the only list."""

from .barron import BarronStudy as BarronStudy
from .barron import beside_barron as beside_barron
from .boundary import Boundary as Boundary
from .boundary import class_boundary as class_boundary
from .floor import Floor as Floor
from .floor import polynomial_floor as polynomial_floor
from .needed import UnitsNeeded as UnitsNeeded
from .needed import units_needed as units_needed
from .one_variable import Approximation as Approximation
from .one_variable import unit_by_unit as unit_by_unit
from .smooth import SMOOTH as SMOOTH
from .smooth import SmoothFunction as SmoothFunction
