"""The child side: the only part of hwcheck that imports a plugin; standard library only."""
