"""What the defaults reach on tables of everyday work, beside scikit-learn."""
