"""What a model runner of the plugin's own does where vLLM's would, as its sources tell."""

import re
from functools import cache

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.platforms.source_names import sources_of

__all__ = ["own_runner_asks", "own_runner_gives"]

_CALL = r"(?<!super\(\))\.{}\("
#: A field of a class, a keyword, an assignment.
_GIFT = r"(?m)^\s+{0}\s*:|\b{0}=(?!=)|\.{0}\s*=(?!=)"


def own_runner_asks(bench: Bench, config: object, method: str) -> bool:
    """Whether the worker is the plugin's, and its package calls what vLLM's runner calls."""
    return _is_told(bench, config, _CALL.format(re.escape(method)))


def own_runner_gives(bench: Bench, config: object, attribute: str) -> bool:
    """Whether the worker is the plugin's, and its package gives something this attribute."""
    return _is_told(bench, config, _GIFT.format(re.escape(attribute)))


def _is_told(bench: Bench, config: object, pattern: str) -> bool:
    path = str(config.parallel_config.worker_cls)  # type: ignore[attr-defined]
    if bench.control or not bench.attribution.owns_module(path.rpartition(".")[0]):
        return False
    return _is_in_sources(path.partition(".")[0], pattern)


@cache
def _is_in_sources(package: str, pattern: str) -> bool:
    wanted = re.compile(pattern.encode())
    return any(wanted.search(text) for text in sources_of([package]))
