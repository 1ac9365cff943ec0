"""Members of the worker that vLLM calls by name: HW308."""

from hwcheck.model.finding import Severity

HOST = {
    "vllm/v1/worker/worker_base.py": (
        "class WorkerBase:\n    def init_device(self):\n        raise NotImplementedError\n"
    ),
    "vllm/v1/worker/gpu_worker.py": (
        "from vllm.v1.worker.worker_base import WorkerBase\n\n\n"
        "class Worker(WorkerBase):\n"
        "    def init_device(self): ...\n"
        "    def measure(self): ...\n"
        "    def get_spec(self): ...\n"
    ),
    "vllm/v1/executor/abstract.py": (
        "class Executor:\n"
        "    def measure(self):\n        return self.collective_rpc('measure')\n"
        "    def get_specs(self):\n        return self.collective_rpc('get_spec')\n"
        "    def other(self):\n        return self.collective_rpc('other')\n"
    ),
}
PLUGIN = (
    "from vllm.v1.worker.worker_base import WorkerBase\n\n\n"
    "class Mine(WorkerBase):\n"
    "    def init_device(self): ...\n"
    "    def get_spec(self): ...\n"
    "{more}\n\n"
    "def register():\n    return 'acme.Mine'\n"
)


def test_missing_member_is_found(find):
    """
    HW308: what the executor calls and vLLM's own worker has.
    """
    (finding,) = find("HW308", PLUGIN.format(more=""), HOST)

    assert (finding.rule, finding.detail) == ("HW308", "measure")
    assert finding.severity is Severity.NOTE
    assert finding.evidence is not None


def test_member_that_vllm_did_not_call_before_is_a_warning(find):
    """
    HW308: the plugin could not know of it.
    """
    old = {key: text.replace("collective_rpc('m", "other('m") for key, text in HOST.items()}

    (finding,) = find("HW308", PLUGIN.format(more=""), HOST, old)

    assert finding.severity is Severity.WARNING


def test_worker_that_has_it_is_fine(find):
    """
    HW308: also where vLLM has no worker of its own to compare with.
    """
    assert find("HW308", PLUGIN.format(more="    def measure(self): ...\n"), HOST) == []
    base = {key: text for key, text in HOST.items() if "gpu_worker" not in key}
    assert find("HW308", PLUGIN.format(more=""), base) == []


def test_class_that_vllm_does_not_get_is_no_worker(find):
    """
    HW308: a base of workers may leave things open.
    """
    plugin = PLUGIN.format(more="").replace("'acme.Mine'", "None")

    assert find("HW308", plugin, HOST) == []
