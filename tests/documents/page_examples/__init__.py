"""What the examples in the documentation are held to."""
