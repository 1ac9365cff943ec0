"""The matrix: many checks and runs folded into plugin x host x capability."""
