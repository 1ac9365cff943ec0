"""The compiler that the platform names, and the manager of the passes over its graphs."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import fields
from importlib import import_module

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.call_binding import called_fault, constructed_fault
from hwcheck.exercise.device_presence import device_is_here, usable_device
from hwcheck.exercise.failures import failed_in_use
from hwcheck.exercise.moved_names import first_found
from hwcheck.exercise.preparation import Unprepared, answer_of, configuration, prepared
from hwcheck.exercise.tiny_config import current_config
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.hosts.bases import BaseCall, Need, base_of
from hwcheck.model.examination import ExaminedCase
from hwcheck.probe.resolve import module_of, owner_of, resolve, source_place

__all__ = ["EXAMINATIONS"]

#: What vLLM builds its own compilers for.
_OWN = ("", "inductor", "eager")

#: The number of the mode in which vLLM splits and compiles a model itself.
_VLLM_COMPILE = 3

#: What of a pass manager only torch's own compiler calls.
_BY_TORCH = ("uuid", "__call__")

#: Where the releases have had the context of a pass, newest first.
_PASSES = ("vllm.compilation.passes.inductor_pass", "vllm.compilation.inductor_pass")


@prepared
def backend(bench: Bench) -> Iterator[ExaminedCase]:
    """A compiler of the platform's own: constructed, then given a graph of one addition."""
    path = str(answer_of(bench, "get_compile_backend"))
    names = import_module("torch._dynamo.backends.registry").list_backends(exclude_tags=())
    if path in _OWN or path in names:
        yield not_applicable(f"{path!r} is no class of the platform's own")
        return
    cls = _class(path)
    base = resolve(base_of("compiler").path)
    if not isinstance(cls, type) or not issubclass(cls, base):  # type: ignore[arg-type]
        yield _foreign(bench, path, cls)
        return
    config = configuration(bench)
    yield (fault := _bound(bench, cls, "compiler"))
    if fault.state is not kept("").state:
        return
    try:
        with current_config(config):
            compiler = cls()
            yield _prepared_compiler(bench, compiler, config)
            yield _compiled(bench, compiler)
    except BaseException as error:
        yield failed_in_use(bench, error, f"{cls.__qualname__}()", "compile", made_of=cls)


def _foreign(bench: Bench, path: str, thing: object) -> ExaminedCase:
    config = configuration(bench)
    if not _compiles(config) and callable(thing):
        # The other modes hand it to torch.compile() as it is.
        return kept("signature")
    return broken(
        f"{path} is no {base_of('compiler').path}, which make_compiler() asserts",
        "signature",
        place=source_place(thing, bench.attribution),
    )


def _prepared_compiler(bench: Bench, compiler: object, config: object) -> ExaminedCase:
    with tempfile.TemporaryDirectory() as folder:
        compiler.initialize_cache(cache_dir=folder, disable_cache=True, prefix="backbone")  # type: ignore[attr-defined]
    name = getattr(compiler, "name", None)
    hashes = [compiler.compute_hash(config) for _ in range(2)]  # type: ignore[attr-defined]
    place = source_place(type(compiler), bench.attribution)
    if not isinstance(name, str):
        return broken(f"its name is {name!r}, no string", "cache-key", place=place)
    if not isinstance(hashes[0], str) or hashes[0] != hashes[1]:
        return broken(f"compute_hash() is {hashes}: not twice one string", "cache-key", place=place)
    return kept("cache-key")


def _compiled(bench: Bench, compiler: object) -> ExaminedCase:
    torch = import_module("torch")
    if not device_is_here(bench.platform):
        return not_measured("compiling may need the device", "compile", needs_device=True)
    given = torch.ones(4, device=usable_device(bench.platform))
    told = compiler.compile(_traced_addition(), [given], {}, _compile_range(), "hwcheck")  # type: ignore[attr-defined]
    place = source_place(type(compiler).compile, bench.attribution)  # type: ignore[attr-defined]
    if not isinstance(told, tuple | list) or len(told) != 2:
        return broken(f"compile() returns {told!r}, no pair", "compile", place=place)
    if told[0] is None:
        return broken(
            "compile() gives no function for a graph of one addition, which vLLM asserts",
            "compile",
            place=place,
        )
    result = told[0](given)
    value = result[0] if isinstance(result, tuple | list) else result
    if not bool((value == given + 1).all()):
        return broken(f"the compiled 1 + 1 is {value!r}", "compile", place=place)
    return kept("compile")


