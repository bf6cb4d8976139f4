"""scikit-learn estimators: the contract, and what a table's owner sees."""
