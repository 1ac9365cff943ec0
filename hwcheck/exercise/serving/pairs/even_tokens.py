"""A logits processor as users write them: requests that ask for it get even tokens alone."""

from importlib import import_module
from typing import Any

__all__ = ["KEY"]

KEY = "hwcheck_even_tokens"
"""Asks for it, in a request's ``extra_args``."""


def __getattr__(name: str) -> Any:
    if name != "EvenTokens":
        raise AttributeError(name)
    return _made(import_module("vllm.v1.sample.logits_processor").AdapterLogitsProcessor)


def _made(base: Any) -> type:
    # Where types are checked there is no vLLM.
    class EvenTokens(base):  # type: ignore[misc]
        """Leave the even tokens possible, in the requests that ask for it."""

        def is_argmax_invariant(self) -> bool:
            """Say no: greedy requests are changed."""
            return False

        def new_req_logits_processor(self, params: Any) -> Any:
            """Return what changes the logits of one request, or nothing."""
            return _without_odd if (params.extra_args or {}).get(KEY) else None

    return EvenTokens


def _without_odd(generated: list[int], logits: Any) -> Any:
    logits[1::2] = float("-inf")
    return logits
