"""Optional abilities, one a file: each needs an engine of its own, and may be refused."""
