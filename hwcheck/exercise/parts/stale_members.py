"""Overrides of what vLLM's bases no longer have, which therefore do nothing."""

import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.parts.attention_choice import chosen_backend
from hwcheck.exercise.preparation import Unprepared, configuration, prepared
from hwcheck.exercise.verdicts import broken, kept, not_applicable
from hwcheck.hosts.bases import GoneMember, base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import bases_of, module_of, namespace_of, resolve, source_place

__all__ = ["EXAMINATIONS"]


@prepared
def stale(bench: Bench) -> Iterator[ExaminedCase]:
    """An override without effect whose successor the plugin does not define."""
    looked_at = 0
    for base, cls in _classes(bench):
        looked_at += 1
        gone = base_of(base).gone_in(bench.host_version)
        faults = [_fault(bench, cls, item) for item in gone if item.successor]
        yield next(filter(None, faults), kept(base))
    if not looked_at:
        yield not_applicable("no class of the plugin's own derives from these bases")


def _fault(bench: Bench, cls: type, gone: GoneMember) -> ExaminedCase | None:
    owner = _definer(bench, cls, gone.name)
    if owner is None or gone.successor is None or _definer(bench, cls, gone.successor):
        return None
    # A runner of the plugin's own may ask for it in vLLM's place.
    if _is_used(owner, gone.name):
        return None
    member = inspect.getattr_static(cls, gone.name)
    return broken(
        f"{cls.__qualname__}.{gone.name} has no effect since vLLM {gone.removed_in}: "
        f"{gone.effect}; vLLM asks {gone.successor}, which it does not define",
        _base_name(cls, bench),
        place=source_place(getattr(member, "__func__", member), bench.attribution)
        or source_place(owner, bench.attribution),
    )


def _classes(bench: Bench) -> Iterator[tuple[str, type]]:
    try:
        backend = chosen_backend(bench, configuration(bench))
    except Unprepared:
        return
    yield from _own(bench, "attention-backend", backend)
    for base, getter in (
        ("attention-builder", "get_builder_cls"),
        ("attention-impl", "get_impl_cls"),
    ):
        try:
            cls = getattr(backend, getter)()
        # Judged where the class is constructed.
        except Exception:
            continue
        if base_of(base).gone:
            yield from _own(bench, base, cls)


def _own(bench: Bench, base: str, cls: object) -> Iterator[tuple[str, type]]:
    if isinstance(cls, type) and bench.attribution.owns_module(module_of(cls)):
        yield base, cls


def _base_name(cls: type, bench: Bench) -> str:
    for name in ("attention-backend", "attention-builder"):
        base = resolve(base_of(name).path_in(bench.host_version))
        if isinstance(base, type) and issubclass(cls, base):
            return name
    return cls.__qualname__


def _definer(bench: Bench, cls: type, name: str) -> type | None:
    """The class of the plugin's that defines a member, before any of vLLM's does."""
    for owner in bases_of(cls):
        if name in namespace_of(owner):
            return owner if bench.attribution.owns_module(module_of(owner)) else None
    return None


def _is_used(owner: type, name: str) -> bool:
    used = re.compile(rf"\.\s*{name}\b|[\"']{name}[\"']")
    return any(used.search(text) for text in _sources(module_of(owner).partition(".")[0]))


@cache
def _sources(package: str) -> tuple[str, ...]:
    folders = getattr(sys.modules.get(package), "__path__", ())
    files = (file for folder in folders for file in sorted(Path(folder).rglob("*.py")))
    return tuple(file.read_text(encoding="utf-8", errors="replace") for file in files)


EXAMINATIONS: dict[str, Examination] = {"attention.stale-member": stale}
