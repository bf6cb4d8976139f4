"""Data sets by name: scikit-learn's small ones, which need no network, and generated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from unstuck.choices import Choices
from unstuck.data import generated
from unstuck.errors import DataError, raise_together
from unstuck.readable import Facts, Readable
from unstuck.summary import number

MOST_ROWS = 10**8
"""Rows that are generated at most."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(Readable):
    """Rows to learn from.

    Attributes:
        name: its name in ``DATASETS``.
        X: inputs, shape (rows, columns), float64.
        y: targets, shape (rows,): integers for classes, else float64.
        task: ``"classification"`` or ``"regression"``.
        feature_names: one name a column.
        target_names: one name a class; empty for regression.
        description: one sentence.
    """

    name: str
    X: np.ndarray
    y: np.ndarray
    task: str
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str

    def _told(self) -> Facts:
        rows, columns = self.X.shape
        classes = f" of {', '.join(self.target_names)}" if self.target_names else ""
        said = f"{self.name}: {rows:,} rows, {columns} columns, {self.task}{classes}."
        table = [("column", "least", "mean", "largest")]
        for name, column in zip(self.feature_names, self.X.T, strict=True):
            least, mean, largest = map(number, (column.min(), column.mean(), column.max()))
            table.append((name, least, mean, largest))
        return Facts("Dataset", (said, self.description), table)


Loaded = tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[str, ...]]
"""Inputs, targets, names of the columns, names of the classes."""


@dataclass(frozen=True)
class Recipe:
    """How a data set is made.

    Attributes:
        name: what it is called.
        task: ``"classification"`` or ``"regression"``.
        rows: how many there are; for a generated set, how many unless another number is asked for.
        columns: number of inputs.
        description: one sentence.
        load: ``load(n, seed, noise)`` returns inputs, targets, column names and class names.
        noise: standard deviation of the noise; ``None`` for a set that is not generated.
        aliases: other names.
        reference: where it comes from.

    Example:
        >>> from unstuck.data.datasets import DATASETS
        >>> DATASETS["spirals"].generated, DATASETS["iris"].generated
        (True, False)
    """

    name: str
    task: str
    rows: int
    columns: int
    description: str
    load: Callable[[int, int, float], Loaded]
    noise: float | None = None
    aliases: tuple[str, ...] = ()
    reference: str = ""

    @property
    def generated(self) -> bool:
        """Whether the rows are drawn, so that their number and noise can be chosen."""
        return self.noise is not None

    @property
    def parameters(self) -> tuple[str, ...]:
        """What ``load_dataset`` lets a user choose."""
        return ("n", "seed", "noise") if self.generated else ("n", "seed")


def load_dataset(
    name: str, n: int | None = None, seed: int = 0, noise: float | None = None
) -> Dataset:
    """A data set by name.

    Arguments:
        name: one of ``DATASETS``.
        n: number of rows; of a set that is not generated, that many are drawn without repetition.
        seed: of the generated rows, or of the drawing.
        noise: standard deviation of the noise of a generated set.

    Raises:
        ParameterError: no such name; the nearest one is suggested.
        DataError: a size, seed or noise that the set cannot have.

    Example:
        >>> from unstuck.data.datasets import load_dataset
        >>> moons = load_dataset("moons", n=100, seed=1)
        >>> moons.X.shape, moons.task, moons.target_names
        ((100, 2), 'classification', ('upper', 'lower'))
    """
    recipe = DATASETS.resolve(name)
    _check(recipe, n, seed, noise)
    count = recipe.rows if n is None else int(n)
    spread = recipe.noise if noise is None else float(noise)
    try:
        X, y, feature_names, target_names = recipe.load(count, seed, spread or 0.0)
    except MemoryError as problem:
        raise DataError(
            f"data set {recipe.name!r}: {count:,} rows do not fit into memory; ask for fewer."
        ) from problem
    if count < len(y):
        taken = np.sort(np.random.default_rng(seed).choice(len(y), count, replace=False))
        X, y = X[taken], y[taken]
    return Dataset(recipe.name, X, y, recipe.task, feature_names, target_names, recipe.description)


