"""Reading the Python files of trees, wheels and source distributions, whatever is in them."""
