"""The static rules, one family a file."""
