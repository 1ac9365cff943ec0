"""Examinations: a tool that a request names is called with arguments of its schema."""

from collections.abc import Iterator, Sequence
from typing import Any

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.families.languages import Language, json_texts
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.server.running_server import Server, with_server
from hwcheck.exercise.serving.server.serve_command import MODEL
from hwcheck.exercise.serving.tokenizer_file import byte_token
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS", "judge_call"]

_NAME = "take_box"
_VALUES: dict[str, Sequence[object]] = {"colour": ("red", "blue"), "size": (1, 2, 3)}
_TOOL = {
    "type": "function",
    "function": {
        "name": _NAME,
        "description": "take a box",
        "parameters": {
            "type": "object",
            "properties": {name: {"enum": list(found)} for name, found in _VALUES.items()},
            "required": list(_VALUES),
            "additionalProperties": False,
        },
    },
}
_ARGUMENTS = Language(texts=json_texts(_VALUES), is_spaced=True)
_MESSAGE = {"role": "user", "content": "which box would you take"}
#: More than any arguments have bytes.
_NEW_TOKENS = 64
#: Else the tiny model goes on with blanks for ever, which JSON allows.
_NO_BLANKS = {str(byte_token(value)): -100 for value in b" \t\r\n"}


@with_server
def _tool_choice(bench: Bench, server: Server, reference: Reference) -> Iterator[ExaminedCase]:
    answer = server.client.chat.completions.create(
        model=MODEL,
        messages=[_MESSAGE],
        tools=[_TOOL],
        tool_choice={"type": "function", "function": {"name": _NAME}},
        temperature=0.0,
        max_tokens=min(_NEW_TOKENS, server.context // 2),
        logit_bias=_NO_BLANKS,
    )
    yield judge_call(answer.choices[0])


def judge_call(choice: Any) -> ExaminedCase:
    """Judge the only choice of an answer to a request that names the tool."""
    calls = [item.function for item in choice.message.tool_calls or ()]
    if [call.name for call in calls] != [_NAME]:
        said = f"and the text {choice.message.content!r}"
        return broken(f"the calls of tools are {[call.name for call in calls]}, {said}")
    text = calls[0].arguments
    is_whole = choice.finish_reason != "length"
    if not _ARGUMENTS.holds(text.encode(), is_whole=is_whole):
        return broken(f"the arguments are {text!r}, which the tool's schema does not allow")
    if not is_whole:
        return not_measured(f"the arguments {text!r} are cut off by the limit of tokens")
    return kept()


EXAMINATIONS: dict[str, Examination] = {"server.tool-choice": _tool_choice}
