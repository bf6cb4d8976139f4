"""Training: batches filled on the host, compiled chunks of steps, and what happens between."""
