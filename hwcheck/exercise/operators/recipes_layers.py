"""How vLLM's parallel layers are constructed and used, on one rank."""

from hypothesis import strategies as st

from hwcheck.exercise.operators.draws import SEEDS, TOKENS
from hwcheck.exercise.operators.trial import Drawn, Recipe, Trial, Whole

__all__ = ["RECIPES"]

#: A product's error grows with its length, in whatever order it is summed.
_SLACK = 4.0
_SIZES = st.sampled_from((64, 96, 128))


@st.composite
def _linear(draw: st.DrawFn, dtype: str) -> Trial:
    return _product(draw, dtype, (("output_size", draw(_SIZES)), ("bias", draw(st.booleans()))))


@st.composite
def _merged(draw: st.DrawFn, dtype: str) -> Trial:
    part = draw(_SIZES)
    return _product(draw, dtype, (("output_sizes", [part, part]), ("bias", False)))


@st.composite
def _qkv(draw: st.DrawFn, dtype: str) -> Trial:
    width = draw(_SIZES)
    heads = (("head_size", 32), ("total_num_heads", 4), ("total_num_kv_heads", 2))
    settings = (("hidden_size", width), *heads, ("bias", draw(st.booleans())))
    return _given(draw, dtype, width, settings)


def _product(draw: st.DrawFn, dtype: str, settings: tuple[tuple[str, object], ...]) -> Trial:
    width = draw(_SIZES)
    return _given(draw, dtype, width, (("input_size", width), *settings))


def _given(
    draw: st.DrawFn, dtype: str, width: int, settings: tuple[tuple[str, object], ...]
) -> Trial:
    x = Drawn(shape=(draw(TOKENS), width), seed=draw(SEEDS))
    return Trial(dtype=dtype, settings=settings, inputs=(x,), slack=_SLACK)


@st.composite
def _embedding(draw: st.DrawFn, dtype: str) -> Trial:
    words = draw(st.sampled_from((64, 100)))
    return Trial(
        dtype=dtype,
        settings=(("num_embeddings", words), ("embedding_dim", draw(_SIZES))),
        inputs=(Whole(shape=(draw(TOKENS),), below=words, seed=draw(SEEDS)),),
    )


RECIPES = (
    Recipe(name="VocabParallelEmbedding", trials=_embedding, needs_groups=True),
    Recipe(name="ReplicatedLinear", trials=_linear, needs_groups=True),
    Recipe(name="ColumnParallelLinear", trials=_linear, needs_groups=True),
    Recipe(name="RowParallelLinear", trials=_linear, needs_groups=True),
    Recipe(name="MergedColumnParallelLinear", trials=_merged, needs_groups=True),
    Recipe(name="QKVParallelLinear", trials=_qkv, needs_groups=True),
)
