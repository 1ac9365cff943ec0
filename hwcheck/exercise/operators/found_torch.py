"""The operators in torch's registry that the plugin defined."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from hwcheck.exercise.bench import Bench
from hwcheck.model.outcome import Place

__all__ = ["TorchOperator", "torch_operators_of"]

#: Where torch says which line registered something.
_REGISTERED = re.compile(r"registered at (\S+\.py):(\d+)")
#: What torch registers itself; `vllm_ir` holds the host's operators, whoever provides them.
_NOT_PLUGINS = frozenset(
    (
        *("_c10d_functional", "_c10d_functional_autograd", "_dtensor", "_native", "_quantized"),
        *("_test", "aten", "c10d", "debug_mode_ops", "debugprims", "export", "image", "inductor"),
        *("inductor_prims", "mkl", "mkldnn", "mkldnn_prepacked", "onednn", "prims", "profiler"),
        *("quantization", "quantized", "rngprims", "sparse", "static_runtime", "symm_mem"),
        *("torchvision", "vllm_ir"),
    )
)
_OF_HOST = "vllm"
_DEFINES = "direct_register_custom_op"


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchOperator:
    """One operator of the plugin's."""

    name: str
    """``namespace::name`` or ``namespace::name.overload``."""
    in_python: bool
    """Whether a line of Python registered it, so that wrong arguments cannot kill the process."""
    has_fake: bool
    place: Place | None = None

    @property
    def overload(self) -> object:
        """What is called."""
        namespace, _, rest = self.name.partition("::")
        name, _, overload = rest.partition(".")
        packet = getattr(getattr(import_module("torch").ops, namespace), name)
        return getattr(packet, overload or "default")


def torch_operators_of(bench: Bench) -> tuple[TorchOperator, ...]:
    """Everything in torch's registry that a line or a library of the plugin's defined."""
    torch = import_module("torch")
    names: list[str] = torch._C._dispatch_get_all_op_names()
    files = frozenset(_libraries(bench))
    found = (_owned(bench, name, files) for name in sorted(names) if not _is_of_torch(name))
    return tuple(item for item in found if item is not None)


def _is_of_torch(name: str) -> bool:
    return name.partition("::")[0] in _NOT_PLUGINS


def _owned(bench: Bench, name: str, libraries: frozenset[str]) -> TorchOperator | None:
    place = _line_of(bench, name)
    in_python = place is not None or _is_of_python(name)
    if place is None and not _is_in(bench, name, libraries, in_python=in_python):
        return None
    return TorchOperator(name=name, in_python=in_python, has_fake=_has_fake(name), place=place)


def _line_of(bench: Bench, name: str) -> Place | None:
    """The plugin's line that defined or implemented an operator, where torch knows it."""
    for file, line in _lines(name):
        if bench.attribution.owns_file(file):
            return bench.attribution.place(file, line, None)
    return None


def _lines(name: str) -> Iterator[tuple[str, int]]:
    for function in _functions(name):
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is not None:
            yield code.co_filename, code.co_firstlineno
    torch = import_module("torch")
    for match in _REGISTERED.finditer(torch._C._dispatch_dump(name)):
        yield match[1], int(match[2])


def _functions(name: str) -> Iterator[Callable[..., object]]:
    """Yield the Python functions that torch keeps of an operator."""
    library = import_module("torch._library")
    definition = getattr(library.custom_ops, "OPDEFS", {}).get(name)
    yield from filter(None, (getattr(definition, "_init_fn", None),))
    kernel = _fake_kernel(name)
    if kernel is not None:
        yield from _inside(getattr(kernel, "func"))  # noqa: B009


def _inside(function: Callable[..., object]) -> Iterator[Callable[..., object]]:
    """Yield a function and those that its closure holds: torch wraps what it is given."""
    yield function
    for cell in getattr(function, "__closure__", None) or ():
        if inspect.isfunction(cell.cell_contents):
            yield cell.cell_contents


def _fake_kernel(name: str) -> object | None:
    registry = import_module("torch._library.simple_registry").singleton
    kernel: object | None = registry.find(name.partition(".")[0]).fake_impl.kernel
    return kernel


def _has_fake(name: str) -> bool:
    torch = import_module("torch")
    if _fake_kernel(name) is not None:
        return True
    return any(
        torch._C._dispatch_has_kernel_for_dispatch_key(name, key)
        for key in ("Meta", "CompositeImplicitAutograd")
    )


def _is_of_python(name: str) -> bool:
    return next(_lines(name), None) is not None


def _is_in(bench: Bench, name: str, libraries: frozenset[str], *, in_python: bool) -> bool:
    """Whether the plugin's own text or libraries name an operator that torch knows no line of."""
    namespace, _, rest = name.partition("::")
    word = rest.partition(".")[0]
    if in_python:
        # Defined through vLLM's library: without a fake, torch keeps no line of the plugin's.
        return (
            namespace == _OF_HOST
            and _fake_kernel(name) is None
            and any(
                _DEFINES in text and (f'"{word}"' in text or f"'{word}'" in text)
                for text in _sources(bench)
            )
        )
    return any(
        namespace.encode() in data and word.encode() in data
        for data in (_read(file) for file in libraries)
    )


def _sources(bench: Bench) -> Iterator[str]:
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py") and bench.attribution.owns_file(file):
            yield _read(file).decode("utf-8", "replace")


def _libraries(bench: Bench) -> Iterator[str]:
    """Yield the compiled files of the plugin that this process holds."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for file in {line.partition("/")[2] for line in lines if ".so" in line}:
        if bench.attribution.owns_file("/" + file):
            yield "/" + file


_CONTENTS: dict[str, bytes] = {}


def _read(file: str) -> bytes:
    if file not in _CONTENTS:
        try:
            _CONTENTS[file] = Path(file).read_bytes()
        except OSError:
            _CONTENTS[file] = b""
    return _CONTENTS[file]
