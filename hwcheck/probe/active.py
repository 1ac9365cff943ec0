"""The active child: vLLM chooses the platform itself, and the platform is looked at in place."""

import multiprocessing
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from hwcheck.model.observation import (
    Activated,
    Described,
    DeviceSeen,
    DtypeSeen,
    Loaded,
    ProcessSeen,
    StepName,
)
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.class_paths import take_class_paths
from hwcheck.probe.configure import configured
from hwcheck.probe.effects import EffectWatch
from hwcheck.probe.host import current_platform, import_host, load_entry_point, platform_base
from hwcheck.probe.messages import Request
from hwcheck.probe.reply import Reply, StepFailed
from hwcheck.probe.resolve import qualified_name
from hwcheck.probe.shapes import describe
from hwcheck.probe.spawned import platform_seen, tell_platform
from hwcheck.probe.staged import called, loaded
from hwcheck.probe.values import read_value

__all__ = ["run_active"]

GENERAL_GROUP = "vllm.general_plugins"


def run_active(
    request: Request, reply: Reply, watch: EffectWatch, attribution: Attribution
) -> None:
    """Activate the plugin as vLLM does and describe the platform that results."""
    del watch  # effects are taken by the reply, step by step
    session = _Session(request, reply, attribution)
    session.take(StepName.IMPORT_HOST, import_host, limit=request.start_limit)
    answer = session.take(StepName.ACTIVATE, session.activate)
    spawned = _start_spawned(request) if answer.is_plugin else None
    session.take_general()
    if not answer.is_plugin:
        # vLLM chose another platform; what that one is like is not this plugin's matter.
        return
    session.take(StepName.DESCRIBE, session.describe)
    for member in request.members:
        session.attempt(
            StepName.VALUE,
            lambda member=member: read_value(session.platform, member.name, call=member.call),
            member.name,
        )
    session.take_devices()
    take_class_paths(request, session.attempt, session.platform, attribution)
    session.attempt(StepName.CONFIGURE, lambda: configured(attribution))
    session.attempt(StepName.FORK, session.fork)
    if spawned is not None:
        session.attempt(StepName.SPAWN, lambda: _spawned_answer(spawned, request.start_limit))


class _Session:
    def __init__(self, request: Request, reply: Reply, attribution: Attribution) -> None:
        self._request = request
        self._reply = reply
        self._attribution = attribution
        self._skip = set(request.skip)
        self.platform: object = None

    def take(self, name, action, subject="", limit=None):  # type: ignore[no-untyped-def]
        if (name, subject) in self._skip:
            raise StepFailed(name)
        return self._reply.take(
            name, action, subject=subject, limit=limit or self._request.step_limit
        )

    def attempt(self, name, action, subject=""):  # type: ignore[no-untyped-def]
        try:
            return self.take(name, action, subject)
        except StepFailed:
            return None

    def activate(self) -> Activated:
        self.platform = current_platform()
        cls = type(self.platform)
        return Activated(
            type=qualified_name(cls), is_plugin=self._attribution.owns_module(cls.__module__)
        )

    def take_general(self) -> None:
        for point in self._request.entry_points:
            if point.group == GENERAL_GROUP:
                held: list[object] = []

                def load(name: str = point.name, held: list[object] = held) -> Loaded:
                    held.append(load_entry_point(self._request.plugin, GENERAL_GROUP, name))
                    return loaded(held[0], self._attribution)

                answer = self.attempt(StepName.LOAD, load, point.name)
                if answer is not None and answer.callable:
                    self.attempt(
                        StepName.CALL, lambda held=held: called(held[0]()), point.name
                    )

    def describe(self) -> Described:
        wanted = [member.name for member in self._request.members]
        return describe(type(self.platform), platform_base(), wanted, self._attribution)

    def take_devices(self) -> None:
        for expression in ("device_type", "device_name"):
            self.attempt(
                StepName.DEVICE,
                lambda expression=expression: _device(self.platform, expression),
                expression,
            )
        for dtype in _dtypes(self.platform):
            self.attempt(
                StepName.DTYPE, lambda dtype=dtype: _dtype(self.platform, dtype), str(dtype)
            )

    def fork(self) -> ProcessSeen:
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            text = "!forked copy died"
            try:
                seen = platform_seen()
                text = f"{seen.type}\n{seen.device_type}"
            except BaseException as error:
                text = f"!{type(error).__name__}: {error}"
            finally:
                os.write(writer, text.encode())
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read().decode()
        os.waitpid(pid, 0)
        return _process_seen(text)


def _device(platform: object, expression: str) -> DeviceSeen:
    torch = import_module("torch")
    name = getattr(platform, expression)
    text = f"{name}:0" if expression == "device_name" else f"{name}"
    try:
        torch.device(text)
    except (RuntimeError, TypeError) as error:
        return DeviceSeen(expression=text, accepted=False, error=str(error).split("\n")[0][:300])
    return DeviceSeen(expression=text, accepted=True)


def _dtypes(platform: object) -> tuple[object, ...]:
    try:
        return tuple(platform.supported_dtypes)  # type: ignore[attr-defined]
    except Exception:
        # The value step of the same member has recorded why.
        return ()


def _dtype(platform: object, dtype: object) -> DtypeSeen:
    torch = import_module("torch")
    device = platform.device_type  # type: ignore[attr-defined]
    try:
        square = torch.ones(4, 4, dtype=dtype, device=device)
        value = float((square @ square).float().sum().item())
    except (RuntimeError, NotImplementedError, AssertionError) as error:
        return DtypeSeen(dtype=str(dtype), worked=False, error=str(error).split("\n")[0][:300])
    worked = value == 64.0
    return DtypeSeen(
        dtype=str(dtype), worked=worked, error=None if worked else f"4x4 ones squared sum to {value}"
    )


def _start_spawned(request: Request):  # type: ignore[no-untyped-def]
    if (StepName.SPAWN, "") in set(request.skip):
        return None
    path = Path(tempfile.mkdtemp()) / "platform"
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=tell_platform, args=(str(path),))
    process.start()
    return process, path


def _spawned_answer(spawned, limit: float) -> ProcessSeen:  # type: ignore[no-untyped-def]
    process, path = spawned
    process.join(limit)
    if process.exitcode is None:
        process.kill()
        raise TimeoutError(f"the spawned process did not end within {limit:.0f} s")
    if not path.exists():
        raise RuntimeError(f"the spawned process ended with exit code {process.exitcode}")
    return _process_seen(path.read_text(encoding="utf-8"))


def _process_seen(text: str) -> ProcessSeen:
    if text.startswith("!") or not text:
        raise RuntimeError(text[1:] or "the process died without an answer")
    kind, _, device_type = text.partition("\n")
    return ProcessSeen(type=kind, device_type=device_type)


