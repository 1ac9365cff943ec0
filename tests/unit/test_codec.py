"""Records to JSON and back, and what is said of documents that are no runs."""

import json
from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from hwcheck import codec
from hwcheck.errors import CodecError
from hwcheck.model.capability import Rung, Standing
from hwcheck.model.observation import (
    ANSWERS,
    Answer,
    Child,
    Observation,
    OptOut,
    Raised,
    Step,
    StepName,
    StepState,
    ValueSeen,
)
from hwcheck.model.outcome import Outcome, OutcomeState
from hwcheck.model.plugin import EntryPoint, Group, Host, Origin, Plugin
from hwcheck.model.run import ChildSummary, Environment, Run

SECONDS = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
# JSON has no number for what is infinite; whoever measures it says something else.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def tuples(strategy):
    """Make tuples of a few items."""
    return st.lists(strategy, max_size=3).map(tuple)


RUNS = st.builds(
    Run,
    seconds=SECONDS,
    outcomes=tuples(st.builds(Outcome, duration=SECONDS)),
    children=tuples(st.builds(ChildSummary, seconds=SECONDS)),
)
STEPS = st.sampled_from(StepName).flatmap(
    lambda name: st.builds(
        Step,
        name=st.just(name),
        answer=st.none() | st.from_type(ANSWERS[name]) if name in ANSWERS else st.none(),
        seconds=SECONDS,
    )
)
OBSERVATIONS = st.builds(
    Observation, children=tuples(st.builds(Child, steps=tuples(STEPS), seconds=SECONDS))
)
THOROUGHLY = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def a_run(**changes):
    """Make a small run."""
    made = Run(
        plugin=Plugin(
            name="acme-vllm",
            version="1.2.3",
            origin=Origin.WHEEL,
            location="acme.whl",
            entry_points=(EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register"),),
        ),
        host=Host(distribution="vllm", version="0.28.0", location="site-packages"),
        environment=Environment(
            hwcheck="0.1.0", python="3.11.7", torch=None, system="Linux", machine="x86_64"
        ),
        started="2026-11-20T18:00:00Z",
        seconds=1.5,
        complete=True,
        interruption=None,
        contracts=(),
        outcomes=(Outcome(contract="fork", case="acme", state=OutcomeState.PASSED),),
        profiles=(),
        capabilities=(),
        standings=(Standing(capability="lora", rung=Rung.E1, marks=(), why="declared"),),
    )
    return replace(made, **changes)


def a_document(**changes):
    """Make a run document with other values at its top."""
    return json.dumps({**json.loads(codec.encode_run(a_run())), **changes}).encode()


@given(run=RUNS)
@THOROUGHLY
def test_run_survives_the_round_trip_and_fits_the_schema(run):
    """
    Any run is read back as it was written, and its document is as the schema says.
    """
    document = codec.encode_run(run)

    assert codec.decode_run(document, "test") == run
    Draft202012Validator(codec.run_schema()).validate(json.loads(document))


@given(observation=OBSERVATIONS)
@THOROUGHLY
def test_observation_survives_the_round_trip(observation):
    """
    Any observation is read back as it was written, every answer as the right record.
    """
    assert codec.decode_observation(codec.encode_observation(observation)) == observation


@given(text=st.text(st.characters(codec=None), max_size=20))
@THOROUGHLY
def test_text_that_is_no_unicode_is_kept_as_escapes(text):
    """
    Undecodable bytes in a process's output never keep a run from being stored.
    """
    run = a_run(interruption=text)

    read = codec.decode_run(codec.encode_run(run), "test")

    assert read.interruption == text.encode("utf-8", "backslashreplace").decode()


def test_encoded_run_is_the_same_every_time():
    """
    The same run gives the same bytes, indented, with a line end.
    """
    document = codec.encode_run(a_run())

    assert document == codec.encode_run(a_run())
    assert document.startswith(b'{\n  "schema": "hwcheck.run",\n  "version": 3,\n  "run": {\n')
    assert document.endswith(b"}\n")


def test_committed_schema_is_the_generated_one():
    """
    The schema in the package is up to date: ``hwcheck schema --output`` writes it.
    """
    committed = files("hwcheck") / "schemas" / f"run-{codec.RUN_VERSION}.schema.json"

    assert committed.read_bytes() == codec.encode(codec.run_schema())
    Draft202012Validator.check_schema(codec.run_schema())


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b" \n", r"empty \(2 bytes\)"),
        (codec.encode_run(a_run())[:100], "truncated: it ends at byte 100"),
        (b"PK\x03\x04", r"not JSON: invalid character \(byte 0\)"),
        # In the words of Python or, since its version 0.23, of msgspec.
        (b'{"a": "\xff"}', "not JSON: ('utf-8' codec|Invalid UTF-8)"),
        (b'{"a": 1} {', r"not JSON: trailing characters"),
        (b"[" * 100_000, r"expected `object`, got `array` - at `\$`"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"{}", r"no schema at `\$.schema` where 'hwcheck.run'"),
        (b'{"schema": "other"}', r"'other' at `\$.schema` where 'hwcheck.run'"),
        (a_document(version=99), r"version 99 .* up to 3, .* newer hwcheck\n  upgrade hwcheck"),
        (a_document(version=True), r"True at `\$.version` where a positive integer"),
        (a_document(version=0), r"0 at `\$.version` where a positive integer"),
        (a_document(run=None), r"expected `object`, got `null` - at `\$.run`"),
    ],
)
def test_document_that_is_no_run_is_refused_with_place_and_remedy(data, found):
    """
    What was found, where in the document, and what to do are all in one message.
    """
    with pytest.raises(CodecError, match=f"^cannot read 'run.json': .*{found}") as raised:
        codec.decode_run(data, "run.json")

    assert len(str(raised.value).splitlines()) == 2


