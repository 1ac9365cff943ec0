"""A host of a few lines; nothing of it runs."""
