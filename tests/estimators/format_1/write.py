"""Write these files again; run with the code of commit 9a0870e, the last that wrote format 1."""

import json
import warnings
from pathlib import Path

import numpy as np

from unstuck import NetClassifier, NetRegressor

HERE = Path(__file__).parent
X = np.sin(np.outer(np.arange(1, 41), (1.0, 2.0, 5.0)))
CURVE = X[:, 0] * X[:, 1] + X[:, 2]
NAMES = np.array(["no", "perhaps", "yes"])[np.digitize(CURVE, (-0.5, 0.5))]


def main() -> None:
    """Fit, save, and note what is predicted."""
    warnings.simplefilter("ignore")
    common = {"random_state": 0, "warm_start": True, "max_iter": 10}
    fits = {
        "classifier": NetClassifier((4,), batch_size=16, n_restarts=2, **common).fit(X, NAMES),
        "lm": NetRegressor((4,), solver="lm", **common).fit(
            X[:30], CURVE[:30], X_val=X[30:], y_val=CURVE[30:]
        ),
        "br": NetRegressor((4,), solver="br", **common).fit(X, CURVE),
        "norm": NetClassifier(
            (4, 3), activation=("tanh", "relu"), dropout=0.2, layer_norm=True, batch_size=16,
            early_stopping=True, **common,
        ).fit(X, NAMES),
    }  # fmt: skip
    predicted = {}
    for name, net in fits.items():
        net.save(HERE / f"{name}.safetensors")
        found = net.predict_proba(X) if hasattr(net, "predict_proba") else net.predict(X)
        predicted[name] = {"predicted": found.tolist(), "loss": net.loss_curve_}
    (HERE / "predicted.json").write_text(json.dumps(predicted, indent=0) + "\n")


if __name__ == "__main__":
    main()
