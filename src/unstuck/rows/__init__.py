"""Where rows come from: arrays, sparse matrices; how they are standardized, padded and probed."""
