"""Functions that become methods of vLLM's classes: what their first parameter is."""

import pytest

OLD = {
    "vllm/core.py": (
        "class Executor:\n    limit: int = 1\n    kept: int = 1\n\n\n"
        "class Engine:\n"
        "    def __init__(self, executor: Executor):\n        self.executor = executor\n"
        "    def step(self): ...\n"
        "    @staticmethod\n    def help(self): ...\n"
    )
}
NEW = {"vllm/core.py": OLD["vllm/core.py"].replace("    limit: int = 1\n", "")}


@pytest.mark.parametrize(
    "plugin",
    [
        (
            "def register():\n    from vllm.core import Engine\n\n"
            "    def step(self):\n        return self.executor.limit\n\n"
            "    Engine.step = step\n"
        ),
        (
            "from typing import Any\nfrom vllm.core import Engine\n\n\n"
            "def more(self: Any):\n    return self.executor.limit\n\n\n"
            "def register():\n    Engine.more = more\n"
        ),
        (
            "import vllm.core\n\n\ndef step(self):\n    return self.executor.limit\n\n\n"
            "def register():\n    setattr(vllm.core.Engine, 'step', step)\n"
        ),
    ],
    ids=["nested", "new-method", "setattr"],
)
def test_function_stored_onto_class_has_its_objects_as_receiver(find, plugin):
    """
    HW104: what the object no longer has is missing there.
    """
    (finding,) = find("HW104", plugin, NEW, OLD)

    assert finding.symbol == "vllm.core.Executor.limit"


@pytest.mark.parametrize(
    ("definition", "store"),
    [
        ("def step(self):\n    return self.executor.kept\n", "Engine.step = step"),
        ("def step(this):\n    return this.executor.limit\n", "Engine.step = step"),
        ("def step(self):\n    return self.executor.limit\n", "Engine.help = step"),
        ("def step(self):\n    return self.executor.limit\n", "Engine().step = step"),
        ("def step(self):\n    return self.executor.limit\n", "own.step = step"),
        ("def step(self):\n    return self.executor.limit\n", "Engine.step = Executor.more = step"),
        ("@wrap\ndef step(self):\n    return self.executor.limit\n", "Engine.step = step"),
    ],
    ids=["kept", "other-name", "static", "on-an-object", "parameter", "two-classes", "decorated"],
)
def test_receiver_that_cannot_be_told_is_fine(find, definition, store):
    """
    HW104: nothing is known of what is passed.
    """
    plugin = (
        "from elsewhere import wrap\nfrom vllm.core import Engine, Executor\n\n\n"
        f"{definition}\n\ndef register(own=None):\n    {store}\n"
    )

    assert find("HW104", plugin, NEW, OLD) == []
