"""The verdict on a network: what it reaches on held-out rows, beside what is cheap to reach."""
