"""Overrides of what is gone: HW301."""

from hwcheck.model.finding import Severity

PLUGIN = (
    "from vllm.base import Platform\n\n\nclass Mine(Platform):\n"
    "    def seed(self, value): ...\n\n\n{use}\n"
)
USE = "def register(): ...\n"


def host(name, call=None):
    return {
        "vllm/base.py": f"class Platform:\n    def {name}(self, value):\n        self.x = value\n",
        "vllm/caller.py": (
            "from vllm.base import Platform\n\n\ndef run(platform: Platform):\n"
            f"    platform.{call or name}(1)\n"
        ),
    }


def test_override_of_a_renamed_method_is_an_error(find):
    """
    HW301: vLLM calls the same body by another name.
    """
    (finding,) = find("HW301", PLUGIN.format(use=USE), host("seed_all"), host("seed"))

    assert (finding.rule, finding.severity) == ("HW301", Severity.ERROR)
    assert finding.fix == "define 'seed_all' instead of 'seed'"


def test_override_that_is_not_called_any_more_is_a_warning(find):
    """
    HW301: what it does is left out.
    """
    gone = {"vllm/base.py": "class Platform:\n    x = 1\n", "vllm/caller.py": ""}

    (finding,) = find("HW301", PLUGIN.format(use=USE), gone, host("seed"))

    assert finding.severity is Severity.WARNING


def test_method_that_the_plugin_calls_itself_is_fine(find):
    """
    HW301: it is still of use.
    """
    use = "def register(platform):\n    platform.seed(1)\n"

    assert find("HW301", PLUGIN.format(use=use), host("seed_all"), host("seed")) == []


def test_method_that_vllm_still_has_is_fine(find):
    """
    HW301: nothing changed, or there is nothing to compare with.
    """
    assert find("HW301", PLUGIN.format(use=USE), host("seed"), host("seed")) == []
    assert find("HW301", PLUGIN.format(use=USE), host("seed_all")) == []
