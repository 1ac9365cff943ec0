"""Plugins in source trees: project files read, added up, never executed."""

import textwrap

import pytest

from hwcheck.discover.source import discover_source
from hwcheck.errors import DiscoveryError
from hwcheck.model.plugin import Origin, ProblemKind

PYPROJECT = """
    [project]
    name = "fake"
    dynamic = ["version"]
    requires-python = ">=3.10"
    dependencies = ["vllm>=0.11", "torch"]
    [project.entry-points."vllm.platform_plugins"]
    fake = "fake:register"
"""
SETUP_ENTRY_POINTS = 'entry_points={"vllm.platform_plugins": ["fake = fake:register"]}'


@pytest.fixture
def tree(tmp_path):
    """
    Write a source tree; a double underscore in a keyword stands for the dot of the file's name.
    """

    def write(**files):
        for name, content in files.items():
            data = textwrap.dedent(content) if isinstance(content, str) else content
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(data.encode() if isinstance(data, str) else data)
        return tmp_path

    return write


def setup(arguments, before=""):
    return f"from setuptools import setup\n{before}\nsetup({arguments})\n"


def only(discovery):
    (plugin,) = discovery.plugins
    return plugin


def unread(discovery):
    return [item.detail for item in discovery.problems if item.kind == "dynamic-metadata"]


def test_standard_table_is_read(tree):
    """
    A dynamic version is unknown and no problem.
    """
    root = tree(pyproject__toml=PYPROJECT)

    discovery = discover_source(root)

    plugin = only(discovery)
    assert (plugin.name, plugin.version, plugin.requires_python) == ("fake", None, ">=3.10")
    assert (plugin.origin, plugin.location) == (Origin.SOURCE, str(root))
    assert [point.value for point in plugin.entry_points] == ["fake:register"]
    assert plugin.host_requirements == ("vllm>=0.11",)
    assert discovery.problems == ()


@pytest.mark.parametrize(
    ("written", "requirement"),
    [
        ('"^0.11.2"', "vllm>=0.11.2,<0.12"),
        ('"^1.2"', "vllm>=1.2,<2"),
        ('"^0.0.3"', "vllm>=0.0.3,<0.0.4"),
        ('"~0.11.2"', "vllm>=0.11.2,<0.12"),
        ('"~=0.11"', "vllm~=0.11"),
        ('">=0.11,<0.12"', "vllm>=0.11,<0.12"),
        ('"0.11.0"', "vllm==0.11.0"),
        ('"*"', "vllm"),
        ('{version = "^1", optional = true}', "vllm>=1,<2"),
        ('{git = "x"}', "vllm"),
    ],
)
def test_poetry_s_own_tables_are_read(tree, written, requirement):
    """
    Plugins, and constraints in the standard operators.
    """
    discovery = discover_source(
        tree(
            pyproject__toml=f"""
            [tool.poetry]
            name = "fake"
            version = "1.0"
            [tool.poetry.dependencies]
            python = "^3.11"
            vllm = {written}
            [tool.poetry.plugins."vllm.platform_plugins"]
            fake = {{reference = "fake:register"}}
            [build-system]
            build-backend = "poetry.core.masonry.api"
            """,
            setup__py="setup(",
        )
    )

    assert only(discovery).version == "1.0"
    assert only(discovery).host_requirements == (requirement,)


def test_requirement_files_that_setuptools_reads_are_read(tree):
    """
    Comments and options of pip are left out.
    """
    text = PYPROJECT.replace('["version"]', '["version", "dependencies"]').replace(
        'dependencies = ["vllm>=0.11", "torch"]', ""
    )
    dynamic = '[tool.setuptools.dynamic]\ndependencies = {file = ["requirements.txt"]}\n'
    root = tree(
        pyproject__toml=textwrap.dedent(text) + dynamic,
        requirements__txt="# x\n-r other.txt\nvllm>=0.11  # why\n\ntorch\n",
    )

    discovery = discover_source(root)

    assert only(discovery).requirements == ("vllm>=0.11", "torch")
    assert discovery.problems == ()