def test_wrong_field_deep_in_a_run_is_named_by_its_place():
    """
    A value outside its vocabulary is found by its place in the document.
    """
    data = codec.encode_run(a_run()).replace(b'"passed"', b'"fine"')

    with pytest.raises(CodecError, match=r"'fine' - at `\$\.run\.outcomes\[.*\]\.state`"):
        codec.decode_run(data, "run.json")


def test_older_document_is_upgraded_one_version_at_a_time():
    """
    Every upgrade takes the version before and hands its result to the next.
    """
    document = {"schema": "hwcheck.run", "version": 1, "trail": []}

    def step(old):
        return {**old, "trail": [*old["trail"], old["version"]]}

    upgraded = codec.upgrade(document, "test", upgrades={1: step, 2: step}, version=3)

    assert upgraded == {"schema": "hwcheck.run", "version": 3, "trail": [1, 2]}


def test_run_of_version_1_is_read_as_one_without_a_check():
    """
    A document that was stored before there were checks is read, and holds none.
    """
    stored = (Path(__file__).parents[1] / "data" / "run-1.json").read_bytes()

    run = codec.decode_run(stored, "run-1.json")

    assert run.check is None
    assert run.outcomes
    assert json.loads(codec.encode_run(run))["version"] == codec.RUN_VERSION


def test_run_of_version_2_is_read_as_one_without_examinations():
    """
    A document that was stored before contracts were examined is read; what it lacks is empty.
    """
    stored = (Path(__file__).parents[1] / "data" / "run-2.json").read_bytes()

    run = codec.decode_run(stored, "run-2.json")

    assert run.outcomes
    assert (run.effects, run.patches, run.stubbed) == ((), (), None)
    assert json.loads(codec.encode_run(run))["version"] == codec.RUN_VERSION


def test_older_document_without_upgrade_is_refused():
    """
    A version that nothing upgrades is refused, and repeating the run is the way out.
    """
    with pytest.raises(CodecError, match=r"version 1 .* bring up to date\n  repeat the run"):
        codec.upgrade({"version": 1}, "test", upgrades={}, version=2)


def test_record_on_a_line_is_read_back():
    """
    A record takes one line, whatever line ends its texts hold.
    """
    outcome = Outcome(contract="fork", case="a\nb", state=OutcomeState.BROKEN, reason="x\r\ny")

    line = codec.encode_line(outcome)

    assert len(line.splitlines()) == 1
    assert codec.decode_line(line, Outcome) == outcome
    assert codec.decode_line(line.encode(), Outcome) == outcome


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"contract": "a"', "truncated"),
        ('{"contract": 1}', r"expected `str`, got `int` - at `\$.contract`"),
        ("\udc80", "not JSON"),
    ],
)
def test_line_that_is_no_record_is_refused(line, found):
    """
    A line cut off or filled by someone else is an error of the codec.
    """
    with pytest.raises(CodecError, match=f"^cannot read 'recorder': .*{found}"):
        codec.decode_line(line, Outcome, "recorder")


def test_step_keeps_a_number_of_any_size():
    """
    A platform may return any number.
    """
    answer = ValueSeen(name="n", type="int", text="...", truth=True, number=10**30)
    step = Step(name=StepName.VALUE, subject="n", state=StepState.DONE, answer=answer)

    assert codec.decode_step(codec.encode_line(step)) == step


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ('{"name": "value", "state": "done", "answer": {"name": 1}}', r"at `\$\.answer\.name`"),
        ('{"name": "opt-out", "state": "done", "answer": 3}', r"at `\$\.answer`"),
        ('{"name": "general", "state": "done", "answer": {}}', r"an answer to 'general'"),
        ('{"name": "unheard-of", "state": "done"}', r"'unheard-of' - at `\$\.name`"),
        ('"a line of a log"', r"at `\$`"),
    ],
)
def test_step_that_a_plugin_has_spoiled_is_refused_with_its_place(payload, found):
    """
    A reply that is not as the probe writes it is an error of the codec.
    """
    with pytest.raises(CodecError, match=found):
        codec.decode_step(payload)


def test_answer_deep_in_an_observation_is_named_by_its_place():
    """
    A wrong answer is found by child and step.
    """
    step = Step(name=StepName.OPT_OUT, state=StepState.DONE, answer=OptOut(modules=("acme",)))
    child = Child(
        name="staged",
        steps=(step,),
        cause=None,
        ended="exit 0",
        seconds=1.0,
        peak_bytes=1,
        tail="",
    )
    data = codec.encode_observation(Observation(children=(child,))).replace(b'["acme"]', b"[1]")

    with pytest.raises(CodecError, match=r"at `\$\.children\[0\]\.steps\[0\]\.answer\.modules"):
        codec.decode_observation(data)


def test_every_kind_of_answer_belongs_to_a_step():
    """
    An answer that no step names could not be read back.
    """
    assert set(get_args(Answer)) == set(ANSWERS.values())


@pytest.mark.parametrize(
    ("record", "twin"),
    [
        (Step, codec._StepOnWire),
        (Child, codec._ChildOnWire),
        (Observation, codec._ObservationOnWire),
    ],
)
def test_twins_have_the_fields_of_their_records(record, twin):
    """
    A field added to a record must be added to its twin, or it would be lost.
    """
    assert tuple(field.name for field in fields(record)) == twin.__struct_fields__


def test_any_record_is_encoded():
    """
    Tuples of records are indented JSON too.
    """
    raised = Raised(type="KeyError", message="'x'")

    assert is_dataclass(raised)
    assert json.loads(codec.encode((raised,)))[0]["type"] == "KeyError"
