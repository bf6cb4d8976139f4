"""The health of a network, from what its layers computed and received back."""