@pytest.mark.parametrize("extra", ["", '[tool.setuptools.dynamic]\ndependencies={file="none.txt"}'])
def test_dynamic_field_that_no_file_has_is_a_problem(tree, extra):
    """
    Nothing is left out in silence.
    """
    text = textwrap.dedent(PYPROJECT).replace('dependencies = ["vllm>=0.11", "torch"]', "")
    root = tree(pyproject__toml=text.replace('["version"]', '["dependencies"]') + extra)

    discovery = discover_source(root)

    assert only(discovery).requirements == ()
    assert all("pyproject.toml" in detail for detail in unread(discovery))
    assert unread(discovery)


def test_setup_cfg_is_read(tree):
    """
    Markers keep their semicolons; an attribute as version is unknown.
    """
    discovery = discover_source(
        tree(
            setup__cfg="""
            [metadata]
            name = fake
            version = attr: fake.__version__
            [options]
            python_requires = >=3.10
            install_requires =
                # which host
                vllm>=0.11; python_version > "3"
                torch
            [options.entry_points]
            vllm.platform_plugins =
                Fake = fake:register
            """,
            setup__py=setup(""),
        )
    )

    plugin = only(discovery)
    assert (plugin.name, plugin.version, plugin.requires_python) == ("fake", None, ">=3.10")
    assert [point.name for point in plugin.entry_points] == ["Fake"]
    assert plugin.host_requirements == ('vllm>=0.11; python_version > "3"',)
    assert discovery.problems == ()


def test_reference_to_another_file_in_setup_cfg_is_a_problem(tree):
    """
    The problem names the file and the line.
    """
    root = tree(
        setup__cfg="[metadata]\nname = fake\n[options]\ninstall_requires = file: r.txt\n"
        "[options.entry_points]\nvllm.platform_plugins = fake = fake:register\n"
    )

    discovery = discover_source(root)

    assert only(discovery).name == "fake"
    assert [detail.split("(")[1] for detail in unread(discovery)] == [
        f"'{root / 'setup.cfg'}', line 4)"
    ]


def test_setup_py_is_read_and_not_executed(tree):
    """
    Literals, names, concatenation and constant formats are followed.
    """
    before = 'raise SystemExit\nV = "0.11"\nNAME = "vllm_" + "fake"\nPOINT = f"{NAME}:register"'
    arguments = (
        'name=NAME, version="%s.1" % V, python_requires=">={}".format("3.10"),'
        'install_requires=["vllm==" + V, *("torch",)] + ["numpy"],'
        'entry_points={"vllm.platform_plugins": [f"fake = {POINT}"]}'
    )

    discovery = discover_source(tree(setup__py=setup(arguments, before)))

    plugin = only(discovery)
    assert (plugin.name, plugin.version, plugin.requires_python) == (
        "vllm_fake",
        "0.11.1",
        ">=3.10",
    )
    assert plugin.requirements == ("vllm==0.11", "torch", "numpy")
    assert [point.value for point in plugin.entry_points] == ["vllm_fake:register"]
    assert discovery.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        setup("**args", f'args = dict(name="fake", {SETUP_ENTRY_POINTS})'),
        setup(
            'name="fake", **{**args}',
            f'args = {{"{SETUP_ENTRY_POINTS.replace("=", chr(34) + ":", 1)}}}',
        ),
        setup('name="fake", entry_points="[vllm.platform_plugins]\\nfake = fake:register"'),
        setup('name="fake", entry_points={"vllm.platform_plugins": "fake = fake:register"}'),
        setup(
            'name="fake", entry_points=a | {}',
            'a = {"vllm.platform_plugins": ("fake=fake:register",)}',
        ),
        f'if __name__ == "__main__":\n    n = "fake"\n    setup(name=n, {SETUP_ENTRY_POINTS})',
        f'def main():\n    n = "fake"\n    core.setup(name=n, {SETUP_ENTRY_POINTS})',
    ],
    ids=["kwargs", "merged", "ini", "string", "union", "guard", "function"],
)
def test_forms_of_setup_are_understood(tree, text):
    """
    All of them declare the same plugin.
    """
    discovery = discover_source(tree(setup__py=text))

    assert only(discovery).name == "fake"
    assert [point.value for point in only(discovery).entry_points] == ["fake:register"]
    assert discovery.problems == ()


