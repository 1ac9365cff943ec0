"""Print the contracts of a suite, one JSON line each; run as a program with the package's name.

A process of its own, because hwcheck runs suites by name and never imports one.
"""

import sys
from importlib import import_module

from hwcheck.codec import encode_line

if __name__ == "__main__":
    for contract in import_module(f"{sys.argv[1]}.contracts").ALL:
        sys.stdout.write(encode_line(contract) + "\n")
