"""Compiled modules of its own that a plugin imports."""

from pathlib import Path

import pytest

from hwcheck.discover.files import InstalledFiles
from hwcheck.discover.own_modules import compiled_modules
from hwcheck.model.plugin import EntryPoint, Group, Origin, Plugin

PLUGIN = Plugin(
    name="acme",
    version="1.0",
    origin=Origin.INSTALLED,
    location="site",
    entry_points=(EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register"),),
)


@pytest.fixture
def modules(tmp_path: Path):
    """Write files, and tell what is found in them as names and whether they are there."""

    def find(**texts: str) -> dict[str, bool]:
        for name, text in texts.items():
            file = tmp_path / "acme" / name.replace("__", "/").replace("INIT", "__init__.py")
            file = file if file.suffix else file.with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        files = InstalledFiles(
            root=str(tmp_path),
            has_record=True,
            is_editable=False,
            missing=(),
            compiled=(),
            wheel_tags=(),
        )
        return {item.name: item.is_there for item in compiled_modules(PLUGIN, files)}

    return find


@pytest.mark.parametrize(
    "statement",
    [
        "import acme._C",
        "import acme._C as ops",
        "from acme import _C",
        "try:\n    from acme import (_C, other)\nexcept ImportError:\n    _C = None",
    ],
)
def test_module_that_is_not_installed_is_told(modules, statement):
    """
    Every form of the import is seen, a guarded one as well.
    """
    assert modules(INIT="", ops=statement) == {"acme._C": False}


@pytest.mark.parametrize("file", ["_C.abi3.so", "_C.cpython-311-x86_64-linux-gnu.so", "_C.py"])
def test_module_that_is_installed_is_there(modules, tmp_path, file):
    """
    A file of that name is enough, compiled or not.
    """
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / file).touch()

    assert modules(INIT="", ops="import acme._C") == {"acme._C": True}


def test_attribute_of_a_package_is_no_missing_module(modules):
    """
    What ``__init__.py`` mentions may be made there.
    """
    assert modules(INIT="_C = load()", ops="from acme import _C") == {"acme._C": True}


@pytest.mark.parametrize("statement", ["import acme._C", "from acme import _C"])
def test_import_in_the_package_itself_does_not_make_the_module(modules, statement):
    """
    The package may be the one that asks for it.
    """
    assert modules(INIT=statement) == {"acme._C": False}


def test_name_of_a_plain_module_is_no_missing_module(modules):
    """
    Names inside a module are attributes.
    """
    found = modules(INIT="", ops="_kernel = 1", use="from acme.ops import _kernel")

    assert found == {}


@pytest.mark.parametrize(
    "statement", ["from acme import _version", "import acme.plain", "import other._C", "# import"]
)
def test_what_is_not_named_as_a_compiled_module_is_left_out(modules, statement):
    """
    Generated files, plain modules and other packages are not looked for.
    """
    assert modules(INIT="", ops=statement) == {}


def test_line_of_the_import_is_named(modules, tmp_path):
    """
    The place is the line that imports the module.
    """
    modules(INIT="", ops="\n\n    import acme._C")
    files = InstalledFiles(
        root=str(tmp_path),
        has_record=True,
        is_editable=False,
        missing=(),
        compiled=(),
        wheel_tags=(),
    )

    (module,) = compiled_modules(PLUGIN, files)

    place = module.place
    assert (place.file, place.line, place.text) == ("acme/ops.py", 3, "import acme._C")
