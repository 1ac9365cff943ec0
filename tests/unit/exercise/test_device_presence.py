from collections.abc import Callable

import pytest

from hwcheck.exercise.device_presence import finds_no_device
from hwcheck.exercise.failures import may_lack_device, refuses


class _Handing(ValueError):
    """Hands another exception on, as pydantic does."""

    def __init__(self, inner: Exception) -> None:
        super().__init__("1 validation error")
        self.inner = inner

    def errors(self) -> list[dict[str, object]]:
        return [{"ctx": {"error": self.inner}}]


def _raised(file: str) -> Exception:
    """
    What a `_lazy_init` in a file raises.
    """
    names: dict[str, Callable[[], None]] = {}
    source = "def _lazy_init():\n    raise ValueError('no device')\n"
    exec(compile(source, file, "exec"), names)
    with pytest.raises(ValueError, match="no device") as caught:
        names["_lazy_init"]()
    return caught.value


def test_torch_without_a_device_is_known_by_its_place():
    """
    Only torch's own start of a device counts, not a function of that name elsewhere.
    """
    assert finds_no_device(_raised("site-packages/torch/cuda/__init__.py"))
    assert not finds_no_device(_raised("site-packages/acme/torch_cuda.py"))
    assert not finds_no_device(AssertionError("wrong"))


@pytest.mark.parametrize("wrapped", [lambda error: error, _Handing])
def test_torch_built_without_a_device_is_no_refusal(wrapped: Callable[[Exception], Exception]):
    """
    An assertion of torch's is neither the plugin's refusal nor its fault, handed on or not.
    """
    error = wrapped(AssertionError("Torch not compiled with CUDA enabled"))

    assert may_lack_device(error)
    assert not refuses(error)


def test_device_that_nobody_makes_tensors_for_is_not_here():
    """
    torch's dispatcher has no making of tensors where the vendor's library is not loaded; any other
    operator that it lacks is missing from a library that is.
    """
    words = "Could not run 'aten::{}' with arguments from the 'musa' backend. This could be because"
    memory, strided = words.format("empty.memory_format"), words.format("empty_strided")

    assert finds_no_device(NotImplementedError(memory))
    assert finds_no_device(NotImplementedError(strided))
    assert not finds_no_device(NotImplementedError(words.format("cumsum.out")))
    assert not finds_no_device(RuntimeError(memory))
