"""A loss function of parameters and a batch, called with some of the batch's rows."""

from __future__ import annotations

import collections
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from unstuck.activations import Array
from unstuck.autodiff.arguments import Arguments, numbers
from unstuck.autodiff.jaxprs import staged
from unstuck.errors import DataError, ParameterError
from unstuck.lazy import jax, jnp


@dataclass(frozen=True)
class Batched:
    """A function ``function(*leaves)`` whose batch has rows.

    Attributes:
        function: of flat leaves; a scalar.
        leaves: parameters, then the batch, as given.
        names: path of every leaf, without the name of the argument.
        parameters: of every leaf, whether it is one of the parameters.
        rowed: of every leaf, whether its first axis goes over rows.
        count: number of rows.
        wide: whether real numbers have 64 bits.
        single: whether the function takes one example, which became a batch of one.
    """

    function: Callable[..., Array]
    leaves: tuple[Any, ...]
    names: tuple[str, ...]
    parameters: tuple[bool, ...]
    rowed: tuple[bool, ...] = ()
    count: int = 1
    wide: bool = False
    single: bool = False

    @staticmethod
    def of(function: Callable[..., Any], parameters: Any, batch: Any) -> Batched:
        """That of a loss function.

        Raises:
            ParameterError: no function, or one whose result is no real number.
            DataError: a batch without rows.
        """
        if not callable(function):
            raise ParameterError(f"diagnose: expected a loss function, received {function!r}.")
        given = Arguments.of(function, (parameters, batch))
        own = [leaf.role == "parameter" for leaf in given.named]
        names = [leaf.name.partition("/")[2] for leaf in given.named]
        with numbers(given.leaves):
            leaves = tuple(_plain(leaf) for leaf in given.leaves)
        made = Batched(_flat(function, given), leaves, tuple(names), tuple(own))
        return _rowed(made)

    @contextlib.contextmanager
    def numbers(self) -> Iterator[None]:
        """JAX with the numbers that the function is called with."""
        with numbers(self.leaves), jax.enable_x64(True) if self.wide else contextlib.nullcontext():
            yield

    def take(self, rows: Array) -> Batched:
        """Some rows."""
        pairs = zip(self.leaves, self.rowed, strict=True)
        return replace(
            self, leaves=tuple(a[rows] if cut else a for a, cut in pairs), count=len(rows)
        )

    def resized(self, count: int) -> Batched:
        """As many rows, from the first on and around."""
        return self.take(np.arange(count) % max(self.count, 1))

    def widened(self, floats: Sequence[int] = ()) -> Batched:
        """Real numbers, and the leaves at some positions, in 64 bits; as it was where that fails.

        A function may fix the width of what it computes in a loop, and mix with nothing else.
        """
        leaves = [
            np.asarray(leaf).astype(np.float64) if _real(leaf) or i in floats else leaf
            for i, leaf in enumerate(self.leaves)
        ]
        made = replace(self, leaves=tuple(leaves), wide=True)
        return made if made.works() else self

    def works(self) -> bool:
        """Whether the function can be called so."""
        try:
            self.staged()
        except Exception:
            return False
        return True

    def staged(self) -> Any:
        """The closed program."""
        with self.numbers():
            return staged(self.function, self.leaves)[0]

    def placed(self, leaves: dict[int, Array]) -> Batched:
        """Other leaves at some positions, in the dtype and, but for rows, the shape of these."""
        every = list(self.leaves)
        for i, leaf in leaves.items():
            old = np.asarray(every[i])
            shape = (-1, *old.shape[1:]) if self.rowed[i] else old.shape
            every[i] = np.asarray(leaf, old.dtype).reshape(shape)
        return replace(self, leaves=tuple(every))


def _flat(function: Callable[..., Any], given: Arguments) -> Callable[..., Array]:
    def flat(*leaves: Any) -> Array:
        return function(*given.rebuilt(leaves))

    return flat


def _plain(leaf: Any) -> Any:
    """NumPy's array, which indexing does not compile, in the width that JAX has by now: whether it
    narrows wider ones itself depends on what was traced before. Random keys stay."""
    is_key = isinstance(leaf, jax.Array) and not jnp.issubdtype(leaf.dtype, jnp.number)
    if is_key and leaf.dtype != bool:
        return leaf
    array = np.asarray(leaf)
    return array.astype(jax.dtypes.canonicalize_dtype(array.dtype), copy=False)


def _real(leaf: Any) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jnp.floating))


def _rowed(made: Batched) -> Batched:
    """With rows found: those of a batch, or those of a batch of the one example."""
    _check_scalar(made)
    batch = [i for i, own in enumerate(made.parameters) if not own]
    count = _count([made.leaves[i].shape for i in batch])
    rows = [i in batch and leaf.shape[:1] == (count,) for i, leaf in enumerate(made.leaves)]
    found = replace(made, rowed=tuple(rows), count=count)
    if count == 0 and any(rows):
        raise DataError("diagnose: the batch has no rows; expected at least one.")
    if not any(rows) or not found.resized(count + 1).works():
        alone = _single(made)
        return alone if alone.works() and _vectors(made, batch) else replace(found, single=False)
    return found


def _vectors(made: Batched, batch: Sequence[int]) -> bool:
    return all(made.leaves[i].ndim <= 1 for i in batch)


def _count(shapes: Sequence[tuple[int, ...]]) -> int:
    """The length of the first axis that most arrays share, or the array with most axes has."""
    lengths = collections.Counter(shape[0] for shape in shapes if shape)
    most = {shape[0]: len(shape) for shape in sorted(shapes, key=len) if shape}
    return max(lengths, key=lambda n: (lengths[n], most[n], n), default=1)


def _single(made: Batched) -> Batched:
    """The mean over a batch, which holds the one example."""
    axes = [None if own else 0 for own in made.parameters]

    def mean(*leaves: Array) -> Array:
        return jax.vmap(made.function, axes)(*leaves).mean()

    leaves = [a if own else a[None] for a, own in zip(made.leaves, made.parameters, strict=True)]
    rows = tuple(not own for own in made.parameters)
    return replace(made, function=mean, leaves=tuple(leaves), rowed=rows, count=1, single=True)


def _check_scalar(made: Batched) -> None:
    with made.numbers():
        results = _shapes(made)
    if len(results) != 1 or not jnp.issubdtype(results[0].dtype, jnp.floating) or results[0].shape:
        received = ", ".join(f"{each.dtype} of shape {each.shape}" for each in results) or "nothing"
        raise ParameterError(
            "diagnose: expected a loss function that returns one real number of shape (), such as "
            f"a mean over rows; it returned {received}."
        )


def _shapes(made: Batched) -> list[Any]:
    """Shapes of what a function returns, or an error that says why it cannot be called."""
    try:
        return jax.tree.leaves(jax.eval_shape(made.function, *made.leaves))
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as problem:
        raise ParameterError(
            "diagnose: the loss function cannot be traced, because its code needs the number "
            f"inside an array ({str(problem).strip().splitlines()[0]}). Use jax.numpy in place of "
            "NumPy and math, and jnp.where or jax.lax.cond in place of `if`."
        ) from problem
    except Exception as problem:
        raise ParameterError(
            "diagnose: the loss function failed on these parameters and this batch, called as "
            f"loss_function(parameters, batch): {type(problem).__name__}: "
            f"{str(problem).strip().partition(chr(10))[0]}"
        ) from problem
