"""What ``unstuck.selection`` offers, and where it lives: the only list."""

from . import approximation as approximation
from .candidate import Candidate as Candidate
from .choosing import choose as choose
from .table import ValidationTable as ValidationTable
