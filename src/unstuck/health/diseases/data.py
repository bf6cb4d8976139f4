"""What is wrong with the rows whatever the network: numbers that are none, and constants."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unstuck.health.case import Case
from unstuck.health.disease import LENGTHS, Disease
from unstuck.health.finding import Evidence, Lookalike, Remedy, Sign
from unstuck.health.words import counted, listed
from unstuck.record import Array

BURDEN = 0.9
"""Constant columns with more than this share of the inputs' mean square drown the others."""
LOAD_AGAIN = Remedy(
    "Load the network from its file again, or train it anew.",
    "A fit keeps only finite weights; these were changed after it.",
)


def _bad_rows(case: Case) -> Iterator[Sign]:
    sample = case.sample
    assert sample is not None
    for what, array in (("inputs", sample.x), ("targets", sample.y)):
        bad = np.argwhere(~np.isfinite(np.asarray(array, float)))
        if len(bad):
            row, column = (int(i) for i in bad[0][:2])
            named = what == "inputs" and case.facts.columns
            where = case.facts.columns[column] if named else column
            yield Sign(
                f"The {what} hold {counted(len(bad), 'number')} that "
                f"{'is' if len(bad) == 1 else 'are'} not finite, first in row {row} of the "
                f"{len(array):,} looked at, column {where!r}.",
                (
                    Evidence(
                        f"numbers among the {what} that are not finite",
                        len(bad),
                        0.0,
                        where=f"{len(array)} rows",
                    ),
                ),
            )


def _broken_computation(case: Case) -> Iterator[Sign]:
    """A computation that gives no finite numbers at the weights it was handed."""
    if case.trained:
        yield from list(_broken_at_start(case)) or _broken_weights(case)
        return
    origin = case.subject.origin()
    if origin is not None:
        yield _broken(
            origin.what, origin.layer, origin.operation, origin.example, "at these weights"
        )


def _broken_at_start(case: Case) -> Iterator[Sign]:
    """The first number on the way to the loss that is not finite, else the first on the way
    back."""
    if case.start is None:
        return
    layers, when = case.start.layers, "before the first step"
    for layer in layers:
        for name, array in layer.values.items():
            if not np.isfinite(array).all():
                yield _broken("a value", layer.name, name, _row(array), when)
                return
    if not np.isfinite(case.start.losses).all():
        yield _broken("the loss", layers[-1].name, "loss", _row(case.start.losses), when)
        return
    for layer in reversed(layers):
        for arrays, row in ((layer.adjoints, _row), (layer.gradients, lambda array: None)):
            for name, array in arrays.items():
                if not np.isfinite(array).all():
                    yield _broken("the gradient", layer.name, name, row(array), when)
                    return


def _broken_weights(case: Case) -> Iterator[Sign]:
    """Weights that are not finite now: a fit keeps none, they were changed after it."""
    for layer in () if case.end is None else case.end.layers:
        bad = sum(int((~np.isfinite(array)).sum()) for array in layer.weights.values())
        if bad:
            yield Sign(
                f"Weights in layer {layer.name!r} are not finite: every number after them is lost.",
                (Evidence("weights that are not finite", float(bad), 0.0, where="at the end"),),
                layer.name,
                remedies=(LOAD_AGAIN,),
            )
            return


def _row(array: Array) -> int:
    """The first row that is not finite."""
    return int(np.argmin(np.isfinite(array).reshape(len(array), -1).all(1)))


def _broken(what: str, layer: str | None, operation: str, example: int | None, when: str) -> Sign:
    place = f" in layer {layer!r}" if layer else ""
    through = f", made by {operation!r}" if operation else ""
    row = "" if example is None else f", in row {example} of those looked at"
    return Sign(
        f"{what[0].upper()}{what[1:]} is not finite {when}{place}{through}{row}: every number "
        "after it is lost.",
        (Evidence("numbers that are not finite", 1.0, 0.0, where=when),),
        layer,
    )


def _non_finite(case: Case) -> Iterator[Sign]:
    found = list(_bad_rows(case)) if case.sample is not None else []
    yield from found or _broken_computation(case)


