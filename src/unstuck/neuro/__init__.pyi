"""What ``unstuck.neuro`` offers, and where it lives: the only list."""

from .activity import Activity as Activity
from .activity import activity as activity
from .boolean import truth_table as truth_table
from .circuit import Circuit as Circuit
from .circuit import circuit_of as circuit_of
from .discriminant import BesideDiscriminant as BesideDiscriminant
from .discriminant import beside_discriminant as beside_discriminant
from .logistic import LogisticUnit as LogisticUnit
from .logistic import logistic_unit as logistic_unit
from .overlap import Overlap as Overlap
from .overlap import overlap as overlap
from .perceptron import Perceptron as Perceptron
from .representable import Representation as Representation
from .representable import functions_of_two as functions_of_two
from .representable import representable as representable
from .separation import Separation as Separation
from .separation import separation as separation
from .threshold import GATES as GATES
from .threshold import ThresholdLogicUnit as ThresholdLogicUnit
from .xor import TwoLayers as TwoLayers
from .xor import by_hand as by_hand
