"""The environment of the children that hold an engine."""

from pathlib import Path

from hwcheck.contain.exchange import Limits
from hwcheck.observe.serving import serving_environment, serving_limits


def test_engine_starts_quickly_unless_the_user_says_otherwise():
    """
    What the user has set stays.
    """
    made = serving_environment({"OMP_NUM_THREADS": "4"}, None, "0.32.0")

    assert made["OMP_NUM_THREADS"] == "4"
    assert made["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0"
    assert "HWCHECK_MODELS" not in made


def test_models_are_kept_for_all_releases_and_findings_for_each():
    """
    The tiny models are the same for every vLLM; what it finds out about classes is not.
    """
    made = serving_environment({}, Path("kept"), "0.32.0")

    assert made["HWCHECK_MODELS"] == "kept/models"
    assert made["VLLM_CACHE_ROOT"] == "kept/vllm/0.32.0"


def test_children_that_run_side_by_side_meet_in_different_places():
    """
    A port that the user has set would be taken by the first of them.
    """
    given = {"MASTER_PORT": "29500"}
    ports = {serving_environment(given, None, "0.32.0")["MASTER_PORT"] for _ in range(2)}

    assert "29500" not in ports
    assert "MASTER_PORT" not in serving_environment({}, None, "0.32.0")


def test_engines_get_more_time_in_all_and_no_more_for_a_step():
    """
    Many engines are started one after the other; a hang is found as soon as elsewhere.
    """
    limits = serving_limits(Limits(step=7.0, total=100.0))

    assert limits == Limits(step=7.0, total=400.0)


def test_engines_of_several_processes_get_what_they_need_besides():
    """
    A step that hangs is found within a minute, and the user's own limit stays.
    """
    limit = "VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS"

    assert serving_environment({}, None, "0.32.0", "parallel")[limit] == "60"
    assert serving_environment({limit: "5"}, None, "0.32.0", "parallel")[limit] == "5"
    assert limit not in serving_environment({}, None, "0.32.0", "serving")
