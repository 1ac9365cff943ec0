"""The taxonomy of capabilities as data, and the fold of evidence into rungs."""
