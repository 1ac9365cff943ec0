"""Where the processes of an engine meet."""

import os
import shutil
import tempfile
from collections.abc import Iterator

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.server.serve_command import socket_folder
from hwcheck.exercise.starts import around
from hwcheck.model.examination import ExaminedCase

__all__ = ["with_meeting_place"]

_PLACE = "VLLM_RPC_BASE_PATH"


def with_meeting_place(examination: Examination) -> Examination:
    """Give the engine of an examination a folder whose sockets have names that the system takes.

    vLLM keeps what it has read of the environment, so all engines of the process meet there.
    """

    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        if _PLACE not in bench.shared:
            folder = socket_folder(tempfile.gettempdir())
            bench.shared[_PLACE] = os.environ[_PLACE] = str(folder)
            bench.ending.callback(shutil.rmtree, folder, ignore_errors=True)
        yield from examination(bench)

    return around(examination, whole)
