"""The server that the contracts of one child share, started when it is first needed."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.device_presence import device_is_here
from hwcheck.exercise.preparation import Unprepared, prepared
from hwcheck.exercise.serving.precision import usable_dtype
from hwcheck.exercise.serving.recipe import DENSE
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.server.free_port import free_port
from hwcheck.exercise.serving.server.metrics_page import counted
from hwcheck.exercise.serving.server.process_tree import (
    Running,
    descendants,
    end_all,
    held_shared_files,
    shared_files,
)
from hwcheck.exercise.serving.server.serve_command import (
    CONTEXT,
    HOST,
    MODEL,
    Sizes,
    serve_arguments,
    serve_environment,
    socket_folder,
)
from hwcheck.exercise.serving.server.server_process import (
    ServerProcess,
    ServerStartFailed,
)
from hwcheck.exercise.serving.shared_engine import SMALL_BLOCK, serving
from hwcheck.exercise.starts import Starting
from hwcheck.exercise.verdicts import broken, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["Server", "running_server", "with_server"]

_START = "server.start"
_FAILED_BEFORE = not_measured("vllm serve does not start", blocked_by=_START)
_SHARED = "server"
_WORDS = "vllm serve"
_MARKER = "HWCHECK_SERVER"
#: Where vLLM's processes meet.
_SOCKETS = "VLLM_RPC_BASE_PATH"
#: How much of a step may pass until the server is up, the import of vLLM left aside.
_SHARE_OF_START = 0.7
_MOST_STARTS = 3
_REQUEST_LIMIT = 30.0
_END_LIMIT = 10.0
_PAUSE = 0.1


@dataclass(slots=True, kw_only=True)
class Server:
    """A server that answers, and the real client of its API."""

    process: ServerProcess
    client: Any
    """An ``openai.OpenAI``."""
    dtype: str
    folder: Path
    """The model's checkpoint."""
    marker: str
    """What the environment of each of its processes holds."""
    seconds: float
    """How long it took to come up."""
    context: int
    """Tokens of prompt and answer together, after the plugin changed the configuration."""
    earlier_files: frozenset[str]
    """The files of shared memory that were there before it."""
    sockets: Path
    """Where its processes meet."""

    @property
    def is_healthy(self) -> bool:
        """Whether it is there and says that it works."""
        return self.process.is_alive and self.process.fetch("/health") is not None

    def counted(self) -> dict[str, float]:
        """Read what it counts, by name, summed over labels."""
        return counted(self.process.fetch("/metrics") or "")

    def settled(self, is_settled: Callable[[dict[str, float]], bool], limit: float) -> bool:
        """Wait until what it counts is as wanted, and return whether it came to that."""
        end = monotonic() + limit
        while not is_settled(self.counted()):
            if monotonic() > end or not self.process.is_alive:
                return False
            sleep(_PAUSE)
        return True

    def shared_files(self, belonging: tuple[Running, ...]) -> frozenset[str]:
        """Return the files of shared memory that it and its processes hold, and that are new."""
        ids = (self.process.id, *(item.id for item in belonging))
        return held_shared_files(ids) - self.earlier_files

    def stop(self) -> None:
        """End it with all that it started, whatever it takes."""
        belonging = descendants(self.process.id, self.marker)
        files = self.shared_files(belonging)
        if self.process.terminate(_END_LIMIT) is None:
            self.process.kill()
        end_all(belonging)
        for name in files:
            # What has to be killed leaves them.
            Path(name).unlink(missing_ok=True)
        shutil.rmtree(self.sockets, ignore_errors=True)


class _Shared:
    """What the contracts of one child have in common."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._server: Server | None = None
        self._starts = 0
        self._failed: ExaminedCase | None = None
        bench.ending.callback(self.stop)

    def server(self) -> Server:
        """The server that runs, or a new one.

        Raises Unprepared: none can be started.
        """
        if self._failed is not None:
            raise Unprepared(_FAILED_BEFORE)
        if self._server is not None and self._server.is_healthy:
            return self._server
        self.stop()
        if self._starts == _MOST_STARTS:
            raise Unprepared(not_measured(f"the server died {_MOST_STARTS} times"))
        self._starts += 1
        try:
            self._server = _started(self._bench)
        except ServerStartFailed as error:
            self._failed = _start_failure(self._bench, error)
            told = self._failed if self._bench.charges(_START) else _FAILED_BEFORE
            raise Unprepared(told) from error
        return self._server

    def stop(self) -> None:
        """End the server that runs, if one does."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()


