"""The forms in which a run is shown; only what is in here makes text."""
