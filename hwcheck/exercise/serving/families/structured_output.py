"""Examinations: text that satisfies a constraint, and is the likeliest of what it allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import product

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.serving.asking import compared, cut, greedy, judged, worst
from hwcheck.exercise.serving.engine import Answer, Ask, Engine
from hwcheck.exercise.serving.families.languages import (
    Language,
    allowed_tokens,
    json_texts,
    spelled,
)
from hwcheck.exercise.serving.precision import TOLERANCES, Distance
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import Ability, Order, with_engine
from hwcheck.exercise.serving.tokenizer_file import token_texts
from hwcheck.exercise.verdicts import broken, kept, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Refusal

__all__ = ["EXAMINATIONS"]

#: More than any text of the languages has bytes.
_NEW_TOKENS = 64
#: So many tokens that are also the likeliest of all are no chance.
_TELLING = 8
_STRUCTURED = Order(
    # Else the tiny model goes on with blanks for ever, which JSON allows.
    changes={"structured_outputs_config": {"backend": "xgrammar", "disable_any_whitespace": True}}
)
_ABILITY = Ability(words="structured outputs", contract="family.structured-output.json")
_TEXTS = token_texts(_STRUCTURED.recipe.vocabulary)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Constraint:
    """A constraint as vLLM is told it, and what it allows."""

    told: Mapping[str, object]
    language: Language


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

_JSON = _Constraint(
    told={"json": _SCHEMA}, language=Language(texts=json_texts(_VALUES), is_spaced=True)
)
_REGEX = _Constraint(
    told={"regex": "(red|green|blue)-[0-3][0-3]"},
    language=Language(
        texts=tuple(f"{word}-{a}{b}".encode() for word, a, b in product(_COLOURS, *["0123"] * 2))
    ),
)
_CHOICE = _Constraint(
    told={"choice": list(_CHOICES)},
    language=Language(texts=tuple(choice.encode() for choice in _CHOICES)),
)
_GRAMMAR = _Constraint(
    told={"grammar": 'root ::= "take " colour " box"\ncolour ::= "red" | "green" | "blue"\n'},
    language=Language(texts=tuple(f"take {word} box".encode() for word in _COLOURS)),
)


def _asked(engine: Engine, number: int, constraint: _Constraint) -> Ask:
    sampling = import_module("vllm.sampling_params")
    given = sampling.StructuredOutputsParams(**constraint.told)
    prompt = cut(PROMPTS[number], engine, _NEW_TOKENS)
    return greedy(prompt, max_tokens=_NEW_TOKENS, ignore_eos=False, structured_outputs=given)


def _alone(constraint: _Constraint, *numbers: int) -> Examination:
    @with_engine(_STRUCTURED, _ABILITY)
    def examine(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
        asks = [_asked(engine, number, constraint) for number in numbers]
        for ask, answer in zip(asks, engine.first(asks), strict=True):
            case = _case("", constraint, (ask, answer), engine, reference)
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
        yield _case(name, constraint, (ask, found[name]), engine, reference)
    yield judged("free", worst(compared(engine, reference, free, [answers[0], answers[3]])))


def _case(
    name: str,
    constraint: _Constraint,
    served: tuple[Ask, Answer],
    engine: Engine,
    reference: Reference,
) -> ExaminedCase:
    ask, answer = served
    text = spelled(answer.tokens, _TEXTS)
    is_whole = answer.finish == "stop"
    if not constraint.language.holds(text, is_whole=is_whole):
        case = broken(f"{dict(constraint.told)!r} gives the text {text!r} ({answer.finish})", name)
        free = worst(compared(engine, reference, [ask], [answer]))
        is_ignored = free.fault is None and len(answer.tokens) >= _TELLING
        return replace(case, refusal=Refusal.IGNORED) if is_ignored else case
    if not is_whole:
        return not_measured(f"the text {text!r} is cut off by {answer.finish}", name)
    if constraint.language.is_spaced:
        # Which blanks a grammar allows differs from one library to the other.
        return kept(name)
    return judged(name, _likeliest(constraint.language, ask, answer, engine, reference))


def _likeliest(
    language: Language, ask: Ask, answer: Answer, engine: Engine, reference: Reference
) -> Distance:
    """Compare each token with the one that the reference likes best of those allowed there."""
    rows = reference.logprobs((*ask.prompt, *answer.tokens))
    limit = 2 * TOLERANCES[engine.given.dtype]
    largest, fault = 0.0, None
    for number, token in enumerate(answer.tokens):
        row = rows[len(ask.prompt) + number - 1]
        allowed = allowed_tokens(language, spelled(answer.tokens[:number], _TEXTS), _TEXTS)
        best = max(allowed, key=lambda item: float(row[item]))
        behind = float(row[best] - row[token])
        largest = max(largest, behind)
        if behind > limit and fault is None:
            fault = (
                f"token {number} is {token}; of those that the constraint allows the reference "
                f"gives {best}, which it finds {behind:.3g} likelier in log-probability"
            )
    return Distance(largest=largest, limit=limit, fault=fault)


EXAMINATIONS: dict[str, Examination] = {
    "family.structured-output.json": _alone(_JSON, 0, 3),
    "family.structured-output.regex": _alone(_REGEX, 0, 3, 4),
    "family.structured-output.choice": _alone(_CHOICE, 0, 1, 2),
    "family.structured-output.grammar": _alone(_GRAMMAR, 0, 1, 2),
    "family.structured-output.mixed": _mixed,
}
