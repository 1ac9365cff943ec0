"""What is kept of the host's own platform, and whom it serves."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hwcheck.codec import encode_observation
from hwcheck.contain.exchange import Limits
from hwcheck.hosts.cache import ContentCache
from hwcheck.model.examination import CaseState, Examined, ExaminedCase
from hwcheck.model.observation import Child, Observation, Step, StepName, StepState
from hwcheck.model.plugin import Origin, Plugin
from hwcheck.observe import control
from hwcheck.observe.observe import Subject

TARGET: Any = SimpleNamespace(path=())


def subject(folder: Path, *ids: str) -> Subject:
    return Subject(
        plugin=Plugin(
            name="vllm", version="", origin=Origin.INSTALLED, location="", entry_points=()
        ),
        members=(),
        extensions=(),
        python=str(folder / "no-python"),
        environment={},
        directory=folder,
        limits=Limits(),
        examinations={"serving": ids},
        control=True,
    )


def step(id: str, *cases: ExaminedCase) -> Step:
    return Step(
        name=StepName.EXAMINE,
        subject=id,
        state=StepState.DONE,
        answer=Examined(cases=cases, examples=0),
    )


def observed(*ids: str) -> Observation:
    child = Child(
        name="serving",
        steps=tuple(map(step, ids)),
        cause=None,
        ended="exit 0",
        seconds=1.0,
        peak_bytes=1,
        tail="",
    )
    return Observation(children=(child,))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """
    A cache in which two contracts of the host's own platform are kept.
    """
    wanted = subject(tmp_path, "generate.greedy", "engine.start")
    data = encode_observation(observed("generate.greedy", "engine.start"))
    ContentCache(tmp_path).put(control._key(wanted, TARGET), data)
    return tmp_path


@pytest.mark.parametrize("ids", [("generate.greedy",), ("engine.start", "generate.greedy"), ()])
def test_control_serves_whoever_asks_for_no_more(kept: Path, ids: tuple[str, ...]):
    """
    Nothing is started for contracts that were examined before: there is no such interpreter.
    """
    found = control.kept_control(subject(kept, *ids), TARGET, kept)

    assert found == observed("generate.greedy", "engine.start")


def test_only_what_is_lacking_is_examined_and_kept_beside_the_rest(
    kept: Path, monkeypatch: pytest.MonkeyPatch
):
    """
    A further contract takes no second look at those that were kept.
    """
    asked = []

    def examine(wanted: Subject) -> Observation:
        asked.append(wanted.examinations)
        return observed("cache.prefix")

    monkeypatch.setattr(control, "observe", examine)

    control.kept_control(subject(kept, "engine.start", "cache.prefix"), TARGET, kept)
    found = control.kept_control(subject(kept, "cache.prefix", "generate.greedy"), TARGET, kept)

    assert asked == [{"serving": ("cache.prefix",)}]
    assert found == observed("cache.prefix", "generate.greedy", "engine.start")


def test_control_that_was_cut_short_is_not_kept(kept: Path):
    """
    Without an interpreter nothing comes of it, and what was kept stays.
    """
    more = subject(kept, "cache.prefix")

    assert control.kept_control(more, TARGET, kept).children[0].cause is not None
    assert control.kept_control(more, TARGET, kept).children[0].cause is not None
    assert control.kept_control(subject(kept, "engine.start"), TARGET, kept).children[0].steps


def test_control_counts_for_what_may_be_broken():
    """
    That is what a child says to be broken, and what it did not come to the end of.
    """
    states = {
        "generate.greedy": CaseState.KEPT,
        "cache.prefix": CaseState.BROKEN,
        "engine.start": CaseState.NOT_MEASURED,
    }
    steps = [step(id, ExaminedCase(name="", state=state)) for id, state in states.items()]
    died = Step(name=StepName.EXAMINE, subject="engine.restart", state=StepState.DIED)
    (child,) = observed().children
    seen = Observation(children=(replace(child, steps=(*steps, died)),))
    asked = (*states, "engine.restart", "generate.volume")

    assert control.doubtful(seen, "serving", asked) == (
        "cache.prefix",
        "engine.restart",
        "generate.volume",
    )
    assert control.doubtful(seen, "parallel", asked) == asked


def test_an_installation_that_was_cut_off_is_named_by_its_folder(tmp_path: Path):
    """
    A folder of metadata that is empty counts as installed, and is no crash.
    """
    before = control._installed([str(tmp_path)])
    (tmp_path / "attrs-24.1.dist-info").mkdir()

    assert control._installed([str(tmp_path)]) != before
