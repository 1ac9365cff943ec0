"""Jobs of a matrix on a real Ray cluster of several nodes, on this machine.

What is run is as small as can be: the nodes and what becomes of their jobs are what is tested.
"""

import os
import sys
import threading
import time

import psutil
import pytest

from hwcheck.codec import decode_run
from hwcheck.errors import UsageError
from hwcheck.matrix.environments.job import Job
from hwcheck.matrix.environments.ray_run import RayRequest, run_with_ray
from hwcheck.model.matrix_attempt import Ending

pytestmark = pytest.mark.cluster

GENEROUS = 120.0
"""Seconds that a loaded machine may take for what should take a few."""
HOST = {
    "vllm/__init__.py": "__version__ = '9.9'\n",
    "vllm/platforms/__init__.py": (
        "_current_platform = None\ndef __getattr__(name):\n    raise AttributeError(name)\n"
    ),
    "vllm/platforms/interface.py": "class Platform:\n    pass\n",
    "vllm/plugins/__init__.py": "",
    "vllm-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: vllm\nVersion: 9.9\n",
}
#: It keeps the first node that runs it busy until that node is lost.
PLUGIN = {
    "acme.py": (
        "import os, pathlib, time\n"
        "def register():\n"
        "    first = pathlib.Path(os.environ['VLLM_TEST_FIRST'])\n"
        "    if not first.exists():\n"
        "        first.write_text(str(os.getpid()))\n"
        "        time.sleep(600)\n"
    ),
    "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    "acme-1.0.dist-info/entry_points.txt": "[vllm.platform_plugins]\nacme = acme:register\n",
}


@pytest.fixture
def cluster(monkeypatch):
    """
    A cluster whose head works on nothing; its nodes, and what they have started, end with the test.
    """
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # The workers import hwcheck as it is installed here, whatever folder the tests stand in.
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    yield made
    made.shutdown()


@pytest.fixture
def job_of(tmp_path):
    """
    Make a job on the plugin, in an environment that exists.
    """
    for name, text in (HOST | PLUGIN).items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def make(version, device):
        return Job(
            plugin="acme",
            version=version,
            entry="acme",
            host="9.9",
            device=device,
            python=sys.executable,
            options=("--contract", "load.entry-point", "--step-limit", "600"),
            variables=(
                ("PYTHONPATH", str(tmp_path / "site")),
                ("VLLM_TEST_FIRST", str(tmp_path / "first")),
            ),
        )

    return make


def eventually(is_so):
    limit = time.monotonic() + GENEROUS
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_jobs_find_their_device_and_survive_the_loss_of_a_node(cluster, job_of, tmp_path):
    """
    A job runs where its device is, is begun again elsewhere when its node is lost, and is given up
    with a reason where no node offers its device.
    """
    nodes = [cluster.add_node(num_cpus=1, resources={"acme": 1}) for _ in range(2)]
    jobs = [job_of("1.0", "acme"), job_of("1.1", "absent")]
    request = RayRequest(
        jobs=jobs,
        outputs={job.name: tmp_path / "runs" / job.name for job in jobs},
        address=cluster.address,
        patience=5.0,
    )

    losing = threading.Thread(target=lose_working_node, args=(cluster, nodes, tmp_path / "first"))
    losing.start()
    said = []
    results = {result.job.version: result for result in run_with_ray(request, said.append)}
    losing.join()
    end_orphans(str(tmp_path))

    assert results["1.0"].ending is Ending.RAN
    run = decode_run(results["1.0"].document.read_bytes(), "run.json")
    assert [outcome.contract for outcome in run.outcomes] == ["load.entry-point"]
    assert results["1.1"].ending is Ending.LOST
    assert "'absent'" in results["1.1"].reason
    assert any("no node offers 'absent'" in line for line in said)


def lose_working_node(cluster, nodes, first):
    """Kill the node on which the job hangs."""
    eventually(lambda: first.exists() and first.read_text())
    ancestors = {process.pid for process in psutil.Process(int(first.read_text())).parents()}
    (busy,) = [node for node in nodes if raylet_of(node) in ancestors]
    cluster.remove_node(busy, allow_graceful=False)


def raylet_of(node):
    return node.all_processes["raylet"][0].process.pid


def end_orphans(token):
    """What a node that was killed had started lives on, since only the node's own process died."""
    for process in psutil.process_iter(["environ"]):
        if process.pid != os.getpid() and token in str(process.info["environ"]):
            process.kill()


def test_absent_cluster_is_an_error_of_use(job_of, tmp_path):
    """
    Where no cluster answers, the message says how to start one.
    """
    request = RayRequest(jobs=[job_of("1.0", None)], outputs={}, address="127.0.0.1:1")

    with pytest.raises(UsageError, match="ray start --head"):
        list(run_with_ray(request, print))


def test_folder_is_not_sent(job_of, tmp_path):
    """
    A source tree on this machine is nothing to a node; a wheel is.
    """
    from dataclasses import replace

    job = replace(job_of("1.0", None), plugin_install=str(tmp_path))

    with pytest.raises(UsageError, match="build a wheel"):
        list(run_with_ray(RayRequest(jobs=[job], outputs={}), print))
