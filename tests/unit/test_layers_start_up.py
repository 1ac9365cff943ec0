"""Tests of what the command line imports before it needs it."""

import json
import subprocess
import sys

import pytest

CENSUS = """
import contextlib, io, json, runpy, sys
with contextlib.redirect_stdout(io.StringIO()):
    try:
        runpy.run_module("hwcheck", run_name="__main__")
    except SystemExit as end:
        code = end.code
print(json.dumps([code, sorted(sys.modules)]))
"""

ONLY_A_RUN_NEEDS = ("jinja2", "junitparser", "psutil", "pytest", "rich", "torch", "vllm")


def modules_after(*arguments: str) -> tuple[object, set[str]]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CENSUS, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    code, modules = json.loads(done.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("list",)], ids=" ".join)
def test_command_starts_without_what_only_a_run_needs(arguments: tuple[str, ...]):
    """
    Help and listing import neither vLLM nor torch nor anything that only a run or a report needs.
    """
    code, modules = modules_after(*arguments)

    assert not code
    assert sorted(modules.intersection(ONLY_A_RUN_NEEDS)) == []


def test_package_imports_nothing_of_its_own():
    """
    The package's own module, which every import of a submodule runs, imports only itself.
    """
    program = "import json, sys; import hwcheck; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True
    )

    modules = json.loads(done.stdout)

    assert [name for name in modules if name.startswith("hwcheck")] == ["hwcheck"]