def _traced_addition() -> object:
    torch = import_module("torch")
    module = type("Addition", (torch.nn.Module,), {"forward": lambda self, x: (x + 1,)})
    traced: object = torch.fx.symbolic_trace(module())
    return traced


def _compile_range() -> object:
    try:
        made: object = import_module("vllm.config.utils").Range(start=1, end=8)
    # Before 0.13 a number, or None for all.
    except (ImportError, AttributeError):
        return None
    return made


def _compiles(config: object) -> bool:
    """Whether the platform leaves vLLM's own way of compiling on, the only one with passes."""
    settings = config.compilation_config  # type: ignore[attr-defined]
    mode = getattr(settings, "mode", None) or getattr(settings, "level", None)
    # A number until 0.11.1.
    return getattr(mode, "value", mode) == _VLLM_COMPILE


def _turn_passes_off(config: object) -> None:
    """Ask for no pass, as vLLM does not check which ones a platform that never compiles has."""
    wanted = config.compilation_config.pass_config  # type: ignore[attr-defined]
    for field in fields(wanted):
        if isinstance(getattr(wanted, field.name), bool):
            object.__setattr__(wanted, field.name, False)


def _pass_context() -> AbstractContextManager[object]:
    context = first_found(_PASSES, "pass_context")
    entered: AbstractContextManager[object] = context(_compile_range())  # type: ignore[operator]
    return entered


@prepared
def pass_manager(bench: Bench) -> Iterator[ExaminedCase]:
    """Constructed without arguments, configured, and asked for its part of the cache key."""
    path = str(answer_of(bench, "get_pass_manager_cls"))
    cls = _class(path)
    if not isinstance(cls, type):
        yield not_measured(f"{path!r} is no class", blocked_by="platform.class-path")
        return
    if not bench.attribution.owns_module(module_of(cls)):
        yield not_applicable("it is vLLM's own")
        return
    is_torchs = _is_called_by_torch(bench)
    yield (fault := _bound(bench, cls, "pass-manager", () if is_torchs else _BY_TORCH))
    if fault.state is not kept("").state:
        return
    config = configuration(bench)
    if not _compiles(config):
        _turn_passes_off(config)
    try:
        with current_config(config), _pass_context():
            made = cls()
            made.configure(config)
            key = [made.uuid() for _ in range(2)] if is_torchs else ["", ""]
    except BaseException as error:
        doing = f"{cls.__qualname__}() and configure()"
        yield failed_in_use(bench, error, doing, "configure", made_of=cls)
        return
    if key[0] is None or key[0] != key[1]:
        yield broken(
            f"uuid() is {key}: no steady key of torch's compile cache",
            "configure",
            place=source_place(cls, bench.attribution),
        )
        return
    yield kept("configure")


def _is_called_by_torch(bench: Bench) -> bool:
    """Whether the manager is put where torch looks for passes, not only the plugin's compiler."""
    # Before 0.12 it could not be chosen.
    key = getattr(bench.platform, "pass_key", None) or "post_grad_custom_post_pass"
    return hasattr(import_module("torch._inductor.config"), str(key))


def _bound(bench: Bench, cls: type, base: str, unused: tuple[str, ...] = ()) -> ExaminedCase:
    for call in base_of(base).calls_in(bench.host_version):
        fault = None if call.name in unused else _call_fault(cls, call)
        if fault is None:
            continue
        owner = owner_of(cls, call.name)
        if owner is not None and not bench.attribution.owns_module(module_of(owner)):
            return not_measured(f"vLLM's own {owner.__qualname__}: {fault}", "signature")
        place = source_place(getattr(cls, call.name, cls), bench.attribution)
        return broken(f"{call.name}(): {fault}. {call.relied_on_by}", "signature", place=place)
    return kept("signature")


def _call_fault(cls: type, call: BaseCall) -> str | None:
    if call.name == "__init__":
        return constructed_fault(cls, call.form)
    if not hasattr(cls, call.name):
        return None if call.need is Need.FEATURE else f"there is no {call.name}()"
    return called_fault(cls, call.name, call.form)


def _class(path: str) -> object:
    try:
        return resolve(path)
    except Exception as error:
        raise Unprepared(
            not_measured(f"{path!r} cannot be had", blocked_by="platform.class-path")
        ) from error


EXAMINATIONS: dict[str, Examination] = {
    "compile.backend": backend,
    "compile.pass-manager": pass_manager,
}
