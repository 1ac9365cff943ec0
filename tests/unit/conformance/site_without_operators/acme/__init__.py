"""A plugin of which only the files are looked at."""
