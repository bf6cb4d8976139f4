"""What ``unstuck.selection`` offers, and where it lives: the only list."""

from . import approximation as approximation
from .candidate import Candidate as Candidate
from .choosing import choose as choose
from .excess import ExcessError as ExcessError
from .excess import excess_error as excess_error
from .online import OnceOrAgain as OnceOrAgain
from .online import once_or_again as once_or_again
from .table import ValidationTable as ValidationTable
