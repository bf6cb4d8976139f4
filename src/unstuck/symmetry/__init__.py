"""Networks that compute the same with other weights, and weights brought into line."""
