"""What there is to tell of every layer, from a subject: measured at the start and at the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

import numpy as np

from unstuck.health.diseases.depth import adjoint_norms, factors
from unstuck.health.subject import Parameters, Subject
from unstuck.record import Record
from unstuck.report.document.contents import END, START, Back, Layers
from unstuck.report.document.quantities import quantities
from unstuck.report.document.units import active_share, states

TINY = 1e-300


def layers_of(subject: Subject, note: Callable[[str], None]) -> Layers | None:
    """Every layer of a network; ``None`` where nothing was recorded.

    Arguments:
        subject: the network, and rows.
        note: told what is missing, in a sentence.
    """
    records = _records(subject, note)
    if END not in records:
        return None
    last, moments = records[END], records.items()
    layers = last.layers
    return Layers(
        names=tuple(layer.name for layer in layers),
        units=tuple(int(np.shape(layer.slopes)[-1]) for layer in layers),
        activations=tuple(layer.unit.name for layer in layers),
        bounds=np.array([layer.unit.largest_slope for layer in layers], float),
        rows=len(last.losses),
        epochs=last.epoch,
        quantities=quantities(records),
        back={moment: back(record) for moment, record in moments},
        states={moment: _states(record) for moment, record in moments},
        active={
            moment: np.array([active_share(layer) for layer in record.layers])
            for moment, record in moments
        },
        first_step=_first_step(subject) if START in records else None,
        moved=_moved(subject, last) if START in records else None,
    )


def _records(subject: Subject, note: Callable[[str], None]) -> dict[str, Record]:
    """By moment; a network whose first weights are not known has an end only."""
    found = {}
    for moment in (START, END):
        try:
            with np.errstate(all="ignore"):
                record = subject.record(moment)
        except (ValueError, ArithmeticError) as problem:
            note(f"the layers at the {moment}: {problem}")
            continue
        if record is not None:
            found[moment] = record
    return found


def back(record: Record) -> Back:
    """What happens to adjoints on their way back.

    Arguments:
        record: every layer at one moment.
    """
    with np.errstate(all="ignore"):
        norms = adjoint_norms(record)
        pairs = [factors(one, two) for one, two in itertools.pairwise(record.layers)]
        weights, slopes = np.array(pairs, float).reshape(-1, 2).T
        return Back(norms / norms[-1] if norms[-1] > 0 else norms * np.nan, slopes, weights)


def _states(record: Record) -> list[np.ndarray]:
    after = (*record.layers[1:], None)
    return [states(layer, next_) for layer, next_ in zip(record.layers, after, strict=True)]


def _first_step(subject: Subject) -> np.ndarray | None:
    start = subject.parameters(START)
    step = None if start is None else subject.step(start)
    return None if step is None or start is None else _ratios(step, start)


def _moved(subject: Subject, last: Record) -> np.ndarray | None:
    start, end = subject.parameters(START), subject.parameters(END)
    if start is None or end is None:
        return None
    way = {
        layer.name: {
            kind: end[layer.name][kind] - start[layer.name][kind] for kind in layer.weights
        }
        for layer in last.layers
    }
    return _ratios(way, start)


def _ratios(steps: Parameters, of: Parameters) -> np.ndarray:
    """Length of each layer's step as a share of its weights' norm, (layers,)."""
    return np.array(
        [_norm(step, step) / max(_norm(of[name], step), TINY) for name, step in steps.items()]
    )


def _norm(arrays: Mapping[str, np.ndarray], names: Mapping[str, np.ndarray]) -> float:
    """Of the matrices among some arrays: biases begin at 0, and shares of that say nothing."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum((arrays[n] ** 2).sum() for n in names if np.ndim(arrays[n]) > 1)))
