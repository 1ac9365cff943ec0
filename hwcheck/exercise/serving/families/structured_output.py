"""Examinations: text that satisfies a constraint, and is the likeliest of what it allows."""

from collections.abc import Iterator
from importlib import import_module
from itertools import product

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Ask, Engine
from hwcheck.exercise.serving.families.constrained import Constraint, judge_constrained
from hwcheck.exercise.serving.families.languages import Language, json_texts
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.serving.tokenizer_file import token_texts
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

#: More than any text of the languages has bytes.
_NEW_TOKENS = 64
_STRUCTURED = Order(
    # Else the tiny model goes on with blanks for ever, which JSON allows.
    changes={"structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True}}
)
_ABILITY = Ability(words="structured outputs", contract="family.structured-output.json")
_TEXTS = token_texts(_STRUCTURED.recipe.vocabulary)


_VALUES: dict[str, tuple[object, ...]] = {
    "kind": ("cat", "dog"),
    "ready": (True, False),
    "size": (1, 2, 3),
}
_SCHEMA = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["cat", "dog"]},
        "ready": {"type": "boolean"},
        "size": {"enum": [1, 2, 3]},
    },
    "required": ["kind", "ready", "size"],
    "additionalProperties": False,
}
_CHOICES = ("yes", "no", "not yet")
_COLOURS = ("red", "green", "blue")


def _constraint(language: Language, **told: object) -> Constraint:
    return Constraint(told=told, language=language, texts=_TEXTS)


_JSON = _constraint(Language(texts=json_texts(_VALUES), is_spaced=True), json=_SCHEMA)
_REGEX = _constraint(
    Language(
        texts=tuple(f"{word}-{a}{b}".encode() for word, a, b in product(_COLOURS, *["0123"] * 2))
    ),
    regex="(red|green|blue)-[0-3][0-3]",
)
_CHOICE = _constraint(
    Language(texts=tuple(choice.encode() for choice in _CHOICES)), choice=list(_CHOICES)
)
_GRAMMAR = _constraint(
    Language(texts=tuple(f"take {word} box".encode() for word in _COLOURS)),
    grammar='root ::= "take " colour " box"\ncolour ::= "red" | "green" | "blue"\n',
)


def _asked(engine: Engine, number: int, constraint: Constraint) -> Ask:
    sampling = import_module("vllm.sampling_params")
    given = sampling.StructuredOutputsParams(**constraint.told)
    prompt = cut(PROMPTS[number], engine, _NEW_TOKENS)
    return greedy(prompt, max_tokens=_NEW_TOKENS, ignore_eos=False, structured_outputs=given)


def _alone(constraint: Constraint, *numbers: int) -> Examination:
    @with_engine(_STRUCTURED, _ABILITY)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        asks = [_asked(engine, number, constraint) for number in numbers]
        for ask, answer in zip(asks, engine.first(asks), strict=True):
            case = judge_constrained("", constraint, (ask, answer), engine, reference)
            if case.reason is not None:
                break
        yield case

    return examine


@with_engine(_STRUCTURED, _ABILITY)
def _mixed(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    free = [greedy(cut(PROMPTS[number], engine)) for number in (0, 3)]
    constrained = {
        "regex": (_REGEX, _asked(engine, 4, _REGEX)),
        "choice": (_CHOICE, _asked(engine, 1, _CHOICE)),
        "grammar": (_GRAMMAR, _asked(engine, 2, _GRAMMAR)),
    }
    regex, choice, grammar = (ask for _, ask in constrained.values())
    answers = engine.first([free[0], regex, choice, free[1], grammar])
    found = dict(zip(constrained, (answers[1], answers[2], answers[4]), strict=True))
    for name, (constraint, ask) in constrained.items():
        served = (ask, found[name])
        yield judge_constrained(name, constraint, served, engine, reference)
    yield judged("free", worst(compared(engine, reference, free, [answers[0], answers[3]])))


EXAMINATIONS: dict[str, Examination] = {
    "family.structured-output.json": _alone(_JSON, 0, 3),
    "family.structured-output.regex": _alone(_REGEX, 0, 3, 4),
    "family.structured-output.choice": _alone(_CHOICE, 0, 1, 2),
    "family.structured-output.grammar": _alone(_GRAMMAR, 0, 1, 2),
    "family.structured-output.mixed": _mixed,
}
