"""By what each disease is recognized, in words; what computes it is in ``diseases``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

MISSED = "only where the network misses what is reachable"

RECOGNIZED_BY: Mapping[str, str] = MappingProxyType(
    {
        "non_finite": "entries of the rows that are NaN or infinite; else the first value or "
        "gradient that is, with its layer, its operation and its step; else weights "
        "that are",
        "constant_targets": "columns of the targets that hold one value",
        "constant_inputs": "all columns hold one value, or those that do make up most of the mean "
        "square of what the first layer receives, " + MISSED,
        "loss_output_mismatch": "a softmax in front of a loss that applies its own; the least loss "
        "that the output units can reach beside the least that free outputs can; output units that "
        "start flat under a loss whose gradient their slope multiplies; a loss that is the "
        "same whatever is put out, or falls without end",
        "wrong_gradient": "the derivative that training uses beside central differences in "
        "float64, parameter by parameter, at random weights",
        "disconnected_parameters": "parameters whose gradient is exactly 0 at random weights, "
        "beside the difference quotient along them",
        "unbroken_symmetry": "units of a layer that have the same weights and gradients at the "
        "start, and still the same weights now",
        "no_nonlinearity": "how far the whole network is from one affine map at random weights, "
        "with inputs up to 30 times their spread, and how much better than a linear model others "
        "are",
        "conflicting_labels": "the error that rows with equal inputs leave whatever is computed "
        "from them",
        "unrelated_targets": "the cross-validated error of the best plain model beside that of a "
        "constant",
        "unscaled_inputs": "root mean square of the inputs as the first layer receives them, and "
        "the largest over the least deviation of a column; it counts where standardizing cures",
        "unscaled_targets": "root mean square of the targets as the loss receives them; it counts "
        "where standardizing cures",
        "initial_scale": "root mean square of a layer's first weights times the root of its "
        "fan-in, which is 1 where values keep their size; it counts where the usual law cures",
        "saturated_units": "share of a sigmoid layer's units that are flat for nearly every row "
        "before the first step, " + MISSED,
        "dead_units": "share of a layer's units whose slope is 0 for nearly every row before the "
        "first step, " + MISSED,
        "vanishing_gradient": "the adjoint that the first layer receives as a share of the last "
        "one's, at the first looks, and how much of it slopes and weights take; " + MISSED,
        "exploding_gradient": "the same, where it grows; " + MISSED,
        "exploding_activations": "how much more what the last layers receive varies from row to "
        "row than what the first does, " + MISSED,
        "learning_rate_too_high": "training again from the same start with a tenth and a hundredth "
        "of the rate: how much of the gap to what is reachable that closes; " + MISSED,
        "learning_rate_too_low": "the same with rates up to 10000 times as high; " + MISSED,
        "oscillation": "how far the loss swings in the second half of the fit, as a share of what "
        "was gained, and how much of the gap a smaller rate closes; " + MISSED,
        "class_imbalance": "share of the rare classes' rows that is right, beside what plain "
        "models reach and the same fit does where classes have equal weights",
        "plateau": "how little the loss changed over the fit, though less is reachable and more "
        "units do not help; a saddle where second derivatives at the last weights are negative "
        "along a direction",
        "overfitting": "training again without each quarter of the rows: how much larger the error "
        "on the rows left out is than on the others, how much of what was gained on them is lost "
        "again by the end, and what plain models reach there; each beside its standard error",
        "underfitting": "training again without penalty and dropout, and with 8 times the units "
        "(and by lbfgs, where the fit's solver hides it): how much of the gap to what is reachable "
        "that closes; " + MISSED,
    }
)
"""By code."""
