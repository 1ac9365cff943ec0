"""Whether an answer ends where its stop says, by the answer alone."""

from collections.abc import Collection, Sequence

from hwcheck.exercise.serving.engine import Answer
from hwcheck.exercise.serving.readable_text import text_of

__all__ = ["fault_of_text_stop", "fault_of_token_stop", "text_across"]


def fault_of_token_stop(answer: Answer, stops: Collection[int], most: int) -> str | None:
    """Say what is wrong with an answer of at most `most` tokens that some tokens stop."""
    place = next((n for n, token in enumerate(answer.tokens) if token in stops), None)
    told = f"{list(answer.tokens)}, finished by {answer.finish!r} of {answer.stop!r},"
    if place is None:
        # A near tie may have kept it away.
        is_whole = answer.finish == "length" and len(answer.tokens) == most
        return None if is_whole else f"{told} holds none of the stop tokens {sorted(stops)}"
    if place != len(answer.tokens) - 1:
        return f"{told} goes on after the stop token {answer.tokens[place]}"
    if (answer.finish, answer.stop) != ("stop", answer.tokens[place]):
        return f"{told} is not told to be stopped by its last token"
    return None


def text_across(tokens: Sequence[int], first: int) -> str | None:
    """Find the characters where two tokens meet, from token `first` on, that are new together."""
    whole = text_of(tokens)
    for number in range(first, len(tokens) - 1):
        left, right = text_of(tokens[number : number + 1]), text_of(tokens[number + 1 : number + 2])
        stop = left[-1:] + right[:1]
        before = len(text_of(tokens[: number + 1])) - 1
        if len(stop) == 2 and whole.isascii() and whole.find(stop) == before:
            return stop
    return None


def fault_of_text_stop(answer: Answer, stop: str, *, is_included: bool) -> str | None:
    """Say what is wrong with an answer that a text stops."""
    whole = text_of(answer.tokens)
    start = whole.find(stop)
    told = f"{answer.text!r}, finished by {answer.finish!r} of {answer.stop!r},"
    if start < 0:
        return None if answer.finish == "length" else f"{told} does not hold the stop {stop!r}"
    end = start + len(stop)
    if end <= len(text_of(answer.tokens[:-1])):
        return f"{told} goes on after the stop {stop!r}"
    if (answer.finish, answer.stop) != ("stop", stop):
        return f"{told} is not told to be stopped by {stop!r}"
    due = whole[: end if is_included else start]
    return None if answer.text == due else f"{told} is not {due!r}, for the stop {stop!r}"