def test_computed_parts_are_problems_and_hide_nothing(tree):
    """
    What can be read beside them is; each problem names the line.
    """
    arguments = (
        'name="fake", install_requires=requirements() + ["vllm"],\n'
        'entry_points={"console_scripts": scripts(),\n'
        '"vllm.platform_plugins": ["fake = fake:register",\nother()]}'
    )

    discovery = discover_source(tree(setup__py=setup(arguments)))

    assert len(only(discovery).entry_points) == 1
    assert only(discovery).host_requirements == ("vllm",)
    assert [detail.rpartition("line ")[2] for detail in unread(discovery)] == ["6)", "3)"]


@pytest.mark.parametrize(
    ("arguments", "before"),
    [
        ("entry_points=points()", ""),
        ("entry_points=points", 'points = {}\npoints["vllm.platform_plugins"] = ["a = b:c"]'),
        ("entry_points=points", "points = {}\npoints.update(x)"),
        ("entry_points=points", "points = {}\npoints |= x"),
        ("entry_points=points", "if x:\n    points = {}\nelse:\n    points = {}"),
        ("entry_points={key(): []}", ""),
        ("**arguments()", ""),
    ],
)
def test_entry_points_that_are_computed_are_a_problem_and_no_refusal(tree, arguments, before):
    """
    There may well be a plugin: the discovery is empty, with the reason.
    """
    discovery = discover_source(tree(setup__py=setup(arguments, before)))

    assert discovery.plugins == ()
    assert len(unread(discovery)) == 1


def test_parameter_of_a_function_is_not_mistaken_for_a_global(tree):
    """
    The parameter hides the name.
    """
    text = f'n = "wrong"\ndef main(n):\n    setup(name=n, {SETUP_ENTRY_POINTS})\n'

    discovery = discover_source(tree(setup__py=text))

    assert only(discovery).name != "wrong"


def test_text_that_doubles_is_not_followed(tree):
    """
    Sixty lines would make an exabyte.
    """
    doubling = "\n".join(f"a{i + 1} = a{i} + a{i}" for i in range(60))
    before = f'a0 = "xx"\nb0 = ["vllm"]\n{doubling}\n{doubling.replace("a", "b")}'
    arguments = f"name=a60, install_requires=b60, {SETUP_ENTRY_POINTS}"

    discovery = discover_source(tree(setup__py=setup(arguments, before)))

    assert only(discovery).name != "xx"
    assert unread(discovery)


@pytest.mark.parametrize(
    "name", ['"%9s" % "x"', '"{0.a}".format("x")', '"%s%s" % "x"', '"{}".format()', 'f"{x!r:>9}"']
)
def test_formats_beyond_the_plain_ones_are_not_followed(tree, name):
    """
    Widths and attributes can do harm.
    """
    discovery = discover_source(tree(setup__py=setup(f"name={name}, {SETUP_ENTRY_POINTS}")))

    assert len(unread(discovery)) == 1


def test_pyproject_wins_over_setup_py(tree):
    """
    What setup.py computes for a field that is settled is no problem.
    """
    root = tree(
        pyproject__toml=PYPROJECT,
        setup__py=setup("name=x(), install_requires=y(), entry_points=z()"),
    )

    discovery = discover_source(root)

    assert only(discovery).name == "fake"
    assert discovery.problems == ()


