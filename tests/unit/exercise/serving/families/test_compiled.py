"""What the counters say about a model that should be compiled."""

import pytest

from hwcheck.exercise.serving.compiling import Compilations
from hwcheck.exercise.serving.families.compiled import compiled_case
from hwcheck.model.examination import CaseState
from hwcheck.model.outcome import Refusal


def counted(**changes: int) -> Compilations:
    return Compilations(**{"graphs": 0, "ahead": 0, "captured": 0, "triggers": 0, **changes})


@pytest.mark.parametrize("done", [counted(graphs=1), counted(ahead=1)], ids=["traced", "ahead"])
def test_anything_that_was_compiled_is_proof(done):
    """
    A platform may compile graphs when they are called, or models ahead of time.
    """
    case = compiled_case("VLLM_COMPILE", done, has_parts=True)

    assert case.state is CaseState.KEPT


def test_mode_without_anything_compiled_is_ignored():
    """
    A mode that is left on, with a model that vLLM would compile, is a promise.
    """
    case = compiled_case("VLLM_COMPILE", counted(), has_parts=True)

    assert (case.state, case.refusal) == (CaseState.BROKEN, Refusal.IGNORED)
    assert case.reason == "the configuration says VLLM_COMPILE, and nothing was compiled"


def test_model_that_vllm_does_not_compile_is_not_judged():
    """
    A plugin with models of its own may compile them in a way that nobody counts.
    """
    case = compiled_case("VLLM_COMPILE", counted(), has_parts=False)

    assert case.state is CaseState.NOT_MEASURED


def test_what_other_engines_compiled_does_not_count():
    """
    The counters are those of the process, and more than one engine is started there.
    """
    before, after = counted(graphs=3, triggers=1), counted(graphs=3, triggers=2, captured=4)

    assert after.since(before) == counted(triggers=1, captured=4)
