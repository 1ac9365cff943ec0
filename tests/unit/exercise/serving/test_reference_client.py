"""The reference in its own process, and what becomes of one that does not answer."""

import json
import os
import sys
import time

import numpy as np
import psutil
import pytest

from hwcheck.exercise.serving.adapters import write_adapter
from hwcheck.exercise.serving.reference import Decoder
from hwcheck.exercise.serving.reference_client import Reference, ReferenceFailed
from hwcheck.exercise.serving.reference_lines import Failure
from hwcheck.exercise.serving.reference_model import adapted, read_model
from hwcheck.exercise.serving.reference_server import answer

PROMPT = [40, 7, 300, 129, 7, 55]


@pytest.fixture
def model(small, checkpoint):
    """A small checkpoint."""
    return checkpoint(small())


def pretend(program: str) -> tuple[str, ...]:
    """A server that is a program of ours."""
    return (sys.executable, "-P", "-c", program)


def test_answers_are_those_of_the_decoder(small, model, tmp_path):
    """
    Nothing is lost between the processes, with an adapter and without.
    """
    adapter = write_adapter(small(), tmp_path / "adapter")
    plain, changed = Decoder(read_model(model)), Decoder(adapted(read_model(model), adapter))

    with Reference(model) as reference:
        assert np.array_equal(plain.logprobs(PROMPT), reference.logprobs(PROMPT))
        assert np.array_equal(changed.logprobs(PROMPT), reference.logprobs(PROMPT, adapter))
        assert np.array_equal(plain.logprobs(PROMPT)[4:], reference.logprobs(PROMPT, first=4))
        assert np.array_equal(plain.embedding(PROMPT), reference.embedding(PROMPT))
        assert plain.greedy(PROMPT, 5) == reference.greedy(PROMPT, 5)
        assert changed.greedy(PROMPT, 5) == reference.greedy(PROMPT, 5, adapter)


def test_long_question_and_answer_do_not_block_each_other(small, checkpoint):
    """
    What is longer than a pipe holds goes through.
    """
    with Reference(checkpoint(small(layers=1))) as reference:
        rows = reference.logprobs([5] * 2000)

    assert rows.shape == (2000, 384)


def test_process_is_another_one_in_the_same_group_and_ends(model):
    """
    Who ends the group ends it, and the block leaves nothing behind.
    """
    own = psutil.Process()
    before = set(own.children())
    with Reference(model) as reference:
        reference.greedy(PROMPT, 1)
        (child,) = set(own.children()) - before
        group = os.getpgid(child.pid)

    assert group == os.getpgid(0)
    assert not child.is_running()


@pytest.mark.parametrize("content", [None, "{", "[]", "{}"])
def test_folder_that_is_no_checkpoint_is_named(tmp_path, content):
    """
    The message tells which folder, and what is wrong with it.
    """
    folder = tmp_path / "nothing"
    folder.mkdir()
    if content is not None:
        (folder / "config.json").write_text(content, encoding="utf-8")

    with Reference(folder) as reference, pytest.raises(ReferenceFailed, match=r"'.*nothing'"):
        reference.logprobs([1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"architectures": ["OtherForCausalLM"]}, "architecture 'OtherForCausalLM'"),
        ({"architectures": None}, "architecture 'none'"),
        ({"rope_scaling": {"factor": 2}}, "rope_scaling"),
        ({"hidden_act": "gelu"}, "hidden_act"),
        ({"num_hidden_layers": "two"}, "a whole number 'num_hidden_layers'"),
        ({"rope_theta": None}, "a number 'rope_theta'"),
    ],
)
def test_model_that_the_reference_does_not_have_is_refused(small, model, tmp_path, change, message):
    """
    What would change the result and is not computed is named.
    """
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    (tmp_path / "config.json").write_text(json.dumps({**config, **change}), encoding="utf-8")

    line = {"checkpoint": str(tmp_path), "tokens": [1], "what": "logprobs"}
    failure = answer(json.dumps(line).encode())

    assert isinstance(failure, Failure)
    assert message in failure.error


