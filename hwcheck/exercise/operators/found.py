"""The replacements of vLLM's operators that the plugin registered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench
from hwcheck.model.outcome import Place
from hwcheck.probe.resolve import bases_of, module_of, source_place

__all__ = ["Replacement", "replacements_of"]

_CUSTOM_OP = "vllm.model_executor.custom_op"
#: The base of what computes a layer with experts, which vLLM registers as an operator too.
_METHOD = "QuantizeMethodBase"
#: Where vLLM keeps its operators, for a class that nothing has imported yet.
_HOMES = ("model_executor", "models")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A class that vLLM makes in place of the one of that name."""

    name: str
    cls: type
    in_tree: type | None
    """vLLM's class, ``None`` when there is none of that name."""
    of_plugin: type | None = None
    """A class of the plugin's own that has the name, where vLLM has none."""
    place: Place | None = None

    @property
    def is_method(self) -> bool:
        """Whether layers are computed by it, instead of tensors: it has no inputs of its own."""
        return any(base.__name__ == _METHOD for base in bases_of(self.cls))


def replacements_of(bench: Bench) -> tuple[Replacement, ...]:
    """Everything registered to replace an operator whose class is the plugin's, by name."""
    registered = getattr(import_module(_CUSTOM_OP), "op_registry_oot", {})
    own = {
        str(name): cls
        for name, cls in registered.items()
        if isinstance(cls, type) and bench.attribution.owns_module(module_of(cls))
    }
    return tuple(_replacement(bench, name, cls) for name, cls in sorted(own.items()))


def _replacement(bench: Bench, name: str, cls: type) -> Replacement:
    named = list(_named(name, cls))
    of_host = [item for item in named if module_of(item).partition(".")[0] == "vllm"]
    of_plugin = [item for item in named if bench.attribution.owns_module(module_of(item))]
    return Replacement(
        name=name,
        cls=cls,
        # A base of the replacement, where several classes have the name.
        in_tree=next((item for item in of_host if item in bases_of(cls)), None)
        or next(iter(of_host), None),
        of_plugin=next((item for item in of_plugin if item is not cls), None),
        place=source_place(cls, bench.attribution),
    )


def _named(name: str, cls: type) -> Iterator[type]:
    """Yield the operator classes of that name: the bases first, then all that are imported."""
    custom_op = import_module(_CUSTOM_OP)
    bases = tuple(
        getattr(custom_op, base)
        for base in ("CustomOp", "PluggableLayer")
        if hasattr(custom_op, base)
    )
    # The bases themselves replace nothing: nobody constructs them.
    yield from (base for base in bases_of(cls) if base.__name__ == name and base not in bases)
    loaded = [item for item in _below(bases) if item.__name__ == name]
    yield from loaded
    if not loaded:
        yield from _imported(name, bases)


def _below(bases: tuple[type, ...]) -> Iterator[type]:
    for base in bases:
        cls: type
        for cls in base.__subclasses__():
            yield cls
            yield from _below((cls,))


def _imported(name: str, bases: tuple[type, ...]) -> Iterator[type]:
    """Import the modules of vLLM's that define a class of that name."""
    vllm = Path(str(import_module("vllm").__file__)).parent
    defines = re.compile(rf"^class {re.escape(name)}\b", re.MULTILINE)
    for home in _HOMES:
        for file in sorted((vllm / home).rglob("*.py")):
            if defines.search(file.read_text(encoding="utf-8", errors="replace")) is None:
                continue
            module = ".".join(("vllm", *file.relative_to(vllm).with_suffix("").parts))
            try:
                cls = getattr(import_module(module), name, None)
            # A module of another platform's cannot be imported here.
            except Exception:
                continue
            if isinstance(cls, type) and issubclass(cls, bases):
                yield cls
