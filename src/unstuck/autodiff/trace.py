"""Any JAX function as a graph with the value and the derivative at every node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff import jaxprs
from unstuck.autodiff.arguments import Arguments, is_array, is_count, is_counts, numbers
from unstuck.autodiff.assemble import assemble
from unstuck.autodiff.calls import opened
from unstuck.autodiff.propagate import forward, is_continuous, plain, reverse
from unstuck.errors import ParameterError, UnstuckError, did_you_mean
from unstuck.graph import Graph
from unstuck.lazy import jax, jnp

MODES = ("reverse", "forward", "values")
MOST_OPERATIONS = 20_000
"""Operations up to which a function is traced: a quarter of a minute of work or more."""


def trace(
    function: Callable[..., Any],
    *arguments: Any,
    mode: str = "reverse",
    tangents: Any = None,
    seed: Any = None,
) -> Graph:
    """The graph of ``function(*arguments)``: every operation, its value and its derivative.

    The adjoint of a node is the derivative of the output with respect to it, summed over all
    paths. One pass back gives all of them. The operations are carried out one by one, so a value
    is what that operation alone makes of its parents. Where a derivative does not exist, JAX's
    convention is shown (``jax.grad(jnp.abs)(0.0)`` is 1).

    Arguments:
        function: a function made of JAX operations. Compiled functions, loops and functions with
            derivative rules of their own inside it become one node each, which can be opened.
        arguments: pytrees. Arrays and numbers in the first are parameters, in the others inputs,
            named by their path; everything else in them is handed on as it is, and so are whole
            numbers where the function needs them as such (a shape, how often a loop is run).
        mode: ``"reverse"`` for adjoints, ``"forward"`` for tangents, ``"values"`` for neither.
        tangents: with ``mode="forward"``, the direction: either a tuple with the structure of all
            arguments, or the structure of the first, and the others stay as they are. Numbers are
            spread over whole arrays; what stands for integers is not read.
        seed: with ``mode="reverse"``, the adjoints of the outputs, in their structure. 1 for one
            real output of shape (); other functions need it to have adjoints.

    Returns:
        The graph. Numbers have 64 bits where an argument has (or where numbers of Python are all
        there is), and otherwise those that JAX is set to.

    Raises:
        ParameterError: the function cannot be traced, or an option does not fit it.

    Example:
        >>> import numpy as np
        >>> graph = trace(lambda w, x: ((w * x) ** 2).sum(), np.array([1.0, 2.0]), np.ones(2))
        >>> print(graph)
        name  operation  parents  shape  value  adjoint
        w     parameter           (2,)   [1 2]  [2 4]
        x     input               (2,)   [1 1]  [2 8]
        u1    multiply   w, x     (2,)   [1 2]  [2 4]
        u2    power 2    u1       (2,)   [1 4]  [1 1]
        u3    sum        u2       ()     5      1
        >>> graph.node("w").adjoint
        array([2., 4.])

    Reference: Griewank and Walther 2008; Bishop 2006, section 5.3.
    """
    _check(function, mode, tangents, seed)
    given = Arguments.of(function, arguments)
    with numbers(given.leaves):
        return _traced(function, given, mode, tangents, seed)


def _traced(
    function: Callable[..., Any], given: Arguments, mode: str, tangents: Any, seed: Any
) -> Graph:
    every = given.named
    given, closed, shapes = _staged(function, given)
    held = [leaf.name for leaf in every if leaf not in given.named]
    program = jaxprs.program(closed)
    if len(program.operations) > MOST_OPERATIONS:
        raise ParameterError(
            f"trace: the function makes {len(program.operations):,} operations; expected at most "
            f"{MOST_OPERATIONS:,}. Trace a part of it, or write its loop with jax.lax.scan, which "
            "is one node."
        )
    arrays, missing = given.arrays(program), ""
    if mode == "reverse":
        seeds, missing = _seeds(shapes, seed)
        mode = "values" if missing else mode
    if mode == "reverse":
        computed = reverse(program, arrays, seeds)
    elif mode == "forward":
        computed = forward(program, arrays, given.along(tangents, arrays))
    else:
        computed = plain(program, arrays)
    return assemble(program, computed, given.named, mode, opened, missing, _notes(held))


def _notes(held: Sequence[str]) -> tuple[str, ...]:
    if not held:
        return ()
    said = "is a whole number" if len(held) == 1 else "are whole numbers"
    return (
        f"{', '.join(held)} {said} that the function's code counts with: no node of the graph.",
    )


def _check(function: Any, mode: str, tangents: Any, seed: Any) -> None:
    if not callable(function):
        raise ParameterError(f"trace: expected a function first, received {function!r}.")
    if mode not in MODES:
        raise ParameterError(
            f"trace: mode={mode!r} is not known; expected one of {', '.join(map(repr, MODES))}."
            f"{did_you_mean(mode, MODES)}"
        )
    if (tangents is None) == (mode == "forward"):
        received = "no tangents" if tangents is None else f"tangents with mode={mode!r}"
        raise ParameterError(
            f"trace: received {received}; mode='forward' and tangents go together: the direction "
            "along which the arguments move."
        )
    if seed is not None and mode != "reverse":
        raise ParameterError(f"trace: seed is for mode='reverse', received mode={mode!r}.")


def _staged(function: Callable[..., Any], given: Arguments) -> tuple[Arguments, Any, Any]:
    """The arguments and the program of the function, or an error that says why there is none.

    Where it needs whole numbers among its arguments as numbers (a shape, how often a loop is run),
    these are handed on as they are, and are no nodes.
    """
    try:
        return given, *jaxprs.staged(_flat(function, given), given.leaves)
    except (TypeError, ValueError, IndexError) as problem:
        if isinstance(problem, UnstuckError):
            raise
        first = problem
    for held in (is_count, is_counts):
        fewer = given.holding(held)
        if len(fewer.which) < len(given.which):
            try:
                return fewer, *jaxprs.staged(_flat(function, fewer), fewer.leaves)
            except (TypeError, ValueError, IndexError) as problem:
                first = problem if _needs_numbers(problem) else first
    if not _needs_numbers(first):
        raise first
    raise ParameterError(
        "trace: the function cannot be traced, because its code needs the number inside an "
        f"array ({str(first).strip().splitlines()[0]}). Use jax.numpy in place of NumPy and "
        "math, jnp.where or jax.lax.cond in place of `if`, no float(x) or int(x); and let the "
        "function close over numbers that decide shapes or how often a loop is run, or pass "
        "them as whole numbers of Python."
    ) from first


def _needs_numbers(problem: Exception) -> bool:
    """Whether code failed because it was given an array whose numbers it may not see."""
    kinds = (jax.errors.JAXTypeError, jax.errors.JAXIndexError)
    return isinstance(problem, kinds) or "Tracer" in str(problem)


def _flat(function: Callable[..., Any], given: Arguments) -> Callable[..., Any]:
    """The function of the arrays among its arguments."""

    def flat(*leaves: Any) -> Any:
        result = function(*given.rebuilt(leaves))
        for leaf in jax.tree.leaves(result):
            if not is_array(leaf) and not isinstance(leaf, bool):
                raise ParameterError(
                    f"trace: the function returned {type(leaf).__name__} {leaf!r}; expected arrays "
                    "or numbers, alone or in a pytree."
                )
        return result

    return flat


def _seeds(shapes: Any, seed: Any) -> tuple[list[Array | None], str]:
    """The outputs' adjoints, or why there are none."""
    outputs = jax.tree.leaves(shapes)
    if seed is None:
        missing = _no_single_output(outputs)
        return ([], missing) if missing else ([jnp.ones((), outputs[0].dtype)], "")
    given = jax.tree.leaves(seed)
    received: Any = jax.tree.structure(seed)
    if received != jax.tree.structure(shapes) or not all(map(_spreads, given, outputs)):
        raise ParameterError(
            f"trace: the seed has the shapes {jax.tree.map(np.shape, seed)}; expected one array "
            f"for each output: {jax.tree.map(lambda output: output.shape, shapes)}."
        )
    return [
        jnp.broadcast_to(jnp.asarray(part, output.dtype), output.shape)
        if is_continuous(output)
        else None
        for part, output in zip(given, outputs, strict=True)
    ], ""


def _spreads(part: Any, output: Any) -> bool:
    """Whether an array can be spread over an output's shape."""
    try:
        return np.broadcast_shapes(np.shape(part), output.shape) == output.shape
    except ValueError:
        return False


def _no_single_output(outputs: Sequence[Any]) -> str:
    """Why a function has no adjoints without a seed; nothing if it has."""
    if len(outputs) != 1:
        return (
            f"No adjoints: the function returns {len(outputs)} arrays, and a derivative is of one "
            "number. Return one, or give seed=, the adjoints of the outputs."
        )
    shape, dtype = outputs[0].shape, outputs[0].dtype
    if shape:
        return (
            f"No adjoints: the output has shape {shape}, and a derivative is of one number. "
            "Return a sum or mean, or give seed=, the adjoint of the output."
        )
    if not np.issubdtype(dtype, np.floating) and str(dtype) != "bfloat16":
        kind = "complex" if np.issubdtype(dtype, np.complexfloating) else str(dtype)
        return (
            f"No adjoints: the output is {kind}, and a derivative is of a real number. "
            "Return a real number, such as the absolute value, or cast an integer to float."
        )
    return ""
