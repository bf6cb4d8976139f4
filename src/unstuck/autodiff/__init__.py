"""Any JAX function as a graph: its program read, carried out, and derived step by step."""
