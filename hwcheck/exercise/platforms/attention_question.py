"""What vLLM asks a platform for an attention backend, in the form of the running release."""

import inspect
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

from hwcheck.probe.resolve import resolve

__all__ = [
    "Question",
    "answer",
    "backend_base",
    "backend_enum",
    "plain_backend",
    "selector_fields",
]

_MEMBER = "get_attn_backend_cls"
_ENUMS = (
    ("vllm.v1.attention.backends.registry", "AttentionBackendEnum"),
    ("vllm.attention.backends.registry", "AttentionBackendEnum"),
    ("vllm.attention.backends.registry", "_Backend"),
    ("vllm.platforms.interface", "_Backend"),
)
_CONFIGS = (
    ("vllm.v1.attention.selector", "AttentionSelectorConfig"),
    ("vllm.attention.selector", "AttentionSelectorConfig"),
)
_BASES = (
    ("vllm.v1.attention.backend", "AttentionBackend"),
    ("vllm.attention.backends.abstract", "AttentionBackend"),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Question:
    """One layer that needs a backend; what a release does not ask for is left out."""

    selected: str | None = None
    """The name of the backend that the user chose."""
    head_size: int = 64
    dtype: str = "float32"
    kv_cache_dtype: str | None = "auto"
    block_size: int | None = None
    num_heads: int | None = 4
    flags: frozenset[str] = frozenset()
    """What else is so: ``use_mla``, ``has_sink``, ..."""
    attn_type: str = "decoder"

    def __repr__(self) -> str:
        """What is asked, as keywords."""
        told = {
            "selected_backend": self.selected,
            "head_size": self.head_size,
            "dtype": self.dtype,
            "kv_cache_dtype": self.kv_cache_dtype,
            "block_size": self.block_size,
            "num_heads": self.num_heads,
            "attn_type": self.attn_type,
        } | dict.fromkeys(sorted(self.flags), True)
        return ", ".join(f"{name}={value!r}" for name, value in told.items())


def answer(platform: object, question: Question) -> object:
    """Ask as the running release does; what the platform raises is raised.

    Raises LookupError: this release asks in a form that is not known.
    """
    member = getattr(platform, _MEMBER)
    names = _parameters()
    enum = backend_enum()
    selected = None if question.selected is None else enum[question.selected]
    if "attn_selector_config" in names:
        keywords: dict[str, object] = {"attn_selector_config": _config(question)}
        if "num_heads" in names:
            keywords["num_heads"] = question.num_heads
        return member(selected, **keywords)
    known = _fields(question) | {
        "selected_backend": selected,
        "use_v1": True,
        "num_heads": question.num_heads,
        "block_size": question.block_size or 16,
    }
    # Flags are the only ones that a question may leave out.
    return member(*(known.get(name, False) for name in names))


@cache
def backend_enum() -> type[Enum]:
    """Find the enumeration of attention backends.

    Raises LookupError: it is not where it is looked for.
    """
    found: type[Enum] = _first(_ENUMS)
    return found


@cache
def backend_base() -> type:
    """Find the base of all attention backends.

    Raises LookupError: it is not where it is looked for.
    """
    found: type = _first(_BASES)
    return found


@cache
def selector_fields() -> frozenset[str]:
    """Name what this release tells about a layer."""
    names = _parameters()
    if "attn_selector_config" not in names:
        return frozenset(names)
    return frozenset(inspect.signature(_first(_CONFIGS)).parameters)


def plain_backend(platform: object) -> type | None:
    """Resolve the backend of a plain decoder layer, ``None`` when the platform names none."""
    try:
        backend = resolve(str(answer(platform, Question())))
    # Why there is none is told by the contract about the selection.
    except BaseException:
        return None
    return backend if isinstance(backend, type) and issubclass(backend, backend_base()) else None


def _config(question: Question) -> object:
    cls = _first(_CONFIGS)
    known = _fields(question) | dict.fromkeys(question.flags, True)
    names = inspect.signature(cls).parameters
    return cls(**{name: value for name, value in known.items() if name in names})


def _fields(question: Question) -> dict[str, object]:
    return {
        "head_size": question.head_size,
        "dtype": getattr(import_module("torch"), question.dtype),
        "kv_cache_dtype": question.kv_cache_dtype,
        "block_size": question.block_size,
        "attn_type": question.attn_type,
    } | dict.fromkeys(question.flags, True)


@cache
def _parameters() -> tuple[str, ...]:
    base = import_module("vllm.platforms.interface").Platform
    return tuple(inspect.signature(getattr(base, _MEMBER)).parameters)


def _first(places: tuple[tuple[str, str], ...]) -> Any:
    for module, name in places:
        try:
            return getattr(import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise LookupError(f"this vLLM has no {places[0][1]} where it is looked for")
