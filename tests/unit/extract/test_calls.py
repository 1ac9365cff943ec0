"""Tests of the calls that a plugin makes."""


def test_classes_of_tests_are_arguments(code):
    """
    Calls of ``isinstance`` are told where a class is of interest, each class by itself.
    """
    source = "import vllm, torch\nx = isinstance(y, (vllm.A, int))\nz = isinstance(y, torch.B)\n"
    (call,) = code(source).uses.calls

    assert [each.chain for each in call.arguments] == ["y", "vllm.A", "int"]


def test_results_thrown_away_are_told(code):
    """
    A call that is a statement, awaited or not; not the calls within it.
    """
    source = "import vllm\nasync def f():\n  vllm.a(vllm.b())\n  await vllm.c()\n  x = vllm.d()\n"
    found = code(source).uses.calls

    assert {each.callee for each in found if each.is_discarded} == {"vllm.a", "vllm.c"}


def test_super_of_another_class_is_not_known(code):
    """
    Only that of the class around goes on from where the class stands; all run a method of a base.
    """
    source = (
        "class A(B):\n  def f(self):\n    super(A, self).g()\n    super(B, self).h()\n"
        "    super(__class__, self).i()\n"
    )
    found = code(source)

    assert [each.callee for each in found.uses.calls] == ["super().g", "super().i"]
    assert found.module.classes[0].functions[0].supers == ("g", "h", "i")


def test_key_put_in_under_its_own_condition_is_passed_only_there(code):
    """
    What stands above the call too does not tell whether the key is passed.
    """
    source = (
        "import vllm\ndef f(names):\n  if not hasattr(vllm.A, 'b'):\n    more = {}\n"
        "    if {test}:\n      more['c'] = 1\n    vllm.d(e=2, **more)\n"
    )
    known = code(source.replace("{test}", "hasattr(vllm, 'c')")).uses.calls
    unknown = code(source.replace("{test}", "'c' in names")).uses.calls

    assert [[each.keyword for each in call.arguments] for call in known] == [["e"], ["e", "c"]]
    assert [[each.keyword for each in call.arguments] for call in unknown] == [["e"]]
