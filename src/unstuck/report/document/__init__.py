"""The report: a fitted network as one HTML page. First plain data, then figures, then the page."""
