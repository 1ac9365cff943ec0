"""Names given as text: HW501 to HW505."""

import pytest

from hwcheck.analyse.rules.catalogue import BUILT_IN_RULES
from hwcheck.model.finding import Severity
from hwcheck.model.plugin import EntryPoint, Group

HOST = {
    "vllm/platforms/interface.py": "class Platform:\n    pass\n",
    "vllm/worker.py": "class WorkerBase: ...\nclass Worker(WorkerBase): ...\n",
}
PLATFORM = "from vllm.platforms.interface import Platform\n\nclass Acme(Platform):\n"
PLATFORM += "    @classmethod\n    def check_and_update_config(cls, config):\n"
PLATFORM += "        config.worker_cls = {path!r}\n"


WORKERS = "from vllm.worker import Worker\nclass Mine(Worker): ...\nclass Bare: ...\n"


def _plugin(path):
    return {
        "acme/__init__.py": "def register():\n    return 'acme.platform.Acme'\n",
        "acme/platform.py": PLATFORM.format(path=path),
        "acme/worker.py": WORKERS,
    }


@pytest.mark.parametrize("path", ["acme.worker.Gone", "acme.gone.Worker", "vllm.worker.Gone"])
def test_class_path_that_leads_nowhere_is_found(find, path):
    """
    HW501: into the plugin or into vLLM.
    """
    (finding,) = find("HW501", _plugin(path), HOST)

    assert (finding.symbol, finding.severity) == (path, Severity.ERROR)


@pytest.mark.parametrize("path", ["acme.worker.Mine", "vllm.worker.Worker", "auto", "a.b.C"])
def test_class_path_that_leads_somewhere_is_fine(find, path):
    """
    HW501, HW502: and what is no path of the plugin or of vLLM.
    """
    assert find("HW501", _plugin(path), HOST) == []
    assert find("HW502", _plugin(path), HOST) == []


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ({}, 0),
        ({"vllm/start.py": "def start(platform):\n    platform.get_later_cls()\n"}, 1),
        ({"vllm/platforms/interface.py": "class Platform:\n    def get_later_cls(self): ...\n"}, 1),
    ],
    ids=["not-asked-for", "called", "has-one"],
)
def test_path_for_what_the_host_does_not_ask_for_is_fine(find, more, count):
    """
    HW501: a plugin that fits newer releases too answers questions that this one does not ask.
    """
    plugin = {
        "acme/__init__.py": "def register():\n    return 'acme.platform.Acme'\n",
        "acme/platform.py": (
            "from vllm.platforms.interface import Platform\n\n\nclass Acme(Platform):\n"
            "    def get_later_cls(self):\n        return 'vllm.later.Wrapper'\n"
        ),
    }

    assert len(find("HW501", plugin, HOST | more)) == count


def test_text_whose_target_went_is_a_warning(find):
    """
    HW501: a path that is used elsewhere counts when the old host had what it names.
    """
    plugin = "TARGETS = ['vllm.worker.Gone', 'vllm.worker.never']\n"
    old = {"vllm/worker.py": "class Gone: ...\n"}

    (finding,) = find("HW501", plugin, HOST, old)

    assert (finding.symbol, finding.severity) == ("vllm.worker.Gone", Severity.WARNING)
    assert find("HW501", plugin, HOST) == []


def test_class_path_of_wrong_base_is_found(find):
    """
    HW502: the worker does not inherit from the worker base.
    """
    (finding,) = find("HW502", _plugin("acme.worker.Bare"), HOST)

    assert (finding.symbol, finding.detail) == ("WorkerBase", "acme.worker.Bare")


def test_entry_point_that_names_nothing_is_found(compare):
    """
    HW503: the function is not there; one that is there is fine.
    """
    rule = next(item for item in BUILT_IN_RULES if item.id == "HW503")
    points = tuple(
        EntryPoint(group=Group.PLATFORM, name=name, value=f"acme:{name}")
        for name in ("register", "registr")
    )

    (finding,) = rule.find(compare("def register(): ...\n", HOST, None, points))

    assert (finding.subject, finding.where.path) == ("acme:registr", "acme/__init__.py")


def test_variable_that_is_no_longer_known_is_a_note(find):
    """
    HW504: known on the old host, or misspelt; others may be the plugin's own.
    """
    envs = "environment_variables = {{'VLLM_LOGGING_LEVEL': 1, {more}}}\n"
    envs += "def __getattr__(name):\n    return environment_variables[name]\n"
    plugin = "import os\n\ndef register():\n    os.environ['VLLM_SWITCH'] = '1'\n"
    plugin += "    os.environ['VLLM_LOGING_LEVEL'] = os.environ['VLLM_ACME']\n"

    found = find(
        "HW504",
        plugin,
        {"vllm/envs.py": envs.format(more="")},
        {"vllm/envs.py": envs.format(more="'VLLM_SWITCH': 1")},
    )

    assert [finding.symbol.rpartition(".")[2] for finding in found] == [
        "VLLM_SWITCH",
        "VLLM_LOGING_LEVEL",
    ]
    assert {finding.severity for finding in found} == {Severity.NOTE}


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ("'Acme', 'acme.worker:Gone'", 1),
        ("'Acme', 'acme.worker', 'Gone'", 1),
        ("'Acme', 'vllm.gone:Model'", 1),
        ("'Acme', 'acme.worker:Mine'", 0),
        ("'Acme', 'acme.worker', 'Mine'", 0),
        ("'Acme', Model", 0),
    ],
)
def test_registration_of_what_is_not_there_is_found(find, arguments, count):
    """
    HW505: by one path, or by module and name.
    """
    plugin = _plugin("auto")
    plugin["acme/__init__.py"] += (
        "from vllm.registry import ModelRegistry\n"
        f"def models(Model):\n    ModelRegistry.register_model({arguments})\n"
    )
    host = {
        **HOST,
        "vllm/registry.py": "class ModelRegistry:\n    def register_model(*names): ...\n",
    }

    assert len(find("HW505", plugin, host)) == count
    assert find("HW501", plugin, host) == []
