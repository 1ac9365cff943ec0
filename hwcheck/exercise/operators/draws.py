"""What the generated uses of operators are made of."""

from hypothesis import strategies as st

__all__ = ["CONTENTS", "SEEDS", "TOKENS", "TOKENS_OR_NONE", "WIDTHS"]

TOKENS = st.sampled_from((1, 2, 5, 17))
#: An expert that no token chose computes its activation all the same.
TOKENS_OR_NONE = st.sampled_from((1, 2, 5, 17, 0))
#: Widths below and above a vector register, and one that is no power of two.
WIDTHS = st.sampled_from((16, 64, 96, 256))
CONTENTS = st.sampled_from(("normal", "normal", "spike", "small", "zeros"))
SEEDS = st.integers(0, 15)
