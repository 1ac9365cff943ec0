"""How vLLM's activations are constructed and used."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from hwcheck.exercise.operators.draws import CONTENTS, SEEDS, TOKENS_OR_NONE, WIDTHS
from hwcheck.exercise.operators.trial import MODEL_DTYPE, Drawn, Recipe, Trial

__all__ = ["RECIPES"]

_Settings = tuple[tuple[str, object], ...]
_NONE: tuple[_Settings, ...] = ((),)


def _activation(
    name: str, settings: tuple[_Settings, ...] = _NONE, *, gated: bool = False
) -> Recipe:
    return Recipe(name=name, trials=_trials(settings, gated=gated))


def _trials(
    settings: tuple[_Settings, ...], *, gated: bool
) -> Callable[[str], SearchStrategy[Trial]]:
    @st.composite
    def trial(draw: st.DrawFn, dtype: str) -> Trial:
        width = draw(WIDTHS) * (2 if gated else 1)
        # A vision tower's activations see (batch, tokens, width).
        shape = (*draw(st.sampled_from(((), (2,)))), draw(TOKENS_OR_NONE), width)
        x = Drawn(shape=shape, content=draw(CONTENTS), seed=draw(SEEDS))
        return Trial(dtype=dtype, settings=draw(st.sampled_from(settings)), inputs=(x,))

    return trial


_APPROXIMATE = ((("approximate", "none"),), (("approximate", "tanh"),))

RECIPES = (
    _activation("SiluAndMul", gated=True),
    _activation("MulAndSilu", gated=True),
    _activation("GeluAndMul", _APPROXIMATE, gated=True),
    _activation("FatreluAndMul", ((("threshold", 0.0),), (("threshold", 0.5),)), gated=True),
    _activation(
        "SituAndMul", ((("beta", 1.0),), (("beta", 2.0), ("linear_beta", 1.5))), gated=True
    ),
    _activation(
        "SiluAndMulWithClamp",
        (
            (("swiglu_limit", 7.0),),
            (("swiglu_limit", 1.0), ("alpha", 1.702), ("beta", 1.0)),
        ),
        gated=True,
    ),
    _activation(
        "GeluAndMulSparse",
        tuple((("activation_sparsity", 0.95), *approximate) for approximate in _APPROXIMATE),
        gated=True,
    ),
    _activation(
        "SwigluOAIAndMul",
        ((("alpha", 1.702), ("limit", 7.0)), (("alpha", 1.0), ("limit", 1.0))),
        gated=True,
    ),
    _activation("SwigluStepAndMul", ((("limit", 7.0),), (("limit", 0.5),)), gated=True),
    _activation("GELU"),
    _activation("GELUTanh"),
    _activation("NewGELU"),
    _activation("FastGELU"),
    _activation("QuickGELU"),
    _activation("ReLUSquaredActivation"),
    _activation("XIELU", ((("dtype", MODEL_DTYPE),),)),
)
