"""Calls of the collectives that vLLM's groups make, generated."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = ["COLLECTIVES", "RANKS", "Call", "calls_of"]

RANKS = 2
#: By the name of the method; the last is two.
COLLECTIVES = (
    "all_reduce",
    "all_gather",
    "all_gatherv",
    "reduce_scatter",
    "reduce_scatterv",
    "gather",
    "broadcast",
    "send-recv",
)
_SIZE = st.integers(1, 5)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Call:
    """One call, made by both ranks."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    """A dtype of torch's, by name."""
    dim: int | None = None
    strided: bool = False
    """Whether the tensors are views that are not contiguous."""
    sizes: tuple[int, ...] | None = None
    """The rows of each rank, where they may differ."""
    root: int | None = None
    """The rank that sends or receives, where one does."""
    seed: int = 0

    def __repr__(self) -> str:
        told = {"dim": self.dim, "strided": self.strided or None, "sizes": self.sizes}
        told |= {"root": self.root, "seed": self.seed or None}
        more = "".join(f", {key}={value!r}" for key, value in told.items() if value is not None)
        return f"{self.name}(shape={self.shape}, dtype={self.dtype}{more})"


def calls_of(name: str, dtypes: tuple[str, ...]) -> SearchStrategy[Call]:
    """Generate calls of one collective with tensors of one to three dimensions.

    Of `shape`, the ranks of ``all_gatherv`` give as many rows as `sizes` says.
    """
    # The reduce_scatter() of vLLM's own base is right for dimensions 0 and 1 alone.
    most = 2 if name == "reduce_scatter" else 3
    shapes = st.lists(_SIZE, min_size=1, max_size=most).map(tuple[int, ...])
    plain = st.builds(
        Call,
        name=st.just(name),
        shape=shapes,
        dtype=st.sampled_from(dtypes),
        seed=st.integers(0, 3),
    )
    return {
        "all_gather": st.builds(_with_dim, plain, st.integers(0, 5)),
        "gather": st.builds(_with_dim, _rooted(plain), st.integers(0, 5)),
        "reduce_scatter": st.builds(_divisible, plain, st.integers(0, 5), st.booleans()),
        "all_gatherv": st.builds(_with_sizes, plain, st.none() | st.tuples(_SIZE, _SIZE)),
        "reduce_scatterv": st.builds(_with_sizes, plain, st.none() | st.tuples(_SIZE, _SIZE)),
        "broadcast": _rooted(plain),
        "send-recv": _rooted(plain),
    }.get(name, plain)


def _rooted(calls: SearchStrategy[Call]) -> SearchStrategy[Call]:
    return st.builds(lambda call, root: replace(call, root=root), calls, st.integers(0, RANKS - 1))


def _with_dim(call: Call, where: int) -> Call:
    count = len(call.shape)
    return replace(call, dim=where % (2 * count) - count)


def _divisible(call: Call, where: int, strided: bool) -> Call:
    made = _with_dim(call, where)
    shape = list(made.shape)
    shape[made.dim or 0] *= RANKS
    return replace(made, shape=tuple(shape), strided=strided and len(shape) > 1)


def _with_sizes(call: Call, sizes: tuple[int, int] | None) -> Call:
    rows = sum(sizes) if sizes else call.shape[0] * RANKS
    if call.name == "all_gatherv" and sizes is None:
        rows = call.shape[0]
    return replace(call, shape=(rows, *call.shape[1:]), sizes=sizes)
