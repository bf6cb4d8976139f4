"""Remedies for networks that are stuck: one record each, the only list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unstuck.choices import Choices, Named
from unstuck.remedies.treatment import Treatment

HIDDEN, OUTPUT, BOTH = "hidden", "output", "both"
"""Which stuck units a remedy acts on."""
CLASSES, NUMBERS = "classification", "regression"


@dataclass(frozen=True, repr=False)
class Remedy(Named):
    """A change of parameters against stuck units.

    Attributes:
        name: a word.
        parameters: of the estimators, with the values that they get.
        description: what it does.
        why: the reason.
        acts_on: which stuck units it is for: ``"hidden"``, ``"output"`` or ``"both"``.
        tasks: ``"classification"`` and/or ``"regression"``: what it makes sense for.
        number: among the five classical ones, from 1; 0 for those that came later.
        aliases: other names.
        reference: the source.

    Example:
        >>> from unstuck import REMEDIES
        >>> REMEDIES["slope_offset"].parameters, REMEDIES["slope_offset"].acts_on
        ({'slope_offset': 0.1}, 'both')
    """

    name: str
    parameters: Mapping[str, Any] = field(hash=False)
    description: str
    why: str
    acts_on: str
    reference: str
    tasks: tuple[str, ...] = (CLASSES, NUMBERS)
    number: int = 0
    aliases: tuple[str, ...] = ()

    @property
    def treatment(self) -> Treatment:
        """As an experiment takes it."""
        return Treatment(self.name, self.parameters)


REMEDIES: Choices[Remedy] = Choices(
    "remedy",
    (
        Remedy(
            name="weights",
            aliases=("fan_in",),
            parameters={"initializer": "fan_in"},
            description="first weights of mean 0 and deviation 1 / sqrt(fan-in)",
            why="What a unit receives has deviation 1, however many units it listens to: it begins "
            "where a sigmoid is steep.",
            acts_on=BOTH,
            number=1,
            reference="LeCun et al. 1998, Efficient BackProp, section 4.6",
        ),
        Remedy(
            name="targets",
            aliases=("soft_targets",),
            parameters={"class_targets": (0.15, 0.85)},
            description="targets 0.15 and 0.85 in place of 0 and 1",
            why="A sigmoid reaches them where it still has a slope, near the places where it is "
            "bent most (0.21 and 0.79).",
            acts_on=OUTPUT,
            tasks=(CLASSES,),
            number=2,
            reference="LeCun et al. 1998, Efficient BackProp, section 4.5",
        ),
        Remedy(
            name="slope_offset",
            aliases=("slope",),
            parameters={"slope_offset": 0.1},
            description="0.1 added to the slope of sigmoids on the way back",
            why="A flat unit still passes something back. It is no steepest descent any more.",
            acts_on=BOTH,
            number=3,
            reference="Fahlman 1988",
        ),
        Remedy(
            name="cross_entropy",
            parameters={"loss": "cross_entropy"},
            description="cross-entropy in place of squared error",
            why="The slope of the output unit cancels: what is passed back is output minus target, "
            "however flat the unit is.",
            acts_on=OUTPUT,
            tasks=(CLASSES,),
            number=4,
            reference="Bishop 1995, section 6.7",
        ),
        Remedy(
            name="relu",
            parameters={"activation": "relu"},
            description="ReLU in place of sigmoids in hidden layers",
            why="Its slope is 1 wherever it is active, so that nothing is lost from layer to layer "
            "by slopes.",
            acts_on=HIDDEN,
            number=5,
            reference="Glorot, Bordes and Bengio 2011",
        ),
        Remedy(
            name="tanh",
            parameters={"activation": "tanh"},
            description="tanh in place of logistic sigmoids in hidden layers",
            why="Its outputs have mean 0 and its largest slope is 1, four times that of the "
            "logistic sigmoid.",
            acts_on=HIDDEN,
            reference="LeCun et al. 1998, Efficient BackProp, section 4.4",
        ),
        Remedy(
            name="leaky_relu",
            parameters={"activation": "leaky_relu"},
            description="leaky ReLU in hidden layers",
            why="It has a slope on both sides, so that no unit dies.",
            acts_on=HIDDEN,
            reference="Maas, Hannun and Ng 2013",
        ),
        Remedy(
            name="elu",
            parameters={"activation": "elu"},
            description="ELU in hidden layers",
            why="As leaky ReLU, with outputs whose mean is nearer to 0.",
            acts_on=HIDDEN,
            reference="Clevert, Unterthiner and Hochreiter 2016",
        ),
        Remedy(
            name="layer_norm",
            parameters={"layer_norm": True},
            description="pre-activations of each hidden layer standardized",
            why="Whatever the weights, what units receive has mean 0 and deviation 1 over the "
            "layer.",
            acts_on=HIDDEN,
            reference="Ba, Kiros and Hinton 2016",
        ),
        Remedy(
            name="clipping",
            aliases=("clip_norm",),
            parameters={"clip_norm": 1.0},
            description="steps whose gradient is longer than 1 made shorter",
            why="No single step throws units onto their flat parts or lets the weights explode.",
            acts_on=BOTH,
            reference="Pascanu, Mikolov and Bengio 2013",
        ),
        Remedy(
            name="standardization",
            aliases=("standardize", "scale_inputs"),
            parameters={"scale_inputs": True},
            description="inputs standardized",
            why="Units of the first layer receive numbers of size 1, whatever the columns are "
            "measured in.",
            acts_on=HIDDEN,
            reference="LeCun et al. 1998, Efficient BackProp, section 4.3",
        ),
    ),
)
"""Every remedy for stuck units, by name: the five classical ones first."""

CLASSICAL = tuple(each.name for each in REMEDIES.values() if each.number)
"""The five."""

ALL_BUT_RELU = " + ".join(name for name in CLASSICAL if name != "relu")
ALL_FIVE = " + ".join(CLASSICAL)
TOGETHER = {
    "weights + relu": "weights + relu",
    "weights + relu + targets": "weights + relu + targets",
    "weights + relu + slope_offset": "weights + relu + slope_offset",
    "weights + relu + cross_entropy": "weights + relu + cross_entropy",
    "weights + relu + standardization": "weights + relu + standardization",
    "all five but relu": ALL_BUT_RELU,
    "all five": ALL_FIVE,
    "all five + standardization": f"{ALL_FIVE} + standardization",
}
"""Remedies that are also tried together, by what that is called."""


def applied(parameters: Mapping[str, Any]) -> list[Remedy]:
    """The remedies that some parameters apply, also inside a pipeline."""
    own = {name.rpartition("__")[2]: value for name, value in parameters.items()}
    return [
        each
        for each in REMEDIES.values()
        if all(name in own and own[name] == value for name, value in each.parameters.items())
    ]


def acts_on(parameters: Mapping[str, Any]) -> str:
    """Which stuck units the remedies act on that some parameters apply; nothing without any.

    Example:
        >>> acts_on({"activation": "relu"}), acts_on({"net__loss": "cross_entropy"})
        ('hidden', 'output')
        >>> acts_on({"activation": "relu", "loss": "cross_entropy"}), acts_on({"momentum": 0.9})
        ('both', '')
    """
    kinds = {each.acts_on for each in applied(parameters)}
    return kinds.pop() if len(kinds) == 1 else BOTH if kinds else ""
