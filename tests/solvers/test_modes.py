"""Derivatives in the mode that there is: functions without forward or without reverse mode."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from unstuck.errors import ParameterError
from unstuck.solvers import least_squares, minimize

T = np.linspace(0.0, 1.0, 10)
Y = 3.0 * np.exp(-2.0 * T)


@jax.custom_vjp
def backward_only(x):
    return jnp.exp(x)


backward_only.defvjp(lambda x: (jnp.exp(x),) * 2, lambda z, ct: (ct * z,))


@jax.jit
def forward_only(x):
    """exp(x), in a loop that JAX does not unroll."""
    _, z = jax.lax.while_loop(
        lambda at: at[0] < 1, lambda at: (at[0] + 1, at[1] * jnp.exp(x)), (0, jnp.ones_like(x))
    )
    return z


def undifferentiable(x):
    return jax.pure_callback(np.exp, jax.ShapeDtypeStruct(x.shape, x.dtype), x)


def decay(p, exp):
    return p[0] * exp(-p[1] * T) - Y


@pytest.mark.parametrize("solver", ["lm", "br", "bfgs", "lbfgs", "scg", "cg"])
@pytest.mark.parametrize("exp", [backward_only, forward_only])
def test_one_mode_is_enough(exp, solver):
    found = least_squares(lambda p: decay(p, exp), [1.0, 1.0], solver=solver)
    np.testing.assert_allclose(found.parameters, [3.0, 2.0], rtol=1e-3)


@pytest.mark.parametrize("exp", [backward_only, forward_only])
def test_the_same_steps_as_with_both_modes(exp):
    """But for the second derivative of the path, a difference in one more place."""
    options = {"geodesic_acceleration": False, "max_iter": 5}
    both = least_squares(lambda p: decay(p, jnp.exp), [1.0, 1.0], **options)
    one = least_squares(lambda p: decay(p, exp), [1.0, 1.0], **options)
    np.testing.assert_allclose(one.history["loss"], both.history["loss"], rtol=1e-9)


def test_neither_mode_is_refused_in_words():
    with pytest.raises(ParameterError, match="cannot differentiate the function: Pure callbacks"):
        least_squares(lambda p: decay(p, undifferentiable), [1.0, 1.0])
    with pytest.raises(ParameterError, match="jacobian="):
        minimize(lambda p: undifferentiable(p).sum(), np.ones(2))


def test_a_jacobian_of_ones_own_needs_none():
    def jacobian(p):
        e = jnp.exp(-p[1] * T)
        return jnp.stack([e, -p[0] * T * e], axis=1)

    found = least_squares(lambda p: decay(p, undifferentiable), [1.0, 1.0], jacobian=jacobian)
    np.testing.assert_allclose(found.parameters, [3.0, 2.0], rtol=1e-6)
    np.testing.assert_allclose(found.jacobian, jacobian(found.parameters), rtol=1e-6)