def running_server(bench: Bench) -> Server:
    """Return the server of this child.

    Raises Unprepared: it cannot be started, or its client is not installed.
    """
    shared = bench.shared.get(_SHARED)
    if shared is None:
        missing = [name for name in ("openai", "fastapi", "uvicorn") if find_spec(name) is None]
        if missing:
            raise Unprepared(not_measured(f"not installed beside vLLM: {', '.join(missing)}"))
        shared = bench.shared[_SHARED] = _Shared(bench)
    assert isinstance(shared, _Shared)
    return shared.server()


def with_server(
    examine: Callable[[Bench, Server, Reference], Iterator[ExaminedCase]],
) -> Examination:
    """Make an examination of a function that works on a server, and on a reference beside it.

    A request that is refused as a bad one is not applicable, and refused cleanly; whatever else the
    client raises is a breach, a time-out only where the server does not compute.
    """

    @prepared
    @wraps(examine)
    def whole(bench: Bench) -> Iterator[ExaminedCase]:
        server = running_server(bench)
        try:
            yield from examine(bench, server, serving(bench).reference(DENSE))
        except import_module("openai").BadRequestError as error:
            told = not_applicable(f"the request is refused: {error}")
            yield replace(told, refusal=Refusal.CLEAN)
        except import_module("openai").APITimeoutError as error:
            yield _late(server, error)
        except _client_errors() as error:
            yield broken(_told(server, error))

    return Starting(examine=whole, wants=(_WORDS,))


def _start_failure(bench: Bench, error: ServerStartFailed) -> ExaminedCase:
    if not device_is_here(bench.platform):
        return not_measured(str(error), needs_device=True)
    # What is still at work when its time is over may need more on a busy machine.
    return not_measured(str(error)) if error.is_slow else broken(str(error))


def _late(server: Server, error: Exception) -> ExaminedCase:
    """Tell a server that needs long, as on a busy machine, from one that waits for nothing."""
    if server.process.is_computing:
        return not_measured(f"no answer within {_REQUEST_LIMIT:g} s, and the server still computes")
    return broken(_told(server, error))


def _client_errors() -> tuple[type[Exception], ...]:
    # A connection that ends in the middle of a stream shows as it comes from below.
    return (import_module("openai").OpenAIError, import_module("httpx").HTTPError)


def _told(server: Server, error: Exception) -> str:
    # A server that is dying refuses connections shortly before it is gone.
    sleep(_PAUSE)
    told = f"the client raises {type(error).__name__}: {error}"
    return told if server.is_healthy else f"{told}; of the server, {server.process.printed}"


def _started(bench: Bench) -> Server:
    """Start a server.

    Raises ServerStartFailed: it does not come up.
    """
    dtype, checkpoint = usable_dtype(bench.platform), serving(bench).checkpoint(DENSE)
    end = monotonic() + bench.limit * _SHARE_OF_START
    sizes = Sizes(block=SMALL_BLOCK)
    while True:
        try:
            return _tried(checkpoint, dtype, sizes, end)
        except ServerStartFailed as error:
            # A device may take other sizes only, or no prompts in pieces; the platform knows which.
            fewer = sizes.without(str(error))
            if fewer == sizes or monotonic() > end:
                raise
            sizes = fewer


def _tried(checkpoint: Path, dtype: str, sizes: Sizes, end: float) -> Server:
    folder = Path(tempfile.mkdtemp(prefix="hwcheck-server-"))
    port, marker, earlier = free_port(HOST), uuid4().hex, shared_files()
    sockets = socket_folder(tempfile.gettempdir())
    own = {_MARKER: marker, _SOCKETS: str(sockets)}
    process = ServerProcess(
        serve_arguments(checkpoint, port, dtype, sizes),
        host=HOST,
        port=port,
        environment=serve_environment(os.environ, folder) | own,
        output=folder / "output.txt",
    )
    try:
        seconds = process.wait_until_healthy(end - monotonic())
        openai = import_module("openai")
        client = openai.OpenAI(
            base_url=f"http://{HOST}:{port}/v1",
            api_key="none",
            max_retries=0,
            timeout=_REQUEST_LIMIT,
            # A proxy that the environment names is for other addresses.
            http_client=openai.DefaultHttpxClient(trust_env=False),
        )
    except BaseException:
        belonging = descendants(process.id, marker)
        process.kill()
        end_all(belonging)
        shutil.rmtree(sockets, ignore_errors=True)
        raise
    return Server(
        process=process,
        client=client,
        dtype=dtype,
        folder=checkpoint,
        marker=marker,
        seconds=seconds,
        context=_context(client),
        earlier_files=earlier,
        sockets=sockets,
    )


def _context(client: Any) -> int:
    cards = {card.id: card for card in client.models.list().data}
    return int(getattr(cards.get(MODEL), "max_model_len", None) or CONTEXT)
