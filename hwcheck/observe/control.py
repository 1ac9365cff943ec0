"""The control: the same examinations on the host's own platform, kept by host."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from importlib_metadata import distributions

from hwcheck.codec import decode_observation, encode_observation
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.code_digest import digest_of_code
from hwcheck.model.observation import Activated, Observation, StepName
from hwcheck.observe.observe import Subject, observe
from hwcheck.observe.target import Target

__all__ = ["is_own_platform", "kept_control"]

#: The packages whose code decides what is examined.
_EXAMINERS = ("exercise", "hosts", "probe", "model")
#: The tables that decide verdicts beside it.
_TABLES = tuple(
    Path(__file__).parent.parent / "hosts" / "data" / name
    for name in ("bases.json", "members.json")
)
_UNSPECIFIED = "vllm.platforms.interface.UnspecifiedPlatform"


def kept_control(subject: Subject, target: Target, cache: Path | None) -> Observation:
    """Examine the host's own platform, or remember what was seen when it was examined before.

    What was kept serves whoever asks for no more than was examined then; otherwise all that was
    ever asked for is examined anew, together.
    """
    store = ContentCache(cache)
    key = _key(subject, target)
    kept = _kept(store.get(key))
    if kept is not None and _lacks_nothing(kept, subject):
        return kept
    if kept is not None:
        subject = replace(subject, examinations=_together(kept, subject))
    made = observe(subject)
    # What was cut short would be taken for the host's fault for ever.
    if all(child.cause is None for child in made.children):
        store.put(key, encode_observation(made))
    return made


def is_own_platform(observation: Observation, child: str) -> bool:
    """Whether the host has a platform of its own on this machine, so that it can be a control."""
    seen = observation.child(child)
    activated = None if seen is None else seen.step(StepName.ACTIVATE).answer
    return isinstance(activated, Activated) and activated.type != _UNSPECIFIED


def _kept(data: bytes | None) -> Observation | None:
    if data is not None:
        with suppress(CodecError):
            return decode_observation(data, "the kept control")
    return None


def _examined(observation: Observation, child: str) -> tuple[str, ...]:
    seen = observation.child(child)
    steps = () if seen is None else seen.steps
    return tuple(step.subject for step in steps if step.name is StepName.EXAMINE)


def _lacks_nothing(observation: Observation, subject: Subject) -> bool:
    return all(
        set(ids) <= set(_examined(observation, child))
        for child, ids in subject.examinations.items()
    )


def _together(observation: Observation, subject: Subject) -> dict[str, tuple[str, ...]]:
    return {
        child: tuple(dict.fromkeys((*ids, *_examined(observation, child))))
        for child, ids in subject.examinations.items()
    }


def _key(subject: Subject, target: Target) -> str:
    words = [
        "control",
        digest_of_code(_EXAMINERS, _TABLES),
        subject.python,
        _installed(target.path),
        str(subject.seed),
        *sorted(subject.examinations),
        *subject.demonstrated,
        f"{subject.most_engines} {subject.head_size} {_model(subject.model)}",
    ]
    return " ".join(words)


def _model(folder: Path | None) -> str:
    """Name a checkpoint by what is in its folder: an other one may take its place."""
    if folder is None:
        return ""
    files = sorted((item.name, item.stat()) for item in folder.iterdir())
    return f"{folder} {[(name, found.st_size, found.st_mtime_ns) for name, found in files]}"


def _installed(path: Iterable[str]) -> str:
    """Name everything that is installed there: any of it can decide what the host does."""
    found = sorted({_named(item) for item in distributions(path=list(path))})
    return hashlib.blake2b("\n".join(found).encode(), digest_size=16).hexdigest()


def _named(item: Any) -> str:
    try:
        return f"{item.name}=={item.version}"
    # What was cut off while it was installed has a folder and no metadata in it.
    except (OSError, KeyError, TypeError, AttributeError):
        return str(getattr(item, "_path", "without metadata"))
