"""Wrong input on the command line: one message that tells what to do, and the right exit code."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

POINTS = "[vllm.platform_plugins]\nacme = acme:register\n"
GENERAL_ONLY = "[vllm.general_plugins]\nacme_ops = acme:register\n"


@pytest.fixture
def site(tmp_path):
    """
    A folder on the path, to which distributions are added.
    """

    def add(name, version="1.0", *, points=None, folder="site", **modules):
        root = tmp_path / folder
        info = root / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(text, encoding="utf-8")
        if points is not None:
            (info / "entry_points.txt").write_text(points, encoding="utf-8")
        for module, code in modules.items():
            (root / f"{module}.py").write_text(code, encoding="utf-8")
        return root

    return add


@pytest.fixture
def add_host(site):
    """
    A folder that passes for an installed vLLM.
    """

    def add(version="9.9"):
        package = site("vllm", version) / "vllm"
        (package / "platforms").mkdir(parents=True)
        (package / "__init__.py").write_text(f"__version__ = {version!r}\n")
        (package / "platforms" / "__init__.py").write_text(
            "_current_platform = None\ndef __getattr__(name):\n    raise AttributeError(name)\n"
        )

    return add


@pytest.fixture
def acme(site):
    """
    An installed plugin.
    """
    return site("acme", points=POINTS, acme="def register():\n    return None\n")


@pytest.fixture
def hwcheck(tmp_path):
    """
    Run the command line in a process of its own, in the temporary folder.
    """

    def run(*words, path=(), input=None, **variables):
        entries = [tmp_path / "site", *path]
        done = subprocess.run(
            [sys.executable, "-m", "hwcheck", *map(str, words)],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(map(str, entries)),
                "COLUMNS": "200",
                **variables,
            },
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            check=False,
        )
        done.stdout = done.stdout.decode("utf-8", "replace")
        done.stderr = done.stderr.decode("utf-8", "replace")
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


def refused(done, code, *phrases):
    """
    Whether a command gave that exit code, nothing on standard output, and one message.
    """
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("hwcheck: ") + done.stderr.count("hwcheck run: error: ") == 1
    missing = [phrase for phrase in phrases if phrase not in done.stderr]
    assert missing == [], done.stderr
    return True


def test_unknown_plugin_is_offered_the_nearest(hwcheck, acme):
    """
    A misspelt name is answered with the plugins that there are, and the nearest.
    """
    done = hwcheck("run", "acmee")

    assert refused(done, 2, "no plugin 'acmee'", "nearest: acme")


def test_plugin_that_is_not_installed_is_told_to_be_installed(hwcheck, acme):
    """
    A name that is like no other is answered with how to go on.
    """
    done = hwcheck("run", "zzz-nothing-like-it")

    assert refused(done, 2, "no plugin 'zzz-nothing-like-it'", "install the plugin here")


@pytest.mark.parametrize("name", ["", " ", "-", "../", "a" * 5000, "acme[extra]", "\x1b[31mx"])
def test_strange_name_is_refused(hwcheck, acme, name):
    """
    Whatever is given as a name ends in a message, without control characters.
    """
    done = hwcheck("run", "--", name)

    assert done.returncode == 2
    assert done.stderr.startswith("hwcheck: ")
    assert "\x1b" not in done.stderr


def test_two_plugins_of_one_name_are_both_named(hwcheck, acme, site):
    """
    When two distributions declare the same platform, neither is chosen.
    """
    site("other", points="[vllm.platform_plugins]\nacme = other:register\n")

    done = hwcheck("run", "acme")

    assert refused(done, 2, "several plugins answer to 'acme'", "acme in", "other in")


def write_wheel(path, *, points=POINTS):
    with zipfile.ZipFile(path, "w") as archive:
        text = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"
        archive.writestr("acme-1.0.dist-info/METADATA", text + "\n" + "x" * 500)
        archive.writestr("acme-1.0.dist-info/entry_points.txt", points)
    return path


WHEEL = "acme-1.0-py3-none-any.whl"


@pytest.mark.parametrize("command", ["list", "run"])
@pytest.mark.parametrize(
    ("content", "phrase"),
    [(b"not a zip", "it is no zip archive"), (b"", "is an empty file"), (None, "damaged")],
    ids=["no-zip", "empty", "truncated"],
)
def test_unreadable_wheel_is_refused(hwcheck, tmp_path, command, content, phrase):
    """
    What is wrong with a wheel is said by every command that is given it.
    """
    path = write_wheel(tmp_path / WHEEL)
    path.write_bytes(path.read_bytes()[:-40] if content is None else content)

    done = hwcheck(command, WHEEL)

    assert done.returncode == 2
    assert phrase in done.stderr
    assert "build or download it again" in done.stderr


@pytest.mark.parametrize("given", [WHEEL, f"./{WHEEL}"])
def test_wheel_cannot_be_run_before_it_is_installed(hwcheck, tmp_path, given):
    """
    `hwcheck run` of a wheel gives the commands that install and run it.
    """
    write_wheel(tmp_path / WHEEL)

    done = hwcheck("run", given)

    assert refused(done, 2, "is a wheel", f"pip install ./{WHEEL}", "then: hwcheck run acme")


def test_wheel_for_another_environment_is_installed_with_its_pip(hwcheck, tmp_path):
    """
    With --python, the command installs into that interpreter's environment.
    """
    write_wheel(tmp_path / WHEEL)
    python = tmp_path / "a b" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)

    done = hwcheck("run", WHEEL, "--python", python)

    assert refused(done, 2, f"'{python}' -m pip install ./{WHEEL}")


def test_source_tree_cannot_be_run_before_it_is_installed(hwcheck, tmp_path):
    """
    `hwcheck run` of a source tree gives the commands that install and run it.
    """
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "pyproject.toml").write_text(
        '[project]\nname = "acme"\nversion = "1.0"\n'
        '[project.entry-points."vllm.platform_plugins"]\nacme = "acme:register"\n'
    )

    done = hwcheck("run", "tree")

    assert refused(done, 2, "is a source tree", "pip install ./tree", "then: hwcheck run acme")


def test_unpacked_folder_cannot_be_run_off_the_path(hwcheck, site):
    """
    A folder with metadata, as `pip install --target` makes it, has to be on the path.
    """
    site("acme", points=POINTS, folder="target")

    done = hwcheck("run", "./target")

    assert refused(done, 2, "not on the path", "PYTHONPATH=./target", "then: hwcheck run acme")


def test_pinned_release_cannot_be_run_before_it_is_installed(hwcheck):
    """
    `hwcheck run NAME==VERSION` gives the command that fetches it.
    """
    done = hwcheck("run", "acme==2.0")

    assert refused(done, 2, "pip install acme==2.0", "then: hwcheck run acme")


def test_run_without_host_tells_how_to_install_one(hwcheck, acme):
    """
    Without vLLM the message says how to get one, and what can be done without.
    """
    done = hwcheck("run", "acme")

    assert refused(done, 3, "no vLLM is installed", "pip install vllm", "hwcheck list")


def test_run_with_old_host_tells_the_oldest(hwcheck, acme, add_host):
    """
    A vLLM that loads plugins in another way is refused by its version.
    """
    add_host("0.8.5")

    done = hwcheck("run", "acme")

    assert refused(done, 3, "host too old: vllm 0.8.5", "oldest supported: 0.9.0")


def test_plugin_with_general_entry_points_only_has_no_platform(hwcheck, site, add_host):
    """
    Contracts about platforms do not apply to a plugin that has none.
    """
    site("ops", points=GENERAL_ONLY, acme="def register():\n    return None\n")
    add_host()

    done = hwcheck("run", "ops", "--format", "json")

    run = json.loads(done.stdout)
    states = {item["contract"]: item["state"] for item in run["run"]["outcomes"]}
    assert done.returncode == 3
    assert states["platform.base"] == "not-applicable"
    assert states["load.class-path"] == "not-applicable"
    assert "broken" not in states.values()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--step-limit", "x"), ("--start-limit", "-1"), ("--memory-limit", "nan")],
)
def test_number_that_is_no_limit_is_refused(hwcheck, option, value):
    """
    A limit is a positive number.
    """
    done = hwcheck("run", "acme", f"{option}={value}")

    assert refused(done, 2, f"argument {option}: {value!r} is not a positive number")


@pytest.mark.parametrize(
    ("words", "known"),
    [(("--profile", "P7"), "'P0'"), (("--format", "pdf"), "'terminal'")],
    ids=["profile", "format"],
)
def test_unknown_choice_is_answered_with_the_known(hwcheck, words, known):
    """
    A word that is no choice is answered with those that are.
    """
    done = hwcheck("run", "acme", *words)

    assert refused(done, 2, f"invalid choice: '{words[1]}'", known)


@pytest.mark.parametrize("option", ["--output", "--keep"])
@pytest.mark.parametrize("below", ["file/inside", "/proc/inside"])
def test_unwritable_folder_is_refused_before_the_run(hwcheck, acme, tmp_path, option, below):
    """
    Nobody waits for a run whose results cannot be written.
    """
    (tmp_path / "file").write_text("")

    done = hwcheck("run", "acme", option, below)

    assert refused(done, 3, "cannot write", below, f"can be written with {option}")


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "no-python", "fails", "silent"])
def test_python_that_is_none_is_refused(hwcheck, acme, tmp_path, kind):
    """
    --python needs something that runs as Python.
    """
    python = tmp_path / "python"
    if kind == "folder":
        python.mkdir()
    elif kind != "missing":
        text = {"text": "hello", "fails": "#!/bin/sh\necho no 1>&2; exit 4\n"}.get(kind, "")
        text = {"no-python": "#!/bin/sh\necho [\n", "silent": "#!/bin/sh\n"}.get(kind, text)
        python.write_text(text)
        python.chmod(0o644 if kind == "text" else 0o755)

    done = hwcheck("run", "acme", "--python", python)

    assert refused(done, 2, str(python), "interpreter")
    assert "index out of range" not in done.stderr


def test_missing_document_is_refused(hwcheck):
    """
    A file that is not there is named.
    """
    done = hwcheck("report", "nowhere.json")

    assert refused(done, 2, "'nowhere.json'", "name a file that")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ('{"schema": "hwcheck.run", "version": 999}', "999"),
        ('{"schema": "hwcheck.run", "version": 1, "run": {"plug', "broken.json"),
        ('{"packages": []}', "broken.json"),
        ("[]", "broken.json"),
        ("", "broken.json"),
        ("\ufeff{}", "broken.json"),
        ("[" * 20000, "broken.json"),
    ],
    ids=["newer", "truncated", "foreign", "list", "empty", "marked", "deep"],
)
def test_document_that_is_no_run_is_refused(hwcheck, tmp_path, text, phrase):
    """
    A newer, truncated or foreign document is told from a run.
    """
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")

    done = hwcheck("report", "broken.json")

    assert refused(done, 2, phrase)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("raise ValueError('no good')", "no good"),
        ("import hwcheck_nothing_of_that_name", "hwcheck_nothing_of_that_name"),
        (
            "from hwcheck.hooks import hookimpl\n@hookimpl\ndef hwcheck_reporter():\n    return ()",
            "hwcheck_reporter",
        ),
        (
            "from hwcheck.hooks import hookimpl\n@hookimpl\ndef hwcheck_reporters():\n    1 / 0",
            "ZeroDivisionError",
        ),
        (
            "from hwcheck.hooks import hookimpl\n@hookimpl\ndef hwcheck_reporters(): return [1]",
            "not a Reporter",
        ),
    ],
    ids=["raises", "imports-nothing", "misspelt-hook", "hook-raises", "wrong-object"],
)
def test_hostile_extension_is_named(hwcheck, site, code, phrase):
    """
    An extension that cannot be used is named by its distribution.
    """
    site("rogue", points="[hwcheck]\nrogue = rogue_extension\n", rogue_extension=code)

    done = hwcheck("list")

    assert refused(done, 3, "'rogue'", phrase)


HOSTILE = "[vllm.platform_plugins]\nn\u00e4me\u202e\U0001f600 = acme:register\n"


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""},
    ],
    ids=["ascii", "c-locale"],
)
@pytest.mark.parametrize("words", [("list",), ("run", "evil"), ("run", "nothing")])
def test_narrow_encoding_shows_hostile_names(hwcheck, site, add_host, words, variables):
    """
    What the encoding cannot show is shown as an escape.
    """
    site("evil", points=HOSTILE, acme="def register():\n    return None\n")
    add_host()

    done = hwcheck(*words, **variables)

    assert done.returncode in (0, 2, 3)
    assert "Error" not in done.stderr
    assert (done.stdout + done.stderr).isascii()


def test_reader_that_stops_early_is_no_fault(tmp_path):
    """
    Output into `head -1` ends without a complaint.
    """
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m hwcheck explain | head -1', sys.executable],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr == ""


def test_full_disk_is_told(tmp_path):
    """
    Output that cannot be written is a failure of hwcheck's work, not a crash.
    """
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m hwcheck schema > /dev/full', sys.executable],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )

    assert done.returncode == 3
    assert done.stderr.startswith("hwcheck: the system refused: ")
    assert "Traceback" not in done.stderr
