"""What the steps of an engine prove."""

from hwcheck.exercise.serving.engine import Step
from hwcheck.exercise.serving.step_proofs import amid_answers, pieces, share


def steps(*tokens: dict[str, int]) -> list[Step]:
    return [Step(tokens=item) for item in tokens]


def test_share_counts_a_request_under_its_longer_name():
    """
    Letters that vLLM adds to a name are no other request; another number is.
    """
    step = Step(tokens={"hwcheck-1-0f": 5, "hwcheck-12": 7})

    assert share(step, "hwcheck-1") == 5
    assert share(step, "hwcheck-12") == 7
    assert share(step, "hwcheck-2") == 0


def test_pieces_end_with_the_prompt():
    """
    Steps without the request and its answer are no pieces.
    """
    seen = steps({"a": 64}, {"b": 3}, {"a": 36}, {"a": 1})

    assert pieces(seen, "a", 100) == [64, 36]


def test_pieces_of_a_step_that_takes_an_answer_token_along_are_cut():
    """
    Only the prompt's own tokens count.
    """
    assert pieces(steps({"a": 10}), "a", 7) == [7]


def test_prompt_amid_answers_shares_a_step_with_one():
    """
    Two prompts, or two answers, in a step are none.
    """
    seen = steps({"a": 4, "b": 6}, {"a": 1, "b": 2}, {"a": 1, "b": 1})

    assert amid_answers(seen, {"a": 4, "b": 8}) == 1


def test_prompt_amid_answers_may_have_a_step_alone():
    """
    Another's answer goes on behind it.
    """
    seen = steps({"a": 4}, {"a": 1}, {"b": 6}, {"b": 2}, {"a": 1, "b": 1})

    assert amid_answers(seen, {"a": 4, "b": 8}) == 2


def test_prompt_after_all_answers_is_not_amid_them():
    """
    Groups that are served one after the other have joined nothing.
    """
    seen = steps({"a": 4}, {"a": 1}, {"b": 8}, {"b": 1})

    assert amid_answers(seen, {"a": 4, "b": 8}) == 0
