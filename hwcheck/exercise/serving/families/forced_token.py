"""A logits processor as users write them, made when vLLM asks for it: its base is vLLM's."""

from importlib import import_module
from typing import Any

__all__ = ["KEY"]

KEY = "hwcheck_forced_token"
"""Names the token in a request's ``extra_args``."""


def __getattr__(name: str) -> Any:
    if name != "ForcedToken":
        raise AttributeError(name)
    return _made(import_module("vllm.v1.sample.logits_processor").AdapterLogitsProcessor)


def _made(base: Any) -> type:
    # Where types are checked there is no vLLM.
    class ForcedToken(base):  # type: ignore[misc]
        """Leave one token alone possible, in the requests that name one."""

        def is_argmax_invariant(self) -> bool:
            """Say no: greedy requests are changed."""
            return False

        def new_req_logits_processor(self, params: Any) -> Any:
            """Return what changes the logits of one request, or nothing."""
            token = (params.extra_args or {}).get(KEY)
            return None if token is None else _forcing(token)

    return ForcedToken


def _forcing(token: int) -> Any:
    def forced(generated: list[int], logits: Any) -> Any:
        kept = logits[token].clone()
        logits[:] = float("-inf")
        logits[token] = kept
        return logits

    return forced
