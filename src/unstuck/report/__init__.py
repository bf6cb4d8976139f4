"""Reports: figures as functions of plain arrays."""
