"""Graphs and backpropagation as text, SVG and PNG: handed in to what is drawn."""
