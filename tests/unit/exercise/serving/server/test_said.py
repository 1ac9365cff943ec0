"""What the API said, put together from its pieces."""

from types import SimpleNamespace
from typing import Any

from hwcheck.exercise.serving.server.said import Said, counts_fault, said_in


def piece(usage: Any = None, **choice: Any) -> Any:
    """One piece of an answer, with a choice unless there is nothing in it."""
    choices = [SimpleNamespace(finish_reason=None, **choice)] if choice else []
    if choice.get("token_ids") == [9]:
        choices[0].finish_reason = "length"
    return SimpleNamespace(usage=usage, choices=choices)


def said(**changes: Any) -> Said:
    """An answer of two tokens to a prompt of three."""
    whole: dict[str, Any] = {
        "prompt": (1, 2, 3),
        "tokens": (8, 9),
        "text": "ab",
        "finish": "length",
        "counts": (3, 2, 5),
    }
    return Said(**{**whole, **changes})


def test_said_in_puts_the_pieces_of_a_completion_together() -> None:
    """
    Texts and tokens are joined; the prompt, the end and the usage come once.
    """
    usage = SimpleNamespace(prompt_tokens=3, completion_tokens=2, total_tokens=5)

    found = said_in(
        [
            piece(text="a", token_ids=[8], prompt_token_ids=[1, 2, 3]),
            piece(text="b", token_ids=[9], prompt_token_ids=None),
            piece(usage),
        ]
    )

    assert found == said()


def test_said_in_reads_the_pieces_of_a_chat() -> None:
    """
    A chat has its text in deltas, of which some hold none.
    """
    found = said_in(
        [
            piece(delta=SimpleNamespace(content=None), token_ids=None),
            piece(delta=SimpleNamespace(content="ab"), token_ids=[8]),
            piece(delta=SimpleNamespace(content=""), token_ids=[9]),
        ]
    )

    assert found == said(prompt=None, counts=None)


def test_counts_fault_is_none_for_what_was_asked() -> None:
    """
    An answer of the right length with its usage has no fault.
    """
    assert counts_fault(said(), (1, 2, 3), 2) is None


def test_counts_fault_tells_what_does_not_fit() -> None:
    """
    Lost tokens, another end and a wrong usage are told.
    """
    faults = [
        counts_fault(said(tokens=(8,)), (1, 2, 3), 2),
        counts_fault(said(finish=None), (1, 2, 3), 2),
        counts_fault(said(counts=(4, 2, 6)), (1, 2, 3), 2),
    ]

    assert all(faults)
    assert len(set(faults)) == 3
