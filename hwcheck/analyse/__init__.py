"""The static side: the uses of a plugin held against the facts of hosts."""
