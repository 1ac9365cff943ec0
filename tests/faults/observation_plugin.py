"""A plugin of pytest's for the suite: judges an observation that was made elsewhere."""

import json
import os
import shutil
from pathlib import Path

import pytest

from hwcheck.exercise.serving.pairs.cover import planned
from hwcheck.pytest_plugin import control
from hwcheck.pytest_plugin.fixtures import PAIRED, PLAN, observation_file, wanted_examinations

#: The observation that is judged.
GIVEN = "FAULTS_OBSERVATION"
#: Where to tell which contracts the children have to judge.
WANTED = "FAULTS_WANTED"
#: Whether nothing that is broken is put down to the host, without a look at its own platform.
BLAMED = "FAULTS_BLAMED"
#: What is combined in pairs.
COMBINED = "FAULTS_COMBINED"


def pytest_collection_finish(session: pytest.Session) -> None:
    """Put the observation where the suite keeps the one that it has made."""
    config = session.config
    if GIVEN in os.environ:
        file = observation_file(config, config._tmp_path_factory)  # type: ignore[attr-defined]
        shutil.copyfile(os.environ[GIVEN], file)
        shutil.copyfile(os.environ[GIVEN], file.with_name(PAIRED))
    if COMBINED in os.environ:
        # As if all of it had been demonstrated.
        config.stash[PLAN] = planned(os.environ[COMBINED].split(","))
    if WANTED in os.environ:
        told = json.dumps(wanted_examinations(session.items))
        Path(os.environ[WANTED]).write_text(told, encoding="utf-8")
    if BLAMED in os.environ:
        control.control_evidence = lambda session, child: None
