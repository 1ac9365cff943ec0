"""Whether the calls that vLLM makes fit a signature."""

import inspect
from collections.abc import Sequence
from dataclasses import replace

from hwcheck.hosts.members import CallForm
from hwcheck.model.observation import Parameter

__all__ = ["constructor_fault", "signature_fault"]

#: How vLLM constructs what a platform names.
_CONSTRUCTIONS = {
    "get_attn_backend_cls.get_impl_cls": CallForm(positional=10),
    "get_attn_backend_cls.get_builder_cls": CallForm(positional=4),
    "get_compile_backend": CallForm(positional=0),
    "get_device_communicator_cls": CallForm(
        positional=0,
        keywords=("cpu_group", "device", "device_group", "unique_name", "use_all2all"),
    ),
    "get_pass_manager_cls": CallForm(positional=0),
    "get_punica_wrapper": CallForm(positional=1, keywords=("max_batches", "device", "lora_config")),
    "get_static_graph_wrapper_cls": CallForm(
        positional=0, keywords=("runnable", "vllm_config", "runtime_mode", "cudagraph_options")
    ),
    "worker_cls": CallForm(
        positional=0,
        keywords=(
            "vllm_config",
            "local_rank",
            "rank",
            "distributed_init_method",
            "is_driver_worker",
        ),
    ),
}


def signature_fault(
    own: Sequence[Parameter], base: Sequence[Parameter] | None, calls: Sequence[CallForm]
) -> str | None:
    """Say which call of vLLM's does not fit a plugin's method, ``None`` when all do.

    A form that this host's own method would not accept is not how this host calls.
    """
    forms = [form for form in calls if base is None or _misfit(base, form) is None]
    # What takes anything says nothing of how it is called.
    if not forms and base is not None and not any(map(_is_variadic, base)):
        forms = [_plain_form(base)]
    for form in forms:
        fault = _misfit(own, form)
        if fault is not None:
            return f"vLLM calls it with {_told(form, base)}: {fault}; it takes {_shown(own)}"
    return None


def constructor_fault(
    case: str, own: Sequence[Parameter] | None, base: Sequence[Parameter] | None
) -> str | None:
    """Say why a class cannot be constructed as vLLM does it, ``None`` when it can.

    ``None`` as well when the class inherits its constructor from vLLM, or when nothing is known.
    """
    form = _CONSTRUCTIONS.get(case)
    if form is None or own is None:
        return None
    if base is not None and _misfit(base, form) is not None:
        return None
    fault = _misfit(own, form)
    if fault is None:
        return None
    return f"vLLM constructs it with {_told(form, base)}: {fault}; it takes {_shown(own)}"


def _misfit(parameters: Sequence[Parameter], form: CallForm) -> str | None:
    signature = inspect.Signature([_parameter(item) for item in _bindable(parameters, form)])
    try:
        signature.bind(*[None] * form.positional, **dict.fromkeys(form.keywords))
    except TypeError as error:
        return str(error)
    return None


def _bindable(parameters: Sequence[Parameter], form: CallForm) -> Sequence[Parameter]:
    """Rename positional-only parameters whose names `form` gives to ``**keywords``.

    Python accepts such a call; `inspect.Signature.bind` of older Pythons refuses it.
    """
    if not any(item.kind == "VAR_KEYWORD" for item in parameters):
        return parameters
    return [
        replace(item, name=f"{item.name}_positional_only")
        if item.kind == "POSITIONAL_ONLY" and item.name in form.keywords
        else item
        for item in parameters
    ]


def _parameter(item: Parameter) -> inspect.Parameter:
    return inspect.Parameter(
        item.name,
        inspect._ParameterKind[item.kind],
        default=None if item.has_default else inspect.Parameter.empty,
    )


def _is_variadic(item: Parameter) -> bool:
    return item.kind.startswith("VAR_")


def _plain_form(base: Sequence[Parameter]) -> CallForm:
    required = [item for item in base if not item.has_default]
    return CallForm(
        positional=sum(item.kind.startswith("POSITIONAL") for item in required),
        keywords=tuple(item.name for item in required if item.kind == "KEYWORD_ONLY"),
    )


def _told(form: CallForm, base: Sequence[Parameter] | None) -> str:
    names = [item.name for item in base or () if item.kind.startswith("POSITIONAL")]
    given = (names + [f"argument {n}" for n in range(1, 20)])[: form.positional]
    return "(" + ", ".join([*given, *(f"{name}=" for name in form.keywords)]) + ")"


def _shown(parameters: Sequence[Parameter]) -> str:
    return str(inspect.Signature([_parameter(item) for item in parameters])).replace(
        "=None", "=..."
    )
