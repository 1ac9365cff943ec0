"""How vLLM's normalisation layers are constructed and used."""

from hypothesis import strategies as st

from hwcheck.exercise.operators.draws import CONTENTS, SEEDS, TOKENS, WIDTHS
from hwcheck.exercise.operators.trial import MODEL_DTYPE, Drawn, Recipe, Trial

__all__ = ["RECIPES"]

_EPSILONS = st.sampled_from((1e-6, 1e-5))


@st.composite
def _rms_norm(draw: st.DrawFn, dtype: str, *, gemma: bool = False) -> Trial:
    width, eps = draw(WIDTHS), draw(_EPSILONS)
    with_residual = draw(st.booleans())
    settings: list[tuple[str, object]] = [("hidden_size", width), ("eps", eps)]
    if not gemma:
        # Phi-4-mini-MoE and MLA use neither; InternVL's and Llama 4's norms use one of them.
        settings += draw(
            st.sampled_from(
                (
                    [],
                    [],
                    [("var_hidden_size", width // 2)],
                    [("has_weight", False)],
                )
            )
        )
    # The norms of queries and keys see (tokens, heads, size), as a part of wider rows.
    heads = () if with_residual else draw(st.sampled_from(((), (3,))))
    shape = (draw(TOKENS), *heads, width)
    x = Drawn(shape=shape, content=draw(CONTENTS), seed=draw(SEEDS))
    if not with_residual:
        return Trial(dtype=dtype, settings=tuple(settings), inputs=(x,), views=(0,))
    residual = Drawn(shape=shape, content=draw(CONTENTS), seed=draw(SEEDS) + 100)
    return Trial(
        dtype=dtype,
        settings=tuple(settings),
        inputs=(x, residual),
        # vLLM's fused kernels write both results over the inputs.
        may_change=(0, 1),
    )


@st.composite
def _layer_norm(draw: st.DrawFn, dtype: str) -> Trial:
    width = draw(WIDTHS)
    return Trial(
        dtype=dtype,
        settings=(("hidden_size", width), ("eps", draw(_EPSILONS)), ("dtype", MODEL_DTYPE)),
        inputs=(Drawn(shape=(draw(TOKENS), width), content=draw(CONTENTS), seed=draw(SEEDS)),),
    )


@st.composite
def _gated(draw: st.DrawFn, dtype: str) -> Trial:
    width = draw(WIDTHS)
    shape = (draw(TOKENS), width)
    return Trial(
        dtype=dtype,
        settings=(
            ("hidden_size", width),
            ("eps", draw(_EPSILONS)),
            ("group_size", draw(st.sampled_from((None, width // 2)))),
            ("norm_before_gate", draw(st.booleans())),
            ("dtype", MODEL_DTYPE),
        ),
        inputs=(
            Drawn(shape=shape, content=draw(CONTENTS), seed=draw(SEEDS)),
            Drawn(shape=shape, seed=draw(SEEDS) + 100),
        ),
    )


RECIPES = (
    Recipe(name="RMSNorm", trials=_rms_norm),
    Recipe(name="GemmaRMSNorm", trials=lambda dtype: _rms_norm(dtype, gemma=True)),
    Recipe(name="LayerNorm", trials=_layer_norm),
    Recipe(name="RMSNormGated", trials=_gated),
)