def _blown_up(case: Case) -> Iterator[Sign]:
    """A fit that was finite at first; where no cause was found before."""
    origin = case.subject.origin()
    if origin is not None and case.trained:
        place = f" in layer {origin.layer!r}" if origin.layer else ""
        when = f" at step {origin.step} (epoch {origin.epoch})" if origin.step else ""
        yield Sign(
            f"{origin.what[0].upper()}{origin.what[1:]} became non-finite{when}{place}; weights "
            "and rows were finite before.",
            (Evidence("step at which it happened", float(origin.step)),) * bool(when),
            origin.layer,
            parameters={name: value / 10 for name, value in case.facts.rates.items()},
            ruled_out={"learning_rate_too_high": "smaller rates do not mend it alone"},
            first=2,
        )


def _constant_targets(case: Case) -> Iterator[Sign]:
    sample = case.labeled
    assert sample is not None
    labels = np.asarray(sample.labels)[sample.w > 0]
    if len(np.unique(labels, axis=0)) > 1 or len(case.facts.classes) > 1:
        return
    yield Sign(
        "All targets are the same: there is nothing to learn.",
        (
            Evidence(
                "different targets",
                1.0,
                2.0,
                "below",
                f"{len(labels)} training rows",
            ),
        ),
    )


def _constant_inputs(case: Case) -> Iterator[Sign]:
    sample = case.sample
    assert sample is not None
    constant = sample.constant_received
    if not constant.any():
        return
    squares = (np.asarray(sample.x, float) ** 2).mean(0)
    burden = float(squares[constant].sum() / max(squares.sum(), 1e-300))
    names = listed([case.facts.column(i) for i in np.flatnonzero(constant).tolist()])
    share = Evidence(
        "share of the columns that hold one value",
        float(sample.constant.mean()),
        where=f"{len(sample.x)} rows",
    )
    if sample.constant.all():
        varied = Evidence("columns that vary", 0.0, 1.0, "below", share.where)
        said = "Every input column is constant: nothing tells one row from another."
        yield Sign(said, (varied,), first=1)
    elif burden > BURDEN and squares[constant].max() > 10.0 and case.missed:
        yield Sign(
            f"Constant columns ({names}) make up {100 * burden:.1f} % of what the first layer "
            "receives; they act as one huge bias and hide the columns that tell rows apart.",
            (
                share,
                Evidence(
                    "their share of the inputs' mean square",
                    burden,
                    BURDEN,
                    where="as the first layer receives them",
                ),
            ),
            None if case.start is None else case.start.layers[0].name,
        )


DISEASES = (
    Disease(
        "non_finite",
        "data",
        "A number became infinite or NaN; everything computed from it is lost, too.",
        (),
        _non_finite,
        (
            Lookalike("learning_rate_too_high", "there numbers are finite before the first step"),
            Lookalike("unscaled_inputs", "there all rows are finite, only large"),
        ),
        (
            Remedy(
                "Mend or leave out the rows that are named.", "NaN in a row is NaN in the loss."
            ),
            Remedy(
                "Give the operation that is named an argument at which it and its derivative "
                "are finite (sqrt(x + 1e-12), log of what is kept above 0).",
                "The derivative of sqrt at 0 is infinite, and infinity times 0 is NaN.",
            ),
            Remedy(
                "Take shorter steps, or cut long ones.",
                "Numbers were finite until steps became too long.",
                {**LENGTHS, "clip_norm": 1.0},
            ),
        ),
        "Goldberg 1991, What every computer scientist should know about floating-point arithmetic",
        also={"steps": _blown_up},
    ),
    Disease(
        "constant_targets",
        "data",
        "All rows have the same target: the best network is a constant.",
        ("labeled",),
        _constant_targets,
        (Lookalike("unrelated_targets", "those vary, only not with the inputs"),),
        (
            Remedy(
                "Check how rows and target were selected.",
                "No training can find what is not there.",
            ),
        ),
        "Bishop 2006, section 1.5.5",
    ),
    Disease(
        "constant_inputs",
        "data",
        "Input columns hold one value: they carry nothing, and where they are large they hide the "
        "others.",
        ("sample",),
        _constant_inputs,
        (
            Lookalike(
                "unscaled_inputs", "those columns vary; their spread is too large or too small"
            ),
            Lookalike("sparse columns", "a column that is nearly always 0 still varies"),
        ),
        (
            Remedy(
                "Remove these columns, or standardize the inputs, which makes them 0.",
                "A constant column is a second bias.",
                {"scale_inputs": True},
            ),
            Remedy(
                "Check how the columns were selected and converted.",
                "Columns that never vary were often cut off or rounded on the way.",
            ),
        ),
        "LeCun et al. 1998, Efficient BackProp, section 4.3",
    ),
)
