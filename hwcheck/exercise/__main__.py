"""Run one child that examines: ``python -m hwcheck.exercise REQUEST``."""

import sys

from hwcheck.exercise.run import run_examinations
from hwcheck.probe.child import run_child

if __name__ == "__main__":
    run_child(sys.argv[1], lambda session, watch: run_examinations(session))
