"""What is said of remedies and of stuck units: one record each, the only list."""

from __future__ import annotations

from unstuck.choices import Choices
from unstuck.remedies.claim import TRAIN, Claim, Expected
from unstuck.remedies.measures import FLAT_PAIRS, GROWTH, MOSTLY_STUCK, OUTPUTS_STUCK
from unstuck.remedies.table import CLASSES, REMEDIES

EARLY = 0.1
"""Share of the epochs after which it is seen which network is faster."""
SIGMOID, RELU, ELU = ({"activation": name} for name in ("logistic", "relu", "elu"))
SQUARED, CROSS_ENTROPY = {"loss": "squared_error"}, {"loss": "cross_entropy"}
WIDE = {"initializer": "normal(1)"}
UNTRAINED = {"max_iter": 1, "learning_rate_init": 1e-12}

CLAIMS: Choices[Claim] = Choices(
    "claim",
    (
        Claim(
            name="relu_makes_others_useless",
            description="With ReLU in the hidden layers, soft targets, an offset of the slope and "
            "cross-entropy add nothing.",
            common={"activation": "relu", **SQUARED},
            expected=tuple(
                Expected(f"{name} adds nothing to ReLU", REMEDIES[name].parameters, {}, more=False)
                for name in ("targets", "slope_offset", "cross_entropy")
            ),
            tasks=(CLASSES,),
            reference="lecture notes on neural networks, of the five classical remedies",
        ),
        Claim(
            name="elu_is_faster_and_better",
            description="ELU learns faster than ReLU, and becomes more accurate.",
            expected=(
                Expected(
                    "ELU is faster", ELU, RELU, TRAIN, share=EARLY
                ),
                Expected("ELU is better", ELU, RELU),
            ),
            reference="Clevert, Unterthiner and Hochreiter 2016",
        ),
        Claim(
            name="relus_get_stuck_less",
            description="ReLUs get stuck too, just not as often as sigmoids.",
            common=WIDE,
            expected=(
                Expected(
                    "sigmoids get stuck more often",
                    SIGMOID, RELU, MOSTLY_STUCK,
                ),
                Expected("some ReLUs get stuck", RELU, None, MOSTLY_STUCK),
            ),
            reference="Glorot, Bordes and Bengio 2011, section 3",
        ),
        Claim(
            name="depth_hurts_sigmoids",
            description="The more layers of sigmoids, the worse they learn.",
            expected=(
                Expected(
                    "one layer learns more than three",
                    {"hidden_layer_sizes": (32,)}, {"hidden_layer_sizes": (32,) * 3}, TRAIN,
                ),
                Expected(
                    "three learn more than six",
                    {"hidden_layer_sizes": (32,) * 3}, {"hidden_layer_sizes": (32,) * 6}, TRAIN,
                ),
            ),
            reference="Glorot and Bengio 2010; Hochreiter 1991",
        ),
        Claim(
            name="small_weights_are_slow",
            description="From first weights that are too small, a network learns slowly.",
            common=RELU,
            expected=(
                Expected(
                    "deviation 1 / sqrt(fan-in) is faster than 0.01",
                    {"initializer": "fan_in"}, {"initializer": "normal(0.01)"}, TRAIN, share=EARLY,
                ),
            ),
            reference="LeCun et al. 1998, Efficient BackProp, section 4.6",
        ),
        Claim(
            name="large_weights_saturate_or_explode",
            description="First weights that are too large put sigmoids onto their flat parts, and "
            "let the outputs of ReLUs explode from layer to layer.",
            common={"hidden_layer_sizes": (32,) * 4, **UNTRAINED},
            expected=(
                Expected(
                    "sigmoids are flat from deviation 3",
                    {"initializer": "normal(3)"}, {"initializer": "fan_in"}, FLAT_PAIRS,
                ),
                Expected(
                    "ReLUs explode from deviation 3",
                    {"activation": "relu", "initializer": "normal(3)"},
                    {"activation": "relu", "initializer": "fan_in"}, GROWTH,
                ),
            ),
            reference="Glorot and Bengio 2010; He et al. 2015",
        ),
        Claim(
            name="cross_entropy_frees_outputs_only",
            description="Cross-entropy frees stuck output units, and does nothing for stuck hidden "
            "units.",
            common=WIDE,
            expected=(
                Expected(
                    "squared error has more stuck outputs",
                    SQUARED, CROSS_ENTROPY, OUTPUTS_STUCK,
                ),
                Expected(
                    "its hidden units are no flatter",
                    SQUARED, CROSS_ENTROPY, FLAT_PAIRS, more=False,
                ),
            ),
            tasks=(CLASSES,),
            reference="Bishop 1995, section 6.7",
        ),
    ),
)  # fmt: skip
"""What is said of remedies and of stuck units, by name; ``check_claim`` puts it to the test."""
