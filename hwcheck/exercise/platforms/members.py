"""Members that nobody reads, and names that are read and come back as ``None``."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.platforms.near_names import nearest
from hwcheck.exercise.platforms.source_names import attributes_read_in, names_read_from_platform
from hwcheck.exercise.verdicts import broken, kept, not_applicable
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure
from hwcheck.probe.plain_text import shown
from hwcheck.probe.resolve import bases_of, module_of, namespace_of, owner_of, resolve

__all__ = ["EXAMINATIONS"]

#: What vLLM's Platform had once, and what took its place; empty where nothing did.
_FORMER = {
    "_find_non_ssm_backend": "_find_non_ssm_backends",
    "get_cu_count": "num_compute_units",
    "seed_everything": "manual_seed_all",
    "default_v1": "",
    "get_lora_vocab_padding_size": "",
    "get_piecewise_backend_cls": "get_static_graph_wrapper_cls",
    "is_async_output_supported": "",
    "is_hpu": "",
    "is_kv_cache_dtype_supported": "",
    "is_neuron": "",
    "supports_v1": "",
}
_GRAPH_WRAPPER = "vllm.compilation.cuda_graph.CUDAGraphWrapper"
_LONGEST = 100


def stale_member(bench: Bench) -> Iterator[ExaminedCase]:
    """No member is one slip from vLLM's name for it, or has vLLM's former name only."""
    base = import_module("vllm.platforms.interface").Platform
    present = {name for name in namespace_of(base) if not name.startswith("__")}
    read_by_host = names_read_from_platform()
    candidates = {
        name: _meant(name, present, read_by_host)
        for name in sorted(_own_names(bench))
        if name not in present and name not in read_by_host
    }
    suspects = {name: meant for name, meant in candidates.items() if meant is not None}
    own = attributes_read_in(bench.attribution.tops) if suspects and not bench.control else ()
    if not suspects:
        yield kept()
    for name, meant in suspects.items():
        yield _verdict(bench, name, meant, read_by_plugin=name in own)


def _meant(name: str, present: set[str], read_by_host: dict[str, str]) -> str | None:
    """The name that vLLM has for a member; empty for one that it has no longer."""
    if name in _FORMER:
        return _FORMER[name]
    if name.startswith("_"):
        return None
    return nearest(name, {item for item in (*present, *read_by_host) if item[0] != "_"})


def _verdict(bench: Bench, name: str, meant: str, *, read_by_plugin: bool) -> ExaminedCase:
    if read_by_plugin:
        return not_applicable("the plugin reads it itself", name)
    if not meant:
        return not_applicable("left over: this vLLM neither has nor reads it", name)
    if bench.is_own(meant):
        return not_applicable(f"{meant}, which this vLLM reads, is defined as well", name)
    reason = f"nothing reads {name}: this vLLM has {meant}, which the platform inherits"
    return broken(reason, name, place=bench.place_of(name))


def _own_names(bench: Bench) -> set[str]:
    return {
        name
        for owner in bases_of(type(bench.platform))
        if bench.attribution.owns_module(module_of(owner))
        for name in namespace_of(owner)
        if not (name.startswith("__") and name.endswith("__"))
    }


def silent_none(bench: Bench) -> Iterator[ExaminedCase]:
    """What vLLM reads, and no class defines, is there where the platform claims to need it."""
    needs = _needs(bench)
    missing = [
        name
        for name in sorted({*names_read_from_platform(), *needs})
        if owner_of(type(bench.platform), name) is None
    ]
    values = {name: _value(bench.platform, name) for name in missing}
    nothing = sum(value is None for value in values.values())
    yield kept("all", figures=[Figure(name="names that come back as None", value=float(nothing))])
    for name, value in values.items():
        reader = names_read_from_platform().get(name, "vLLM's Platform")
        if value is not None:
            yield kept(name)
        elif name in needs:
            yield broken(f"{reader} reads {name} and gets None, and {needs[name]}", name)
        else:
            told = f"{reader} reads it and gets None; nothing that the platform claims needs it"
            yield not_applicable(told, name)


def _needs(bench: Bench) -> dict[str, str]:
    """The names that a claim of the platform's needs, and the claim."""
    platform: Any = bench.platform
    found: dict[str, str] = {}
    if _claims(platform, "support_static_graph_mode") and _wraps_as_cuda(platform):
        claim = "the static graph wrapper that the platform names calls it"
        found |= dict.fromkeys(("graph_pool_handle", "current_stream"), claim)
    buffers = _answer(platform, "get_nixl_supported_devices")
    device = _value(platform, "device_type")
    if device != "cpu" and isinstance(buffers, dict) and "cpu" in (buffers.get(device) or ()):
        claim = "get_nixl_supported_devices() offers buffers in host memory, which need it"
        found |= dict.fromkeys(("insert_blocks_to_device", "swap_out_blocks_to_host"), claim)
    return found


def _wraps_as_cuda(platform: object) -> bool:
    try:
        wrapper = resolve(str(_answer(platform, "get_static_graph_wrapper_cls")))
        return isinstance(wrapper, type) and issubclass(wrapper, resolve(_GRAPH_WRAPPER))  # type: ignore[arg-type]
    # Whether the path resolves is judged elsewhere; before 0.10 there is no such wrapper.
    except Exception:
        return False


def _claims(platform: object, member: str) -> bool:
    return _answer(platform, member) is True


def _answer(platform: object, member: str) -> object:
    try:
        return getattr(platform, member)()
    # What is wrong with the member is told by the contract about it.
    except BaseException:
        return None


def _value(platform: object, name: str) -> object:
    try:
        return getattr(platform, name)
    # A plugin's own __getattr__ may refuse, which is no silent None.
    except BaseException as error:
        return shown(error, _LONGEST)


EXAMINATIONS: dict[str, Examination] = {
    "platform.stale-member": stale_member,
    "platform.silent-none": silent_none,
}
