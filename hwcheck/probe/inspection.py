"""What vLLM's model-inspection process makes of the plugin, in a copy that does the same."""

import os
import pickle
import sys
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path

from hwcheck.model.observation import ProcessSeen, Raised
from hwcheck.probe.attribution import Attribution, Relayed
from hwcheck.probe.copies import Leave, asked_of_copy
from hwcheck.probe.host import current_platform
from hwcheck.probe.resolve import qualified_name

__all__ = ["inspected"]

_REGISTRY = "vllm.model_executor.models.registry"
_MODEL = "vllm.model_executor.models.llama", "LlamaForCausalLM"

_QUESTION_GONE = Raised(
    type="EOFError",
    message="the plugin has read from standard input, or closed it, and the question is gone",
    in_plugin=True,
)


def inspected(attribution: Attribution) -> ProcessSeen:
    """Let a copy be the inspection process for a model of vLLM's own.

    Raises Relayed: it fails. RuntimeError: the copy dies.
    """
    # What the process is started with; imported here, because the general plugins need it too.
    import_module(_REGISTRY)
    kind, device_type = asked_of_copy(attribution, _inspected)
    return ProcessSeen(type=kind, device_type=device_type)


def _inspected(leave: Leave) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "question"), Path(folder, "answer")
        question.write_bytes(pickle.dumps((partial(_look_into, *_MODEL), str(answer))))
        # The process has the question on its standard input, which the plugin may not read.
        with question.open("rb") as stream:
            os.dup2(stream.fileno(), 0)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        import_module("vllm.plugins").load_general_plugins()
        if sys.stdin.closed or os.lseek(0, 0, os.SEEK_CUR) != 0:
            raise Relayed(_QUESTION_GONE)
        import_module(_REGISTRY)._run()
        return list(pickle.loads(answer.read_bytes()))


def _look_into(module: str, name: str) -> list[str]:
    registry = import_module(_REGISTRY)
    registry._ModelInfo.from_model_cls(getattr(import_module(module), name))
    platform = current_platform()
    return [qualified_name(type(platform)), str(getattr(platform, "device_type", ""))]
