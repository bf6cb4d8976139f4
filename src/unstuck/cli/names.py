"""Names that are not known on the command line: the near one, or the one for what is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand

from unstuck.cli import starting
from unstuck.errors import did_you_mean
from unstuck.near_names import MEANT as PARAMETERS

FLAGS = {"hidden_layer_sizes": "hidden"}
"""Parameters whose option has another name."""

MEANT: dict[str, tuple[str, ...]] = {
    **{FLAGS.get(name, name): others for name, others in PARAMETERS.items()},
    "ignore": ("drop", "drop_columns", "exclude", "skip", "omit"),
    "target": ("label", "labels", "y", "response", "outcome"),
    "divide": ("split", "test_size", "test_share", "test_fraction", "holdout"),
    "early_stopping": ("stop_early", "validate"),
    "drop_missing_target": ("dropna", "drop_na", "drop_missing"),
    "resume": ("go_on", "checkpoint", "from_checkpoint", "continue"),
    "config": ("settings", "params", "parameters"),
    "json": ("as_json",),
    "std": ("return_std", "uncertainty", "sd"),
    "keep": ("columns", "id", "with"),
}
"""Options, with what others call them."""
ELSEWHERE = {
    "warm_start": "--resume RUN goes on from an earlier run",
    "coefs_init": "--resume RUN goes on with the weights of an earlier run",
    "intercepts_init": "--resume RUN goes on with the weights of an earlier run",
    "max_fun": "--max-iter bounds the epochs of every solver",
}
"""What has another form on the command line."""

NOT_TYPED = frozenset({"warm_start", "coefs_init", "intercepts_init"})
"""Parameters that are no options: the command line has another word for them, or they are
arrays."""


def hint(received: str, options: Iterable[str]) -> str:
    """A sentence part that names the option which is meant or near, or nothing.

    Arguments:
        received: a name, with or without its dashes.
        options: all that there are, with their dashes.

    Example:
        >>> hint("--epochs", ["--max-iter", "--plots"])
        " Did you mean '--max-iter'?"
        >>> hint("--tagret", ["--target", "--task"])
        " Did you mean '--target'?"
        >>> hint("warm_start", ["--resume"])
        ' --resume RUN goes on from an earlier run.'
    """
    name = received.lstrip("-").replace("-", "_").lower()
    known = list(options)
    if name in ELSEWHERE:
        return f" {ELSEWHERE[name]}."
    for option, others in MEANT.items():
        spelled = f"--{option.replace('_', '-')}"
        if name in others and spelled in known:
            return f" Did you mean {spelled!r}?"
    return did_you_mean(f"--{name.replace('_', '-')}", known)


class Command(TyperCommand):
    """A command that tells the near name of an option it does not know."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """What is typed after the command: arguments as they are called everywhere else."""
        return [re.sub("[{}]", "", piece) for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what was typed; see Click."""
        try:
            return super().parse_args(ctx, args)
        except Exception as problem:
            # Typer brings a Click of its own, or takes the one that is there.
            starting.over()
            received = getattr(problem, "option_name", None)
            if type(problem).__name__ == "NoSuchOption" and isinstance(received, str):
                named = [name for each in self.params for name in getattr(each, "opts", ())]
                options = [name for name in named if name.startswith("--")]
                problem.__dict__.update(
                    message=f"there is no option {received}.{hint(received, options)}",
                    possibilities=[],
                )
            raise
