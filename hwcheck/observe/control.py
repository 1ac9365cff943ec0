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
from hwcheck.model.examination import CaseState, Examined
from hwcheck.model.observation import Activated, Child, Observation, Step, StepName
from hwcheck.observe.observe import Subject, observe
from hwcheck.observe.target import Target

__all__ = ["doubtful", "is_own_platform", "kept_control"]

#: The packages whose code decides what is examined.
_EXAMINERS = ("exercise", "hosts", "probe", "model")
#: The tables that decide verdicts beside it.
_TABLES = tuple(
    Path(__file__).parent.parent / "hosts" / "data" / name
    for name in ("bases.json", "members.json")
)
#: The steps that are about one contract.
_OF_CONTRACTS = (StepName.EXAMINE, StepName.SERVED)
_UNSPECIFIED = "vllm.platforms.interface.UnspecifiedPlatform"


def kept_control(subject: Subject, target: Target, cache: Path | None) -> Observation:
    """Examine the host's own platform, or remember what was seen when it was examined before.

    What was kept serves whoever asks for no more than was examined then; of those who ask for more,
    the rest is examined and kept beside it.
    """
    store = ContentCache(cache)
    key = _key(subject, target)
    kept = _kept(store.get(key))
    lacking = _lacking(kept, subject)
    if kept is not None and not lacking:
        return kept
    made = observe(replace(subject, examinations=lacking))
    whole = _joined(made, kept)
    # What was cut short would be taken for the host's fault for ever.
    if all(child.cause is None for child in made.children):
        store.put(key, encode_observation(whole))
    return whole


def doubtful(observation: Observation, child: str, contracts: Iterable[str]) -> tuple[str, ...]:
    """Those contracts that a plugin may break by what its child saw, for which a control counts."""
    seen = observation.child(child)
    steps = () if seen is None else seen.steps
    clear = {step.subject for step in steps if step.name is StepName.EXAMINE and _is_clear(step)}
    return tuple(contract for contract in contracts if contract not in clear)


def _is_clear(step: Step) -> bool:
    examined = step.answer
    return isinstance(examined, Examined) and all(
        case.state is not CaseState.BROKEN for case in examined.cases
    )


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


def _lacking(kept: Observation | None, subject: Subject) -> dict[str, tuple[str, ...]]:
    """What is wanted and not kept, by child."""
    if kept is None:
        return dict(subject.examinations)
    lacking = {
        child: tuple(id for id in ids if id not in _examined(kept.child(child)))
        for child, ids in subject.examinations.items()
    }
    return {child: ids for child, ids in lacking.items() if ids}


def _examined(child: Child | None) -> set[str]:
    steps = () if child is None else child.steps
    return {step.subject for step in steps if step.name is StepName.EXAMINE}


def _joined(made: Observation, kept: Observation | None) -> Observation:
    """What was examined now, and behind it what was kept of the rest."""
    children = {} if kept is None else {child.name: child for child in kept.children}
    for child in made.children:
        before = children.get(child.name)
        again = _examined(child)
        rest = () if before is None else before.steps
        steps = (step for step in rest if step.name in _OF_CONTRACTS and step.subject not in again)
        children[child.name] = replace(child, steps=(*child.steps, *steps))
    return Observation(children=tuple(children.values()))


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
