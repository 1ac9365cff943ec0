"""The quantization methods that the plugin registered."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.supported import dtypes_of
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Place
from hwcheck.probe.resolve import owner_of, source_place

__all__ = ["EXAMINATIONS"]

_LAYERS = "vllm.model_executor.layers.quantization"
#: What checkpoints of others say of themselves.
_CHECKPOINTS: tuple[dict[str, object], ...] = (
    {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True, "version": "gemm"},
    {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False, "sym": True},
    {"quant_method": "fp8", "activation_scheme": "dynamic"},
    {"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {}},
)


def registration(bench: Bench) -> Iterator[ExaminedCase]:
    """Each registered class can be made, and is what vLLM and the platform take for the name."""
    for name, cls in _registered(bench):
        fault = _registration_fault(bench, name, cls)
        yield kept(name) if fault is None else broken(fault, name, place=_place(bench, cls))


def config(bench: Bench) -> Iterator[ExaminedCase]:
    """Each registered class answers vLLM's questions with what vLLM can use."""
    for name, cls in _registered(bench):
        for question, check in _QUESTIONS.items():
            yield _answered(bench, name, cls, question, check)


def _registered(bench: Bench) -> list[tuple[str, type]]:
    # Some plugins register where vLLM's command line asks them to; what that raises is judged
    # elsewhere.
    with suppress(Exception):
        bench.platform.pre_register_and_update()  # type: ignore[attr-defined]
    known = import_module(_LAYERS)._CUSTOMIZED_METHOD_TO_QUANT_CONFIG
    return sorted((str(name), cls) for name, cls in known.items())


def _registration_fault(bench: Bench, name: str, cls: type) -> str | None:
    left = sorted(getattr(cls, "__abstractmethods__", ()))
    if left:
        return f"{cls.__qualname__} leaves {', '.join(left)} abstract"
    found = import_module(_LAYERS).get_quantization_config(name)
    if found is not cls:
        return f"vLLM takes {found.__module__}.{found.__qualname__} for {name!r}"
    try:
        bench.platform.verify_quantization(name)  # type: ignore[attr-defined]
    except Exception as error:
        return f"the platform refuses its own method {name!r}: {type(error).__name__}: {error}"
    return None


class _Unanswered(Exception):
    """The question could not be asked with the little that is known of the method."""


class _Unasked(Exception):
    """vLLM does not ask this on this platform."""


_Check = Callable[[Bench, str, type], str | None]


def _answered(bench: Bench, name: str, cls: type, question: str, check: _Check) -> ExaminedCase:
    case = f"{name}-{question.replace('_', '-')}"
    place = _place(bench, cls, question)
    try:
        fault = check(bench, name, cls)
    except _Unanswered as why:
        return not_measured(str(why), case)
    except _Unasked as why:
        return not_applicable(str(why), case)
    except Exception as error:
        raised = bench.attribution.raised(error)
        reason = f"{question}() raises {raised.type}: {raised.message}"
        return broken(reason, case, place=raised.place if raised.in_plugin else place)
    return kept(case) if fault is None else broken(fault, case, place=place)


def _name_fault(bench: Bench, name: str, cls: type) -> str | None:
    told = _instance(name, cls).get_name()  # type: ignore[attr-defined]
    if not isinstance(told, str):
        return f"get_name() gives {told!r}"
    known = import_module(_LAYERS)
    # In vLLM too, one class can serve several names, and gives one of them.
    if told == name or (
        told in known.QUANTIZATION_METHODS and known.get_quantization_config(told) is cls
    ):
        return None
    return f"get_name() gives {told!r}, which names another method than {name!r}"


def _dtypes_fault(bench: Bench, name: str, cls: type) -> str | None:
    told = _instance(name, cls).get_supported_act_dtypes()  # type: ignore[attr-defined]
    torch = import_module("torch")
    strangers = [item for item in told if not isinstance(item, torch.dtype)]
    if strangers or not told:
        return f"get_supported_act_dtypes() gives {told!r} instead of dtypes of torch's"
    supported = {getattr(torch, item) for item in dtypes_of(bench)}
    if not set(told) & supported:
        return f"the method computes in {told}, and the platform in {sorted(map(str, supported))}"
    return None


