"""What changed between two hosts."""

from hwcheck.hosts.compare import Change, Difference, Part, compare_hosts
from hwcheck.hosts.extracted import facts_of_sources

OLD = """
from vllm.other import thing
LIMIT = 1
GONE = 2
def same(a): return a
def grows(a): return a
def leaves(): pass
class Base: pass
class Kept(Base):
    field = 1
    def method(self, a): self.state = a
    def dropped(self): pass
class Left: pass
"""
NEW = """
from vllm.other import thing
LIMIT = 1
def same(a): return 2 * a
def grows(a, b=1): return a
class Base: pass
class Kept:
    def method(self, a): self.other = a
class Came: pass
"""


def host(source, **further):
    sources = {"vllm/__init__.py": "", "vllm/x.py": source, "vllm/other.py": "thing = 1\n"}
    return facts_of_sources(sources | further, "1")


def told(changes):
    return {(change.symbol, change.part, change.difference) for change in changes}


def test_changes_of_all_kinds_are_found():
    """
    Names, functions, classes, bases, methods and attributes are held against each other.
    """
    changes = compare_hosts(host(OLD), host(NEW))

    assert told(changes) == {
        ("vllm.x.GONE", Part.NAME, Difference.REMOVED),
        ("vllm.x.grows", Part.FUNCTION, Difference.CHANGED),
        ("vllm.x.leaves", Part.FUNCTION, Difference.REMOVED),
        ("vllm.x.Kept", Part.CLASS, Difference.CHANGED),
        ("vllm.x.Kept.dropped", Part.METHOD, Difference.REMOVED),
        ("vllm.x.Kept.field", Part.ATTRIBUTE, Difference.REMOVED),
        ("vllm.x.Kept.other", Part.ATTRIBUTE, Difference.ADDED),
        ("vllm.x.Kept.state", Part.ATTRIBUTE, Difference.REMOVED),
        ("vllm.x.Left", Part.CLASS, Difference.REMOVED),
        ("vllm.x.Came", Part.CLASS, Difference.ADDED),
    }


def test_changed_signature_shows_both_sides():
    """
    A change of a function tells what it was and what it is.
    """
    (change,) = compare_hosts(host(OLD), host(NEW), only=["vllm.x.grows"])

    assert change == Change(
        symbol="vllm.x.grows",
        module="vllm.x",
        part=Part.FUNCTION,
        difference=Difference.CHANGED,
        before="(a)",
        after="(a, b=...)",
    )


def test_only_used_symbols_are_told():
    """
    With the symbols that someone uses, changes of those and of what holds them remain.
    """
    changes = compare_hosts(host(OLD), host(NEW), only=["vllm.x.Kept.dropped", "vllm.x.same"])

    assert {change.symbol for change in changes} == {"vllm.x.Kept", "vllm.x.Kept.dropped"}


def test_moved_names_and_modules_are_told_where_they_went():
    """
    A name that another module defines now, and did not before, has moved there.
    """
    before = host("class Moved: pass\n", **{"vllm/old/gone.py": "", "vllm/old/__init__.py": ""})
    after = host("", **{"vllm/new/gone.py": "", "vllm/y.py": "class Moved: pass\n"})
    moved = {
        change.symbol: change.moved_to for change in compare_hosts(before, after) if change.moved_to
    }

    assert moved == {"vllm.x.Moved": ("vllm.y",), "vllm.old.gone": ("vllm.new.gone",)}


def test_re_exports_of_packages_count():
    """
    What a package imports is offered by it; what a module imports is its own affair.
    """
    package = {"vllm/__init__.py": "from vllm.other import thing\n"}
    changes = compare_hosts(host(OLD, **package), host(OLD.replace("import thing", "import it")))

    assert told(changes) == {("vllm.thing", Part.NAME, Difference.REMOVED)}


def test_equal_hosts_have_no_changes():
    """
    The same sources differ in nothing.
    """
    assert compare_hosts(host(OLD), host(OLD)) == ()
