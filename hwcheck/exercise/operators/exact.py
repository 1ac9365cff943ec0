"""vLLM's native implementation as it is, and in float64 throughout."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module

__all__ = ["native_only"]


@contextmanager
def native_only(*, widened: bool) -> Iterator[None]:
    """Let IR operators run vLLM's native implementation; `widened`, in float64 throughout.

    A native implementation computes in float32 whatever it is given, so giving it float64 is not
    enough: each conversion to a narrower dtype becomes one to float64.
    """
    modes = import_module("torch.utils._python_dispatch")
    torch = import_module("torch")
    narrow = frozenset((torch.float32, torch.float16, torch.bfloat16))

    class Native(modes.TorchDispatchMode):  # type: ignore[misc, name-defined]
        def __torch_dispatch__(
            self,
            func: Callable[..., object],
            types: Sequence[type],
            args: tuple[object, ...] = (),
            kwargs: Mapping[str, object] | None = None,
        ) -> object:
            given = dict(kwargs or {})
            if getattr(func, "namespace", "") == "vllm_ir":
                with self:
                    return _native_of(func)(*args, **given)
            if widened and given.get("dtype") in narrow:
                given["dtype"] = torch.float64
            return func(*args, **given)

    with torch.no_grad(), Native():
        yield


def _native_of(func: object) -> Callable[..., object]:
    name = str(getattr(func, "__name__", "")).partition(".")[0]
    implementation: Callable[..., object] = (
        import_module("vllm.ir.op").IrOp.registry[name].impls["native"].impl_fn
    )
    return implementation
