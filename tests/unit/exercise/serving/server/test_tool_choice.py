"""How an answer to a request that names a tool is judged."""

from types import SimpleNamespace

import pytest

from hwcheck.exercise.serving.server.tool_choice import judge_call
from hwcheck.model.examination import CaseState


def choice(*calls: tuple[str, str], finish: str = "stop") -> SimpleNamespace:
    made = [
        SimpleNamespace(function=SimpleNamespace(name=name, arguments=text)) for name, text in calls
    ]
    return SimpleNamespace(
        message=SimpleNamespace(content="", tool_calls=made or None), finish_reason=finish
    )


def test_arguments_of_the_schema_are_right():
    """
    Blanks may stand between them.
    """
    case = judge_call(choice(("take_box", '{"colour": "red", "size": 3}')))

    assert case.state is CaseState.KEPT


@pytest.mark.parametrize(
    "wrong",
    [
        choice(),
        choice(("other", '{"colour":"red","size":3}')),
        choice(("take_box", '{"colour":"red","size":4}')),
        choice(("take_box", '{"colour":"red"')),
        choice(("take_box", "they are"), finish="length"),
    ],
    ids=["none", "other-tool", "other-value", "half", "free"],
)
def test_anything_else_is_a_breach(wrong):
    """
    No call, another tool, and what the schema does not allow.
    """
    assert judge_call(wrong).state is CaseState.BROKEN


def test_arguments_that_are_cut_off_decide_nothing():
    """
    What could still become right is not wrong.
    """
    case = judge_call(choice(("take_box", '{"colour": "r'), finish="length"))

    assert case.state is CaseState.NOT_MEASURED
