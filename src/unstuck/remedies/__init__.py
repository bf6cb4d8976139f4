"""Remedies tried by experiment: on anything with scikit-learn's contract."""
