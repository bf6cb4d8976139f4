"""Derivatives of a function: checked, compared, of second order, and backpropagation by hand."""
