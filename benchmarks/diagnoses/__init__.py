"""Networks with a planted disease, and healthy ones, on which the diagnosis is measured."""
