"""Hooks that vLLM calls in every process, some of them more than once."""

from collections.abc import Iterator
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.failures import failed
from hwcheck.exercise.platforms.configurations import Shape, made
from hwcheck.exercise.verdicts import kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import owner_of

__all__ = ["EXAMINATIONS"]

_PLAIN = ("import_kernels", "import_ir_kernels", "log_warnings", "register_triton_kernel_overrides")
_WITH_CONFIG = "register_custom_kv_cache_specs"


def hooks_repeat(bench: Bench) -> Iterator[ExaminedCase]:
    """Called twice, with the device here or not, none of them raises."""
    for name in _PLAIN:
        yield _twice(bench, name, ())
    config = made(Shape(), bench.attribution).config
    if config is None:
        yield not_measured("no configuration can be made", _WITH_CONFIG)
    else:
        yield _twice(bench, _WITH_CONFIG, (config,))


def _twice(bench: Bench, name: str, given: tuple[object, ...]) -> ExaminedCase:
    platform: Any = bench.platform
    if owner_of(type(platform), name) is None:
        return not_applicable(f"this vLLM has no {name}()", name)
    for number in ("first", "second"):
        try:
            getattr(platform, name)(*given)
        except BaseException as error:
            return failed(bench, error, f"the {number} {name}()", name)
    return kept(name)


EXAMINATIONS: dict[str, Examination] = {"platform.hooks-repeat": hooks_repeat}
