"""Overrides of another kind: HW303 and HW304."""

import pytest

from hwcheck.model.finding import Severity

CALLER = (
    "from vllm.base import Base\n\n\nasync def use(base: Base, kind: type[Base]):\n    {body}\n"
)
PLUGIN = "from vllm.base import Base\n\n\nclass Mine(Base):\n{body}\n\n\ndef register(): ...\n"


def host(member, body="pass"):
    return {
        "vllm/base.py": f"class Base:\n{member}\n",
        "vllm/caller.py": CALLER.format(body=body),
    }


def plugin(member):
    return PLUGIN.format(body=member)


def test_sync_override_of_an_awaited_method_is_an_error(find):
    """
    HW303: vLLM awaits what it gives.
    """
    new = host("    async def abort(self): ...", "await base.abort()")

    (finding,) = find("HW303", plugin("    def abort(self): ..."), new)

    assert (finding.rule, finding.severity) == ("HW303", Severity.ERROR)
    assert finding.evidence is not None


def test_async_override_of_a_sync_method_is_found(find):
    """
    HW303: without a call it is a warning.
    """
    (finding,) = find(
        "HW303", plugin("    async def abort(self): ..."), host("    def abort(self): ...")
    )

    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "member",
    ["    async def abort(self): ...", "    def abort(self) -> Awaitable[None]: ..."],
    ids=["async", "awaitable"],
)
def test_override_that_can_be_awaited_is_fine(find, member):
    """
    HW303: a plain function may give something that can be awaited.
    """
    new = host("    async def abort(self): ...", "await base.abort()")

    assert find("HW303", plugin(member), new) == []


@pytest.mark.parametrize(
    ("theirs", "ours", "use"),
    [
        ("    @property\n    def name(self): ...", "    def name(self): ...", "base.name"),
        ("    def name(self): ...", "    @property\n    def name(self): ...", "base.name()"),
        ("    @staticmethod\n    def name(): ...", "    def name(self): ...", "kind.name()"),
        ("    @classmethod\n    def name(cls): ...", "    def name(self): ...", "kind.name()"),
    ],
    ids=["property", "method", "static", "class"],
)
def test_override_of_another_form_is_an_error(find, theirs, ours, use):
    """
    HW304: read, called, and called on the class.
    """
    (finding,) = find("HW304", plugin(ours), host(theirs, use))

    assert (finding.rule, finding.severity) == ("HW304", Severity.ERROR)


@pytest.mark.parametrize(
    ("theirs", "ours", "use"),
    [
        ("    @staticmethod\n    def name(): ...", "    @classmethod\n    def name(cls): ...", ""),
        ("    def name(self): ...", "    @staticmethod\n    def name(): ...", "base.name()"),
        ("    @classmethod\n    def name(cls): ...", "    def name(self): ...", "base.name()"),
        ("    @property\n    def name(self): ...", "    name = 'x'", "base.name"),
    ],
    ids=["static-class", "method-static", "on-an-object", "value"],
)
def test_override_of_a_form_that_callers_do_not_notice_is_fine(find, theirs, ours, use):
    """
    HW304: what works all the same.
    """
    assert find("HW304", plugin(ours), host(theirs, use or "pass")) == []


def test_awaited_call_of_a_replaced_caller_is_a_warning(find):
    """
    HW303: the plugin has something in place of what awaits.
    """
    new = host("    async def abort(self): ...", "await base.abort()")
    code = plugin("    def abort(self): ...") + "import vllm.caller\n\nvllm.caller.use = register\n"

    (finding,) = find("HW303", code, new)

    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("    async def go(self):\n        yield 1", "    def go(self):\n        yield 1"),
        ("    go = 1", "    @property\n    def go(self): ..."),
    ],
    ids=["generator", "value"],
)
def test_what_cannot_be_told_is_left_alone(find, theirs, ours):
    """
    HW303 and HW304: generators, and values of which the kind is not known.
    """
    assert find("HW303", plugin(ours), host(theirs)) == []
    assert find("HW304", plugin(ours), host(theirs)) == []


@pytest.mark.parametrize("use", ["Base.name()", "unknown.name()"])
def test_call_by_the_name_of_the_class_is_not_the_plugins(find, use):
    """
    HW304: vLLM's own class, or nobody knows what.
    """
    new = host("    @staticmethod\n    def name(): ...", use)

    assert find("HW304", plugin("    def name(self): ..."), new) == []
