"""A plugin whose vendor's libraries are not installed, run with stand-ins in their place."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hwcheck.codec import decode_run
from hwcheck.model.capability import Rung
from hwcheck.model.outcome import OutcomeState
from hwcheck.model.run import Run
from hwcheck.observe.stand_ins import StandIns, put_in_front, used_stand_ins

HOST = importlib.util.find_spec("vllm") is not None
SAMPLE = "sample-needs-sdk"
ADDED = "torch.distributed.is_acme_available"

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]

Install = Callable[[str], Any]

#: What is enough to see the stand-ins work; all contracts would take minutes.
SOME = ("--contract", "load.*", "--contract", "platform.member", "--contract", "worker.base")
#: Registers the model and has vLLM look into it, which it does in a process of its own.
LOOK_INTO = """
from vllm.plugins import load_general_plugins
load_general_plugins()
from vllm import ModelRegistry
print(ModelRegistry.models["NeedsSdkForCausalLM"].inspect_model_cls().is_text_generation_model)
"""


def run_sample(sample: Any, folder: Path, *options: str) -> Run:
    done = sample.python(
        *("-m", "hwcheck", "run", sample.distribution, "--format", "json", "--step-limit", "60"),
        *options,
        cwd=folder,
    )
    assert done.stdout, done.stderr
    return decode_run(done.stdout.encode(), sample.distribution)


def broken(run: Run) -> list[str]:
    return [outcome.id for outcome in run.in_state(OutcomeState.BROKEN)]


def test_plugin_without_its_libraries_is_not_activated(install_sample: Install, tmp_path: Path):
    """
    Without the option the absence is what is broken, and nothing is called stubbed.
    """
    run = run_sample(install_sample(SAMPLE), tmp_path, *SOME)

    assert broken(run) == ["load.absent-device[sample_needs_sdk]"]
    assert run.stubbed is None
    assert not any(outcome.stubbed for outcome in run.outcomes)


def test_stand_ins_let_the_interface_be_judged(install_sample: Install, tmp_path: Path):
    """
    All processes of the plugin get them, every outcome says so, and no rung is above E2.
    """
    run = run_sample(install_sample(SAMPLE), tmp_path, "--stub-sdk", *SOME)

    spawn = next(item for item in run.outcomes if item.id == "load.spawn")
    assert broken(run) == []
    assert run.stubbed == ("acme_runtime", ADDED, "torch_acme")
    assert (spawn.state, spawn.stubbed) == (OutcomeState.PASSED, True)
    assert max(standing.rung for standing in run.standings) is Rung.E2
    assert run.in_state(OutcomeState.HARNESS_ERROR) == ()


def test_option_changes_nothing_where_nothing_is_missing(install_sample: Install, tmp_path: Path):
    """
    It is then said that nothing was replaced, and nothing is marked.
    """
    run = run_sample(install_sample("sample-minimal"), tmp_path, "--stub-sdk", *SOME)

    assert broken(run) == []
    assert run.stubbed == ()
    assert not any(outcome.stubbed for outcome in run.outcomes)
    assert max(standing.rung for standing in run.standings) is Rung.E3


def test_stand_ins_reach_the_process_that_looks_into_models(
    install_sample: Install, tmp_path: Path
):
    """
    vLLM starts an interpreter of its own to look into a model's class.
    """
    sample = install_sample(SAMPLE)
    stand_ins = StandIns(
        modules=("acme_runtime", "torch_acme"),
        compiled=(),
        devices=("acme",),
        names=(ADDED,),
        askers=("hwcheck_sample_needs_sdk",),
    )
    own = {"VLLM_CACHE_ROOT": str(tmp_path / "cache"), "VLLM_PLUGINS": "sample_needs_sdk_models"}
    environment = put_in_front(stand_ins, sample.environment() | own, tmp_path / "stand-ins")

    done = subprocess.run(
        [sys.executable, "-P", "-c", LOOK_INTO],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.stdout.splitlines()[-1:] == ["True"], done.stderr
    assert used_stand_ins(tmp_path / "stand-ins") == ("acme_runtime", ADDED)
