"""The class paths that a platform's members answer with, resolved one by one."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module

from hwcheck.model.observation import ClassSeen, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.plain_text import plain, shown
from hwcheck.probe.resolve import class_seen, qualified_name, resolve
from hwcheck.probe.session import Session

__all__ = ["take_class_paths"]

_LONGEST_ANSWER = 300
_ATTENTION = "get_attn_backend_cls"
#: A plain decoder layer, by the parameter names of every release since 0.9.
_PLAIN_ATTENTION: dict[str, object] = {
    "selected_backend": None,
    "head_size": 64,
    "kv_cache_dtype": "auto",
    "block_size": 16,
    "use_v1": True,
    "use_mla": False,
    "has_sink": False,
    "use_sparse": False,
    "num_heads": 4,
}
_SELECTOR_MODULES = ("vllm.v1.attention.selector", "vllm.attention.selector")


def take_class_paths(session: Session, platform: object) -> None:
    """Ask each getter and resolve its answer; for the attention backend, its parts as well."""
    for getter in session.request.getters:
        held: list[object] = []
        session.attempt(
            StepName.CLASS_PATH,
            partial(_find, platform, getter, held, session.attribution),
            getter,
            limit=session.import_limit,
        )
        if getter == _ATTENTION and held and isinstance(held[0], type):
            for part in ("get_impl_cls", "get_builder_cls"):
                session.attempt(
                    StepName.CLASS_PATH,
                    partial(_part, held[0], part, session.attribution),
                    f"{_ATTENTION}.{part}",
                )


def _find(platform: object, getter: str, held: list[object], attribution: Attribution) -> ClassSeen:
    answer = _answer(platform, getter)
    path = plain(answer)
    if path is None:
        return class_seen(shown(answer, _LONGEST_ANSWER), answer, attribution)
    if "." not in path:
        return ClassSeen(path=path, is_class=False, type="str", bases=())
    held.append(resolve(path))
    return class_seen(path, held[0], attribution)


def _part(backend: type, part: str, attribution: Attribution) -> ClassSeen:
    try:
        cls = getattr(backend, part)()
    except AssertionError:
        # vLLM asks while a configuration is set, and asserts that when the plugin looks at it.
        with _default_configuration():
            cls = getattr(backend, part)()
    path = qualified_name(cls) if isinstance(cls, type) else shown(cls, _LONGEST_ANSWER)
    return class_seen(path, cls, attribution)


def _default_configuration() -> AbstractContextManager[object]:
    config = import_module("vllm.config")
    manager: AbstractContextManager[object] = config.set_current_vllm_config(config.VllmConfig())
    return manager


def _answer(platform: object, getter: str) -> object:
    member = getattr(platform, getter)
    if getter == _ATTENTION:
        return _attention_answer(platform, member)
    return member()


def _attention_answer(platform: object, member: Callable[..., object]) -> object:
    base = import_module("vllm.platforms.interface").Platform
    names = list(inspect.signature(getattr(base, _ATTENTION)).parameters)
    known = _PLAIN_ATTENTION | {"dtype": _some_dtype(platform)}
    if "attn_selector_config" in names:
        config = _selector_config(known)
        keywords = {"attn_selector_config": config}
        if "num_heads" in names:
            keywords["num_heads"] = known["num_heads"]
        return member(None, **keywords)
    return member(*(known.get(name) for name in names))


def _some_dtype(platform: object) -> object:
    # What is wrong with supported_dtypes is told where its value is read, not here.
    try:
        return next(iter(platform.supported_dtypes))  # type: ignore[attr-defined]
    except Exception:
        return import_module("torch").float32


def _selector_config(known: dict[str, object]) -> object:
    for name in _SELECTOR_MODULES:
        try:
            cls = import_module(name).AttentionSelectorConfig
        except (ImportError, AttributeError):
            continue
        fields = inspect.signature(cls).parameters
        return cls(**{field: known[field] for field in fields if field in known})
    raise LookupError("this vLLM has no AttentionSelectorConfig where it is looked for")
