"""The parent side of a run: pytest started on the suites, its record followed, the run folded."""
