"""The report of a fitted estimator: its rows, diagnosis and verdict are brought together here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from unstuck.errors import ParameterError
from unstuck.estimators.judgment import judgment, subject_of
from unstuck.estimators.say import Say, listener
from unstuck.estimators.verdict import Judged
from unstuck.estimators.watched import Watched
from unstuck.health.diagnosis import Diagnosis
from unstuck.persistence.atomic import FilePath, replacing
from unstuck.verdict.examples import Examples
from unstuck.verdict.seen import MOST
from unstuck.verdict.verdict import Verdict

if TYPE_CHECKING:
    from unstuck.health.subject import Subject
    from unstuck.report.document.gathering import Given


@dataclass(frozen=True)
class Known:
    """What is known of a network already, and needs not be measured again.

    Attributes:
        title: of the page.
        diagnosis, verdict: of the network.
        rows: how many it was trained on; 0 for as many as it says itself.
        notes: on its rows, for the verdict.
        seen: whether it was fitted to most of the rows that it is judged by; ``None`` where it
            knows that itself.
        without: what to do where others have no rows to learn from.
    """

    title: str | None = None
    diagnosis: Diagnosis | None = None
    verdict: Verdict | None = None
    rows: int = 0
    notes: tuple[str, ...] = ()
    seen: bool | None = None
    without: str = "Pass X_train and y_train"


class Reported(Judged):
    """What an estimator writes of itself."""

    def report(
        self,
        path: FilePath,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        X_train: Any = None,
        y_train: Any = None,
        title: str | None = None,
        progress: Say | None = None,
    ) -> None:
        """Write what there is to be seen of the network as one HTML file that opens anywhere.

        The verdict comes first, then the diagnosis with its evidence; what the network reaches
        beside a constant, a linear model and trees; errors and probabilities; the course of the
        fit; and every layer, at the start and at the end. See ``docs/report.md``.

        Arguments:
            path: the file; by custom it ends in ``.html``.
            X: rows that the network was not trained on, (n, inputs).
            y: their targets.
            sample_weight: weights of the rows, (n,).
            X_train, y_train: training rows that the others learn from; by default the sample that
                the fit has kept. Without any the report has no verdict.
            title: of the page; that of the network by default.
            progress: told what is measured, in words; without it that goes to the terminal after
                two seconds.

        Raises:
            NotFittedError: nothing was fitted yet.
            DataError: rows or targets that cannot be used.
            FileError: the file cannot be written; one that was there is untouched.

        Example:
            >>> import pathlib, tempfile
            >>> from sklearn.datasets import load_iris
            >>> from unstuck import NetClassifier
            >>> X, y = load_iris(return_X_y=True)
            >>> net = NetClassifier((8,), learning_rate_init=0.01, tol=1e-3, random_state=0)
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "iris.html"
            >>> net.fit(X[::2], y[::2]).report(path, X[1::2], y[1::2], title="Irises")
            >>> "<h1>Irises</h1>" in path.read_text()
            True
        """
        check_is_fitted(self)
        if title is not None and not isinstance(title, str):
            raise ParameterError(f"report: title was {title!r}; expected a text, or None.")
        with listener(progress, "report") as say:
            held = self._examples(X, y, sample_weight)
            train: Examples | None = None
            notes: list[str] = []
            if X_train is not None or y_train is not None or hasattr(self, "_watched"):
                train, notes = self._training_rows(X_train, y_train)
            write_page(path, self, held, train, Known(title, notes=tuple(notes)), say)


def write_page(
    path: FilePath, network: Any, held: Examples, train: Examples | None, known: Known, say: Say
) -> None:
    """Write the report of a network, from rows as it predicts them.

    Arguments:
        path: the file.
        network: a fitted estimator.
        held: rows to judge it by.
        train: rows that others learn from; ``None`` where there are none.
        known: of the network.
        say: told what is measured, in words.

    Raises:
        FileError: the file cannot be written; one that was there is untouched.
    """
    from unstuck.report.document.gathering import gathered
    from unstuck.report.document.rendering import rendered

    with replacing(path) as file:  # first, not to find out afterwards that it cannot be
        page = rendered(gathered(_given(network, held, train, known, say)))
        file.write(page.encode("utf-8", "backslashreplace"))


def _given(network: Any, held: Examples, train: Examples | None, known: Known, say: Say) -> Given:
    from unstuck.report.document.gathering import Given

    kept: Watched | None = getattr(network, "_watched", None)
    subject = _subject(network, kept, held if train is None else train)
    seen = network._share_seen(held) if known.seen is None else float(known.seen)

    def diagnose() -> Diagnosis:
        if known.diagnosis is not None:
            return known.diagnosis
        return judgment(subject, say) if kept is None else network.diagnosis_

    def judge(diagnosis: Diagnosis | None) -> Verdict | None:
        if known.verdict is not None or train is None:
            return known.verdict
        return network._verdict(held, train, known.notes, seen, diagnosis, True)

    widths = "–".join(map(str, network.network_.widths))
    return Given(
        title=known.title or f"{type(network).__name__} {widths}",
        estimator=network,
        subject=subject,
        train=train,
        held=held,
        rows=known.rows or (0 if kept is None else kept.rows),
        diagnose=diagnose,
        judge=judge,
        seen=seen > MOST,
        say=say,
        without=known.without,
    )


def _subject(network: Any, kept: Watched | None, rows: Examples) -> Subject:
    """The network for those who look inside, on rows of its fit where it has kept some."""
    if kept is not None:
        return subject_of(network, kept)
    examples = network._read(rows.x, rows.y, rows.w, None, None, reset=False)
    settings = network.get_params(deep=False)
    return subject_of(network, Watched.of(examples, None, settings, network._model.seeds))
