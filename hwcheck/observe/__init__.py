"""The parent side of the probe: starts its children, contained, and reads what they saw."""
