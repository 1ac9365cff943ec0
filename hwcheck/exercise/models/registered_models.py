"""The models that the plugin registered: what differs from vLLM's own table."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from hwcheck.exercise.bench import Bench
from hwcheck.model.observation import Raised
from hwcheck.model.outcome import Place
from hwcheck.probe.resolve import source_place

__all__ = ["RegisteredModel", "registered_models"]

_REGISTRY = "vllm.model_executor.models.registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """One architecture, and the class that serves it."""

    architecture: str
    path: str
    """Module and class."""
    misplaced: str | None = None
    """The type of what was put in the place of an entry, which vLLM cannot ask for a class."""
    cls: object = None
    """``None`` when it cannot be imported."""
    raised: Raised | None = None
    """Why not."""
    is_draft: bool = False
    """Whether it drafts for another model, which calls it in ways of its own."""

    @property
    def usable(self) -> type | None:
        """The class, ``None`` when there is none that is a module of torch's."""
        cls = self.cls
        is_module = isinstance(cls, type) and issubclass(cls, import_module("torch").nn.Module)
        return cls if is_module and isinstance(cls, type) else None

    def place(self, bench: Bench) -> Place | None:
        """Where the class begins."""
        return source_place(self.cls, bench.attribution) if isinstance(self.cls, type) else None


def registered_models(bench: Bench) -> Iterator[RegisteredModel]:
    """Find what was registered, and import it."""
    registry = import_module(_REGISTRY)
    drafts = getattr(registry, "_SPECULATIVE_DECODING_MODELS", {})
    for architecture, entry in sorted(registry.ModelRegistry.models.items()):
        if not isinstance(entry, registry._BaseRegisteredModel):
            kind = type(entry).__qualname__
            yield RegisteredModel(
                architecture=architecture, path=f"what is no entry, but a {kind},", misplaced=kind
            )
            continue
        path = _path(entry)
        if path == _own_path(registry, architecture):
            continue
        try:
            cls, raised = entry.load_model_cls(), None
        except Exception as error:
            cls, raised = None, bench.attribution.raised(error)
        yield RegisteredModel(
            architecture=architecture,
            path=path,
            cls=cls,
            raised=raised,
            is_draft=architecture in drafts,
        )


def _path(entry: object) -> str:
    module, name = getattr(entry, "module_name", None), getattr(entry, "class_name", None)
    if module is None:
        cls = entry.load_model_cls()  # type: ignore[attr-defined]
        module, name = cls.__module__, cls.__qualname__
    return f"{module}:{name}"


def _own_path(registry: object, architecture: str) -> str | None:
    """What vLLM's own table says of an architecture."""
    known = registry._VLLM_MODELS.get(architecture)  # type: ignore[attr-defined]
    if known is None:
        return None
    module, name = known
    resolved = getattr(
        registry, "_resolve_module_name", lambda item: f"vllm.model_executor.models.{item}"
    )
    return f"{resolved(module)}:{name}"
