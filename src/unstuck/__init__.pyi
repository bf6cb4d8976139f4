"""Every name of the package and where it lives: the only list."""

from .activations import ACTIVATIONS as ACTIVATIONS
from .activations import Activation as Activation
from .autodiff.trace import trace as trace
from .data import datasets as datasets
from .data.table import TableEncoder as TableEncoder
from .derivatives.curvature import Curvature as Curvature
from .derivatives.curvature import curvature as curvature
from .derivatives.verify import GradientCheck as GradientCheck
from .derivatives.verify import check_gradients as check_gradients
from .errors import DataError as DataError
from .errors import FileError as FileError
from .errors import GradientError as GradientError
from .errors import IgnoredParameterWarning as IgnoredParameterWarning
from .errors import InterruptedWarning as InterruptedWarning
from .errors import ParameterError as ParameterError
from .errors import StuckWarning as StuckWarning
from .errors import UnstuckError as UnstuckError
from .errors import UnstuckWarning as UnstuckWarning
from .estimators.backpropagation import backpropagation as backpropagation
from .estimators.classifier import NetClassifier as NetClassifier
from .estimators.inspection import record_of as record_of
from .estimators.loading import load as load
from .estimators.regressor import NetRegressor as NetRegressor
from .graph import Graph as Graph
from .graph import Node as Node
from .initializers import INITIALIZERS as INITIALIZERS
from .initializers import Initializer as Initializer
from .losses import LOSSES as LOSSES
from .losses import Loss as Loss
from .report.curve_display import FittedCurveDisplay as FittedCurveDisplay
from .report.regression_displays import ErrorHistogramDisplay as ErrorHistogramDisplay
from .report.regression_displays import RegressionDisplay as RegressionDisplay
from .report.training_displays import TrainingCurveDisplay as TrainingCurveDisplay
from .report.training_displays import TrainingStateDisplay as TrainingStateDisplay
from .solvers.schedules import SCHEDULES as SCHEDULES
from .solvers.stop import Stop as Stop
from .solvers.stop import StopReason as StopReason
from .solvers.table import SOLVERS as SOLVERS
from .symmetry.align import Alignment as Alignment
from .symmetry.align import align as align
from .symmetry.symmetry import equivalent_minima as equivalent_minima

__version__: str