def _capability_fault(bench: Bench, name: str, cls: type) -> str | None:
    told, reached = None, None
    # A platform that fails here breaks another contract.
    with suppress(Exception):
        told = bench.platform.get_device_capability()  # type: ignore[attr-defined]
        reached = None if told is None else told.to_int()
    try:
        least = cls.get_min_capability()  # type: ignore[attr-defined]
    except NotImplementedError as error:
        if told is None:
            raise _Unasked("vLLM asks only where the platform has a capability") from error
        raise
    if not isinstance(least, int):
        return f"get_min_capability() gives {least!r} instead of a number"
    if reached is not None and reached < least:
        return f"the method needs capability {least}, and the platform has {reached}"
    return None


def _filenames_fault(bench: Bench, name: str, cls: type) -> str | None:
    told = cls.get_config_filenames()  # type: ignore[attr-defined]
    if isinstance(told, list | tuple) and all(isinstance(item, str) for item in told):
        return None
    return f"get_config_filenames() gives {told!r} instead of a list of names"


def _from_config_fault(bench: Bench, name: str, cls: type) -> str | None:
    inspect.signature(cls.from_config).bind({})  # type: ignore[attr-defined]
    base = import_module(f"{_LAYERS}.base_config").QuantizationConfig
    try:
        made = cls.from_config({"quant_method": name})  # type: ignore[attr-defined]
    except (ValueError, NotImplementedError):
        return None
    except Exception as error:
        raise _Unanswered(
            f"a configuration with the method's name alone does not do: "
            f"{type(error).__name__}: {error}"
        ) from error
    return None if isinstance(made, base) else f"from_config() gives {type(made).__name__}"


def _override_fault(bench: Bench, name: str, cls: type) -> str | None:
    """Ask as vLLM asks each known method about each quantized checkpoint, whosever it is."""
    base = import_module(f"{_LAYERS}.base_config").QuantizationConfig
    known = import_module(_LAYERS).QUANTIZATION_METHODS
    keywords = {}
    if "hf_config" in inspect.signature(base.override_quantization_method).parameters:
        keywords["hf_config"] = import_module("transformers").PretrainedConfig()
    for checkpoint in _CHECKPOINTS:
        told = cls.override_quantization_method(dict(checkpoint), None, **keywords)  # type: ignore[attr-defined]
        if told is not None and told not in known:
            return f"override_quantization_method({checkpoint}) gives {told!r}, no known method"
    return None


_QUESTIONS: dict[str, _Check] = {
    "get_name": _name_fault,
    "get_supported_act_dtypes": _dtypes_fault,
    "get_min_capability": _capability_fault,
    "get_config_filenames": _filenames_fault,
    "from_config": _from_config_fault,
    "override_quantization_method": _override_fault,
}


def _instance(name: str, cls: type) -> object:
    base = import_module(f"{_LAYERS}.base_config").QuantizationConfig
    for given in ({}, *_CHECKPOINTS):
        with suppress(Exception):
            made: object = cls.from_config({**given, "quant_method": name})  # type: ignore[attr-defined]
            if isinstance(made, base):
                return made
    with suppress(Exception):
        return cls()
    raise _Unanswered("the method cannot be configured with the little that is known of it")


def _place(bench: Bench, cls: type, method: str | None = None) -> Place | None:
    owner = owner_of(cls, method) if method else None
    thing: object = cls
    if owner is not None and method and bench.attribution.owns_module(owner.__module__):
        thing = vars(owner)[method]
    return source_place(getattr(thing, "__func__", thing), bench.attribution)


EXAMINATIONS: dict[str, Examination] = {
    "quantization.registration": registration,
    "quantization.config": config,
}