def test_weights_that_are_cut_off_are_refused(model, tmp_path):
    """
    A file that is no safetensors is named.
    """
    (tmp_path / "config.json").write_bytes((model / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 7)

    line = {"checkpoint": str(tmp_path), "tokens": [1], "what": "logprobs"}
    failure = answer(json.dumps(line).encode())

    assert isinstance(failure, Failure)
    assert "model.safetensors that can be read" in failure.error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"r": None}, "no rank"),
        ({"rank_pattern": {"q_proj": 4}}, "rank_pattern"),
    ],
)
def test_adapter_that_the_reference_does_not_have_is_refused(
    small, model, tmp_path, change, message
):
    """
    What would change the result and is not computed is named.
    """
    adapter = write_adapter(small(), tmp_path / "adapter")
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    text = json.dumps({**config, **change})
    (adapter / "adapter_config.json").write_text(text, encoding="utf-8")

    with Reference(model) as reference, pytest.raises(ReferenceFailed, match=message):
        reference.greedy([1], 1, adapter)


def test_adapter_of_another_model_is_refused(small, model, tmp_path):
    """
    A module that the model lacks is named.
    """
    adapter = write_adapter(small(layers=3), tmp_path / "adapter")

    with Reference(model) as reference, pytest.raises(ReferenceFailed, match=r"layers\.2"):
        reference.greedy([1], 1, adapter)


def test_reference_lives_on_after_a_question_that_failed(model):
    """
    An error is an answer like another.
    """
    with Reference(model) as reference:
        with pytest.raises(ReferenceFailed, match=r"not in 0\.\.383"):
            reference.logprobs([384])

        assert len(reference.greedy(PROMPT, 3)) == 3


def test_transformers_refuses_what_is_no_checkpoint(tmp_path):
    """
    A folder without a configuration is refused before torch is imported.
    """
    line = {"checkpoint": str(tmp_path), "tokens": [1], "what": "logprobs", "kind": "transformers"}
    failure = answer(json.dumps(line).encode())

    assert isinstance(failure, Failure)
    assert "no config.json" in failure.error


def test_server_that_hangs_is_ended_at_the_limit(tmp_path):
    """
    The client waits as long as it was told, and the process is gone.
    """
    program = "import time; time.sleep(60)"
    start = time.monotonic()
    with Reference(tmp_path, limit=0.5, command=pretend(program)) as reference:
        with pytest.raises(ReferenceFailed, match=r"no answer within 0\.5 s"):
            reference.logprobs([1])
        with pytest.raises(ReferenceFailed, match="has ended"):
            reference.logprobs([1])

    assert time.monotonic() - start < 10
    assert all("time.sleep(60)" not in child.cmdline() for child in psutil.Process().children())


def test_server_that_writes_without_end_is_ended_at_the_limit(tmp_path):
    """
    Bytes without a line end are no answer, however many.
    """
    program = "import sys\nwhile sys.stdout.write('x' * 4096): pass"
    with (
        Reference(tmp_path, limit=0.5, command=pretend(program)) as reference,
        pytest.raises(ReferenceFailed, match="no answer within"),
    ):
        reference.logprobs([1])


def test_server_that_dies_shows_what_it_printed(tmp_path):
    """
    The reason stands in the message.
    """
    with (
        Reference(tmp_path, command=pretend("raise SystemExit('no numpy')")) as reference,
        pytest.raises(ReferenceFailed, match="no numpy"),
    ):
        reference.logprobs([1])


def test_server_that_does_not_speak_json_is_quoted(tmp_path):
    """
    A line that is no answer is shown.
    """
    with (
        Reference(tmp_path, command=pretend("input(); print('hello')")) as reference,
        pytest.raises(ReferenceFailed, match="hello"),
    ):
        reference.logprobs([1])


def test_reference_outside_of_its_block_is_refused(tmp_path):
    """
    Without a process there is nobody to ask.
    """
    with pytest.raises(ReferenceFailed, match="outside of its with block"):
        Reference(tmp_path).logprobs([1])
