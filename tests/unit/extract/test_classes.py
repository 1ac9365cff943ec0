"""Tests of the facts about classes."""

from hwcheck.model.facts import Attribute


def test_class_statement_is_told(host):
    """
    Bases, metaclass, decorators and options of a class are told.
    """
    module, _ = host(
        """
        @dataclass(kw_only=True, init=False, order=flag)
        @a.register("x")
        class A(b.B, Generic[T], make(), metaclass=abc.ABCMeta, frozen=True):
            class Inner:
                pass
            def f(self):
                class Local(A): pass
                return Local()
        if x > 1:
            class A: pass
        """
    )
    first, inner, local, last = module.classes

    assert first.bases == ("b.B", "Generic", "make()")
    assert (first.metaclass, first.decorators) == ("abc.ABCMeta", ("dataclass()", "a.register()"))
    assert first.options == ("frozen", "kw_only", "not init")
    assert (inner.name, local.name, last.name) == ("A.Inner", "A.f.Local", "A")
    assert module.conditions[last.guard].kind == "unknown"


def test_fields_are_told(host):
    """
    Fields say whether the made constructor takes them, needs them, and how.
    """
    module, _ = host(
        """
        class A:
            a: int
            b: str = "x"
            c: "ClassVar[int]" = 1
            d: list = field(default_factory=list)
            e: int = field(init=False)
            f: int = dataclasses.field(kw_only=True, default=None)
            g: int = Field(..., gt=1)
            h: int = Field(3)
            i: X = field(default=X.y)
            _: KW_ONLY
            j: int
            k = 1
            l: typing.ClassVar = X()
            m: list = field(default_factory=lambda: [1])
        """
    )
    found = {
        x.name: (x.value, x.has_default, x.is_argument, x.is_keyword)
        for x in module.classes[0].attributes
    }

    assert found == {
        "a": ("", False, True, False),
        "b": ("str()", True, True, False),
        "c": ("int()", True, False, False),
        "d": ("list()", True, True, False),
        "e": ("", False, False, False),
        "f": ("None()", True, True, True),
        "g": ("", False, True, False),
        "h": ("int()", True, True, False),
        "i": ("X.y", True, True, False),
        "j": ("", False, True, True),
        "k": ("int()", True, False, False),
        "l": ("X()", True, False, True),
        "m": ("", True, True, True),
    }


def test_attributes_set_in_methods_are_told(host):
    """
    Attributes of instances have their values with local names replaced.
    """
    module, _ = host(
        """
        class A:
            __slots__ = ("s", "t")
            from vllm.x import y
            def __init__(self, p: Config, q):
                runner = Runner(p)
                self.runner = runner
                self.p = p
                self.q: int = q
                self.a, (self.b, *self.c) = two()
                setattr(self, "d", 1)
                with lock as self.e: pass
                self.f: str
                self.runner = runner
                def late(): self.g = p.x
            @classmethod
            def make(cls): cls.h = None
        """
    )
    found = [(x.name, x.method, x.annotation, x.value) for x in module.classes[0].attributes]

    assert found == [
        ("__slots__", "", "", "tuple()"),
        ("y", "", "", ""),
        ("runner", "__init__", "", "Runner()"),
        ("p", "__init__", "Config", "p"),
        ("q", "__init__", "int", "q"),
        ("a", "__init__", "", ""),
        ("b", "__init__", "", ""),
        ("c", "__init__", "", ""),
        ("d", "__init__", "", "int()"),
        ("e", "__init__", "", ""),
        ("f", "__init__", "str", ""),
        ("g", "__init__", "", "p.x"),
        ("h", "make", "", "None()"),
        ("s", "__slots__", "", ""),
        ("t", "__slots__", "", ""),
    ]


def test_definitions_in_both_branches_are_kept_with_guards(code, shown):
    """
    A method that is defined twice under a gate is there twice.
    """
    module = code(
        """
        from plug.g import gate
        class A:
            if gate("1"):
                x: int = 1
                def f(self): pass
            else:
                def f(self, a): pass
        """
    ).module
    (found,) = module.classes

    assert [shown(module.conditions[x.guard]) for x in found.functions] == [
        "call:gate 1",
        "not(call:gate 1)",
    ]
    assert found.attributes == (Attribute("x", "", "int", "int()", True, guard=1),)