def test_setup_py_supplies_what_is_dynamic(tree):
    """
    setup.cfg overrides it, as in setuptools.
    """
    root = tree(
        pyproject__toml='[project]\nname = "fake"\ndynamic = ["entry-points", "version"]\n',
        setup__cfg="[metadata]\nversion = 2.0\n",
        setup__py=setup(f'version="1.0", {SETUP_ENTRY_POINTS}'),
    )

    discovery = discover_source(root)

    assert only(discovery).version == "2.0"
    assert discovery.problems == ()


def test_entry_points_that_newer_setuptools_drops_are_a_problem(tree):
    """
    They are in setup.py and the standard table does not call them dynamic.
    """
    root = tree(
        pyproject__toml='[project]\nname = "fake"\nversion = "1"\n',
        setup__py=setup(SETUP_ENTRY_POINTS),
    )

    discovery = discover_source(root)

    assert only(discovery).name == "fake"
    assert [problem.kind for problem in discovery.problems] == [ProblemKind.DYNAMIC_METADATA]


def test_values_that_no_installer_can_read_are_problems(tree):
    """
    The plugin is there with the values as written.
    """
    root = tree(setup__py=setup(f'name="fake", install_requires=["a >> 1"], {SETUP_ENTRY_POINTS}'))

    discovery = discover_source(root)

    assert only(discovery).requirements == ("a >> 1",)
    assert [problem.kind for problem in discovery.problems] == [ProblemKind.BROKEN_METADATA]


def test_tree_with_no_plugin_is_refused_with_what_it_declares(tree):
    """
    The message says what was looked for.
    """
    root = tree(setup__py=setup('entry_points={"console_scripts": ["a = b:c"]}'))

    with pytest.raises(DiscoveryError, match=r"vllm\.platform_plugins\n.*console_scripts"):
        discover_source(root)


def test_source_of_vllm_is_refused(tree):
    """
    vLLM is the host.
    """
    with pytest.raises(DiscoveryError, match="vLLM itself"):
        discover_source(tree(pyproject__toml='[project]\nname = "vllm"\n'))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("pyproject__toml", "[project", "not readable as TOML"),
        ("pyproject__toml", "[project]\nname = 1", "name must be a string"),
        ("pyproject__toml", "project = 1", "project must be a table"),
        ("pyproject__toml", "[project]\ndependencies = 'x'", "must be a list of strings"),
        ("pyproject__toml", "[project.entry-points]\nx = 1", "must be a table"),
        ("pyproject__toml", "[project.entry-points.x]\nx = 1", "must be a string"),
        ("pyproject__toml", "[project]".encode("utf-16"), "not UTF-8"),
        ("setup__cfg", "name = x", "not readable"),
        ("setup__py", "def (", r"not readable as Python: .* \(line 1\)"),
        ("setup__py", b"\0", "not readable as Python"),
        ("setup__py", "x = '\xe9'".encode("latin-1"), "not readable as Python"),
        ("setup__py", "setup(name=" + "+".join(["'a'"] * 5000) + ")", "nested too deeply"),
        ("setup__py", b"#" * (4 * 2**20 + 1), "is larger than"),
        ("setup__py", "import this\n", None),
        ("README", "", "not a source tree"),
    ],
)
def test_unreadable_tree_is_refused(tree, file, content, message):
    """
    Each fault has one clear message; a script that calls no setup is a problem only.
    """
    root = tree(**{file: content})

    if message is None:
        assert len(unread(discover_source(root))) == 1
    else:
        with pytest.raises(DiscoveryError, match=message):
            discover_source(root)


def test_missing_tree_and_file_are_refused(tmp_path):
    """
    Neither is a folder.
    """
    (tmp_path / "file").write_text("")

    with pytest.raises(DiscoveryError, match="is not a directory"):
        discover_source(tmp_path / "file")
    with pytest.raises(DiscoveryError, match="does not exist"):
        discover_source(tmp_path / "none")
