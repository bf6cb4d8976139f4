"""A process that was forked after JAX has computed refuses at once, and predicts."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import multiprocessing, sys, warnings
    import numpy as np
    from unstuck import NetRegressor
    from unstuck.errors import UnstuckError
    from unstuck.solvers import minimize

    warnings.simplefilter("ignore")
    X = np.random.default_rng(0).normal(size=(50, 2))
    net = None

    def fit():
        return NetRegressor((2,), max_iter=2).fit(X, X[:, 0])

    def job():
        if net is None:
            fit()
            return sys.exit(3)
        assert np.isfinite(net.predict(X)).all()
        for work in (fit, lambda: minimize(lambda p: (p**2).sum(), np.ones(2))):
            try:
                work()
            except UnstuckError as error:
                assert "'loky'" in str(error) and "forked" in str(error), error
            else:
                sys.exit(1)

    def child():
        process = multiprocessing.get_context("fork").Process(target=job)
        process.start()
        process.join(60)
        process.kill()
        return process.exitcode

    if __name__ == "__main__":
        before = child()
        net = fit()
        print(before, child())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fit_after_a_fork_says_what_to_do(tmp_path):
    """Before JAX has computed, a fork trains; after, it refuses to, but predicts."""
    assert "fork" in multiprocessing.get_all_start_methods()
    script = tmp_path / "forked.py"
    script.write_text(textwrap.dedent(PROGRAM))
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=200)
    assert ran.stdout.split() == ["3", "0"], ran.stderr
