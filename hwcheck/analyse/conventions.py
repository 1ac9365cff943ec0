"""Conventions: the class that a parameter of some name has nearly everywhere in the host."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from hwcheck.analyse.entities import ClassEntity, Instance, Side
from hwcheck.analyse.resolver import Resolver
from hwcheck.model.facts import Module, Parameter

__all__ = ["Conventions"]

#: The modules whose annotations are counted: those that plugins are closest to.
_SOURCES = (
    "vllm.config",
    "vllm.distributed.kv_transfer.kv_connector.v1.base",
    "vllm.platforms.interface",
    "vllm.v1.attention.backend",
    "vllm.v1.attention.backends.utils",
    "vllm.v1.core.kv_cache_manager",
    "vllm.v1.core.sched.scheduler",
    "vllm.v1.executor.abstract",
    "vllm.v1.worker.gpu_model_runner",
    "vllm.v1.worker.gpu_worker",
    "vllm.v1.worker.worker_base",
)

#: Ends of the names that mean the same everywhere; ``layer`` or ``request`` do not.
_ENDS = ("_config", "scheduler_output", "common_attn_metadata", "common_attention_metadata")

_LEAST = 2
_SHARE = 0.9


class Conventions:
    """Knows the usual classes of parameters by their names."""

    def __init__(self, resolver: Resolver) -> None:
        """Count the annotations of the host of `resolver`."""
        self._resolver = resolver
        self._texts: dict[str, Counter[tuple[str, str]]] | None = None
        self._modules: dict[str, Module] = {}
        self._found: dict[str, ClassEntity | None] = {}

    def conventional(self, name: str) -> ClassEntity | None:
        """Tell the host class that parameters of this name have nearly everywhere in the host."""
        if name not in self._found:
            self._found[name] = None
            self._found[name] = self._class(name) if name.endswith(_ENDS) else None
        return self._found[name]

    def _class(self, name: str) -> ClassEntity | None:
        if self._texts is None:
            self._texts = self._counted()
        counted = self._texts.get(name)
        if counted is None or counted.total() < _LEAST:
            return None
        classes: Counter[ClassEntity] = Counter()
        for (module, text), count in counted.items():
            entity = self._resolver.annotation(self._modules[module], text)
            if isinstance(entity, Instance) and entity.of.side == Side.HOST:
                classes[entity.of] += count
        if not classes:
            return None
        cls, count = classes.most_common(1)[0]
        return cls if count >= _SHARE * counted.total() else None

    def _counted(self) -> dict[str, Counter[tuple[str, str]]]:
        texts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for module in self._sources():
            self._modules[module.name] = module
            for parameter in _parameters(module):
                if parameter.annotation:
                    texts[parameter.name][(module.name, parameter.annotation)] += 1
        return texts

    def _sources(self) -> Iterator[Module]:
        for name in sorted(self._resolver.host.module_names()):
            if name in _SOURCES or name.startswith("vllm.config."):
                facts = self._resolver.host.module(name)
                if facts is not None:
                    yield facts


def _parameters(module: Module) -> Iterator[Parameter]:
    for function in module.functions:
        yield from function.parameters
    for cls in module.classes:
        for function in cls.functions:
            yield from function.parameters
