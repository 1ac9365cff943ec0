"""How far a result is from the reference, in units of what is allowed."""

from dataclasses import dataclass
from importlib import import_module

from hwcheck.exercise.operators.torch_names import Dtype, Tensor

__all__ = ["Distance", "distance", "tolerance"]

#: In units of the dtype's last place: of the value itself, and of the largest one in its row.
_OF_VALUE = 8.0
_OF_ROW = 0.25
#: What vLLM's own implementation gets wrong, another may get wrong twice.
_OF_NATIVE = 2.0
#: Values next to the largest of a dtype may overflow in one implementation and not in another.
_NEAR_OVERFLOW = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """The worst element of a result."""

    ratio: float
    """Its error, as a multiple of what is allowed; infinite where it is no number."""
    found: float = 0.0
    expected: float = 0.0
    index: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Where the result is wrong, and by how much."""
        return (
            f"element {list(self.index)} is {self.found:.6g}, the reference {self.expected:.6g}: "
            f"{self.ratio:.3g} times what is allowed"
        )


def tolerance(reference: Tensor, native: Tensor, *, dtype: Dtype, slack: float) -> Tensor:
    """What each element may be off: by dtype, by the size of its row, and by vLLM's own error."""
    torch = import_module("torch")
    about = torch.finfo(dtype)
    size = reference.abs()
    row = _over_row(size)
    allowed = about.eps * (_OF_VALUE * size + _OF_ROW * row) + about.tiny
    error = (native.double() - reference).abs()
    # A row in which vLLM's own result is no number says nothing of another's.
    error = torch.where(error.isfinite(), error, torch.inf)
    return torch.maximum(slack * allowed, _OF_NATIVE * _over_row(error))


def distance(
    found: Tensor,
    reference: Tensor,
    allowed: Tensor,
    *,
    dtype: Dtype,
) -> Distance:
    """Measure the element that is furthest off; shapes are equal."""
    torch = import_module("torch")
    if found.numel() == 0:
        return Distance(ratio=0.0)
    result = found.double()
    error = (result - reference).abs()
    ratio = torch.where(error.isfinite(), error / allowed, torch.inf)
    # Neither what overflows in the dtype nor what vLLM cannot compute can be asked for.
    asked = reference.abs() < _NEAR_OVERFLOW * torch.finfo(dtype).max
    asked &= allowed.isfinite()
    ratio = torch.where(asked, ratio, 0.0)
    worst = int(ratio.argmax())
    where = tuple(int(item) for item in torch.unravel_index(torch.tensor(worst), ratio.shape))
    return Distance(
        ratio=float(ratio[where]),
        found=float(result[where]),
        expected=float(reference[where]),
        index=where,
    )


def _over_row(values: Tensor) -> Tensor:
    if values.numel() == 0 or values.dim() == 0:
        return values
    return values.amax(dim=-1, keepdim=True).expand_as(values)
