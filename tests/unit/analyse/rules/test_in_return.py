"""Overrides that give another thing: HW307."""

import pytest

from hwcheck.model.finding import Severity

PLUGIN = "from vllm.base import Base\n\n\nclass Mine(Base):\n{member}\n\n\ndef register(): ...\n"


def host(member, use="base.go()"):
    return {
        "vllm/base.py": f"class Base:\n{member}\n",
        "vllm/caller.py": (f"from vllm.base import Base\n\n\ndef run(base: Base):\n    {use}\n"),
    }


def test_tuple_of_the_old_length_that_vllm_takes_apart_is_an_error(find):
    """
    HW307: the call that takes it apart is the evidence.
    """
    old = host("    def go(self):\n        return 1, 2")
    new = host("    def go(self):\n        return 1, 2, 3", "a, b, c = base.go()")
    plugin = PLUGIN.format(member="    def go(self):\n        return 1, 2")

    (finding,) = find("HW307", plugin, new, old)

    assert (finding.rule, finding.severity) == ("HW307", Severity.ERROR)
    assert finding.evidence is not None


@pytest.mark.parametrize(
    ("before", "now", "ours"),
    [
        ("-> None", "-> float", "-> None"),
        ("-> None", "-> list[int]", ""),
        ("-> dict[str, int]", "-> Result", "-> dict[str, int]"),
        ("-> Optional[int]", "-> tuple[int, int]", "-> int | None"),
        ("-> float", "-> Result", "-> None"),
    ],
    ids=["nothing-to-value", "unannotated", "other-type", "wrapped", "never-gave-it"],
)
def test_annotation_that_names_another_type_is_a_warning(find, before, now, ours):
    """
    HW307: where the override still gives what it gave.
    """
    plugin = PLUGIN.format(member=f"    def go(self) {ours}:\n        pass")
    old, new = host(f"    def go(self) {before}: ..."), host(f"    def go(self) {now}: ...")

    (finding,) = find("HW307", plugin, new, old)

    assert finding.severity is Severity.WARNING
    assert finding.host_before is not None


@pytest.mark.parametrize(
    ("before", "now", "ours"),
    [
        ("-> int", "-> int | None", "-> int"),
        ("", "-> int", "-> None"),
        ("-> None", "-> float", "-> float"),
        ("-> None", "-> float | None", "-> None"),
        ("-> List[int]", "-> list[str]", "-> list"),
        ("-> Any", "-> int", "-> Any"),
        ("-> int", "-> 'int'", "-> int"),
    ],
    ids=["widened", "annotated", "mended", "may-be-none", "generic", "any", "quoted"],
)
def test_annotation_that_says_nothing_new_is_fine(find, before, now, ours):
    """
    HW307: what callers cannot trip over.
    """
    plugin = PLUGIN.format(member=f"    def go(self) {ours}: ...")
    old, new = host(f"    def go(self) {before}: ..."), host(f"    def go(self) {now}: ...")

    assert find("HW307", plugin, new, old) == []


def test_result_without_an_old_host_is_not_judged(find):
    """
    HW307: the old host tells what the override was made for.
    """
    plugin = PLUGIN.format(member="    def go(self) -> None: ...")

    assert find("HW307", plugin, host("    def go(self) -> int: ...")) == []


@pytest.mark.parametrize(
    ("before", "now", "ours"),
    [
        ("-> a.Result", "-> b.Result", "-> a.Result"),
        ("-> Annotated[int, 1]", "-> int", "-> int"),
        ("-> [", "-> int", "-> int"),
        ("-> None", "-> int", ":\n        yield 1"),
    ],
    ids=["same-name", "annotated", "unreadable", "generator"],
)
def test_annotation_that_tells_nothing_is_fine(find, before, now, ours):
    """
    HW307: only what names another type counts.
    """
    body = ours[1:] if ours[0] == ":" else f" {ours}: ..."
    body = f":{body}" if ours[0] == ":" else body
    then = host(f"    def go(self) {before}: ...") if before[-1] != "[" else host("    go = 1")

    plugin = PLUGIN.format(member=f"    def go(self){body}")

    assert find("HW307", plugin, host(f"    def go(self) {now}: ..."), then) == []


def test_method_that_the_old_host_did_not_have_is_fine(find):
    """
    HW307: there is nothing that the override was made for.
    """
    plugin = PLUGIN.format(member="    def go(self) -> None: ...")

    assert find("HW307", plugin, host("    def go(self) -> int: ..."), host("    x = 1")) == []


def test_property_is_read_without_a_call(find):
    """
    HW307: a warning also where nothing calls it.
    """
    form = "    @property\n    def go(self) -> {}: ..."
    plugin = PLUGIN.format(member=form.format("int"))

    (finding,) = find("HW307", plugin, host(form.format("str")), host(form.format("int")))

    assert finding.severity is Severity.WARNING