def _check(recipe: Recipe, n: int | None, seed: int, noise: float | None) -> None:
    mistakes = []
    if n is not None and n < 1:
        mistakes.append(f"{n} rows were asked for; expected at least 1.")
    elif n is not None and n > MOST_ROWS:
        mistakes.append(f"{n} rows were asked for; expected at most {MOST_ROWS:,}.")
    elif n is not None and n > recipe.rows and not recipe.generated:
        mistakes.append(f"{n} rows were asked for, and it has {recipe.rows}; ask for fewer.")
    if seed < 0:
        mistakes.append(f"the seed was {seed}; expected an integer >= 0.")
    if noise is not None and not recipe.generated:
        mistakes.append(f"noise={noise:g} was asked for, and its rows are measured, not generated.")
    elif noise is not None and not 0 <= noise < np.inf:
        mistakes.append(f"the noise was {noise}; expected a number >= 0.")
    raise_together(mistakes, DataError, f"data set {recipe.name!r}")


def _bundled(name: str) -> Callable[[int, int, float], Loaded]:
    """A loader of scikit-learn's, imported when it is used: it takes most of a second."""

    def load(n: int, seed: int, noise: float) -> Loaded:
        del n, seed, noise
        import sklearn.datasets

        bunch = getattr(sklearn.datasets, f"load_{name}")()
        columns = tuple(str(column) for column in bunch.feature_names)
        classes = tuple(str(each) for each in bunch.get("target_names", ()))
        return bunch.data, bunch.target, columns, classes

    return load


def _drawn(
    draw: Callable[[int, np.random.Generator, float], tuple[np.ndarray, np.ndarray]],
    *classes: str,
) -> Callable[[int, int, float], Loaded]:
    """A loader that generates its rows."""

    def load(n: int, seed: int, noise: float) -> Loaded:
        X, y = draw(n, np.random.default_rng(seed), noise)
        columns = tuple(f"x{i + 1}" for i in range(X.shape[1]))
        return X, y, columns, classes

    return load


CLASSES, NUMBERS = "classification", "regression"

DATASETS: Choices[Recipe] = Choices(
    "data set",
    (
        Recipe(
            "iris",
            CLASSES,
            150,
            4,
            "Three species of iris by the size of their petals and sepals.",
            _bundled("iris"),
            reference="Fisher 1936",
        ),
        Recipe(
            "wine",
            CLASSES,
            178,
            13,
            "Three growers of wine by a chemical analysis.",
            _bundled("wine"),
            reference="Forina et al. 1988",
        ),
        Recipe(
            "breast_cancer",
            CLASSES,
            569,
            30,
            "Malignant or benign, by the shape of the cell nuclei.",
            _bundled("breast_cancer"),
            aliases=("cancer",),
            reference="Street, Wolberg and Mangasarian 1993",
        ),
        Recipe(
            "digits",
            CLASSES,
            1797,
            64,
            "Handwritten digits as images of 8 x 8 pixels.",
            _bundled("digits"),
            reference="Alpaydin and Kaynak 1998",
        ),
        Recipe(
            "diabetes",
            NUMBERS,
            442,
            10,
            "Progress of diabetes after a year, from ten measurements.",
            _bundled("diabetes"),
            reference="Efron et al. 2004",
        ),
        Recipe(
            "xor",
            CLASSES,
            400,
            2,
            "Exclusive or: four corners, opposite ones alike; no line separates them.",
            _drawn(generated.xor, "same", "different"),
            noise=0.15,
            reference="Minsky and Papert 1969",
        ),
        Recipe(
            "moons",
            CLASSES,
            1000,
            2,
            "Two half circles that reach into each other.",
            _drawn(generated.moons, "upper", "lower"),
            noise=0.1,
            reference="scikit-learn, make_moons",
        ),
        Recipe(
            "circles",
            CLASSES,
            1000,
            2,
            "A circle within a circle.",
            _drawn(generated.circles, "outer", "inner"),
            noise=0.05,
            reference="scikit-learn, make_circles",
        ),
        Recipe(
            "spirals",
            CLASSES,
            1000,
            2,
            "Two spirals of a turn and a half, wound into each other.",
            _drawn(generated.spirals, "first", "second"),
            noise=0.02,
            aliases=("two_spirals",),
            reference="Lang and Witbrock 1988",
        ),
        Recipe(
            "sine",
            NUMBERS,
            500,
            1,
            "sin(x) over two periods, with noise.",
            _drawn(generated.sine),
            noise=0.1,
            reference="Bishop 2006, section 1.1",
        ),
        Recipe(
            "blobs",
            CLASSES,
            600,
            2,
            "Three round clouds of points.",
            _drawn(generated.blobs, "a", "b", "c"),
            noise=1.0,
            reference="scikit-learn, make_blobs",
        ),
    ),
)
"""Every data set, by name."""
