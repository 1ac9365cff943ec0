"""The variables of its own that a plugin reads under vLLM's prefix."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import may_lack_device
from hwcheck.exercise.platforms.source_names import sources_of
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_MEMBER = "validate_environ"
#: Forms in which sources read a variable.
_READ = re.compile(rb"environ(?:\.get\(|\[)\s*[\"'](VLLM_\w+)|getenv\(\s*[\"'](VLLM_\w+)")
_MOST_TOLD = 5


def environ_names(bench: Bench) -> Iterator[ExaminedCase]:
    """vLLM's check of the environment knows each of them."""
    if owner_of(type(bench.platform), _MEMBER) is None:
        yield not_applicable(f"this vLLM has no {_MEMBER}()")
        return
    known = import_module("vllm.envs").environment_variables
    read = _names_read(bench)
    own = sorted(name for name in read if name not in known)
    if not read or bench.control:
        yield not_applicable("the plugin reads no variable that begins with VLLM_")
        return
    refused = []
    for name in own:
        with _set(name):
            try:
                getattr(bench.platform, _MEMBER)(True)
            except ValueError as error:
                if name in str(error):
                    refused.append(name)
            except BaseException as error:
                if may_lack_device(error):
                    yield not_measured(f"{_MEMBER}() raises {error}", needs_device=True)
                    return
                raise
    if not refused:
        yield kept()
        return
    more = f" and {len(refused) - _MOST_TOLD} more" if len(refused) > _MOST_TOLD else ""
    yield broken(
        f"{_MEMBER}() does not know {', '.join(refused[:_MOST_TOLD])}{more}, which the plugin "
        "reads: every start with one of them set warns, and --fail-on-environ-validation ends it",
        example=f"{refused[0]}=1",
        place=bench.place_of(_MEMBER),
    )


def _names_read(bench: Bench) -> frozenset[str]:
    return frozenset(
        (match[1] or match[2]).decode()
        for text in sources_of(bench.attribution.tops)
        for match in _READ.finditer(text)
    )


@contextmanager
def _set(name: str) -> Iterator[None]:
    """Set one variable, and put away what else the check would stumble on."""
    before = {key: value for key, value in os.environ.items() if key.startswith("VLLM_")}
    for key in before:
        del os.environ[key]
    os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ.pop(name, None)
        os.environ.update(before)


EXAMINATIONS: dict[str, Examination] = {"platform.environ-names": environ_names}
