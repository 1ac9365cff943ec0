"""Which modules get a stand-in: what a plugin's source needs and its environment lacks."""

import json
from collections.abc import Mapping
from pathlib import Path

from hwcheck.discover.files import InstalledFiles
from hwcheck.model.plugin import EntryPoint, Group, Host, Origin, Plugin
from hwcheck.observe.stand_ins import StandIns, find_stand_ins, put_in_front, used_stand_ins
from hwcheck.observe.target import Target
from hwcheck.standins.start import PLAN, USED


def target(site: Path, sources: Mapping[str, str], compiled: tuple[str, ...] = ()) -> Target:
    """Write a plugin's package and describe it as installed there."""
    for name, text in sources.items():
        file = site / "acme" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Target(
        plugin=Plugin(
            name="vllm-acme",
            version="1.0",
            origin=Origin.INSTALLED,
            location=str(site),
            entry_points=(EntryPoint(group=Group.PLATFORM, name="acme", value="acme:register"),),
            requirements=(),
            host_requirements=(),
        ),
        host=Host(version="0.32.0", distribution="vllm", location=str(site)),
        problems=(),
        files=InstalledFiles(
            root=str(site),
            has_record=True,
            is_editable=False,
            missing=(),
            compiled=compiled,
            wheel_tags=(),
        ),
        members=(),
        path=(str(site),),
    )


def modules(site: Path, **sources: str) -> tuple[str, ...]:
    return find_stand_ins(
        target(site, {f"{name}.py": text for name, text in sources.items()})
    ).modules


def test_missing_imports_of_others_get_one(tmp_path: Path):
    """
    Not the standard library, the host, torch, the plugin itself, or what is installed.
    """
    (tmp_path / "present.py").touch()
    source = (
        "import os, acme_rt.devices\nimport torch, vllm.config, present\n"
        "from acme import other\nfrom . import other\n\n"
        "def late():\n    from acme_comm import open_all\n"
    )

    assert modules(tmp_path, platform=source) == ("acme_comm", "acme_rt")


def test_import_with_an_alternative_gets_none(tmp_path: Path):
    """
    The plugin lives without it; one that raises again does not.
    """
    source = (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import typed\nelse:\n    import run\n"
        "try:\n    import optional\nexcept ImportError:\n    import instead\n"
        "try:\n    import needed\nexcept ImportError as error:\n    raise RuntimeError from error\n"
        "try:\n    import unguarded\nfinally:\n    pass\n"
    )

    assert modules(tmp_path, extras=source) == ("instead", "needed", "run", "unguarded")


def test_looking_for_the_device_gets_one(tmp_path: Path):
    """
    A platform entry point that answers None without a library asks for the library.
    """
    look = (
        "try:\n    import patches_torch\nexcept ImportError:\n    pass\n\n"
        "def register():\n    try:\n        import acme_rt\n    except ImportError:\n"
        "        return None\n    return 'acme.platform.AcmePlatform'\n"
    )

    assert modules(tmp_path, __init__=look, elsewhere=look) == ("acme_rt",)


def test_tests_and_broken_files_are_not_read(tmp_path: Path):
    """
    vLLM never imports them.
    """
    plugin = target(tmp_path, {"tests/test_it.py": "import acme_lab\n", "broken.py": "import ("})

    assert not find_stand_ins(plugin).are_needed


def test_compiled_modules_of_its_own(tmp_path: Path):
    """
    One that is absent gets a stand-in; one that is there gets the chance to load first.
    """
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "_C.abi3.so").touch()
    sources = {"__init__.py": "", "ops.py": "import acme._C\nimport acme.acme_ext\n"}

    found = find_stand_ins(target(tmp_path, sources, compiled=("acme/_C.abi3.so",)))

    assert (found.modules, found.compiled, found.are_needed) == (
        ("acme.acme_ext",),
        ("acme._C",),
        True,
    )


def test_devices_are_used_and_named(tmp_path: Path):
    """
    A member of torch that is used as a module, and whose name is a text as well.
    """
    source = (
        "import torch\nfrom torch.distributed import is_acme_available\n"
        "torch.acme.set_device('acme:0')\ntorch.cuda.empty_cache()\n"
    )

    found = find_stand_ins(target(tmp_path, {"__init__.py": source}))

    assert found.devices == ("acme",)
    assert found.names == ("torch.distributed.is_acme_available",)


def test_put_in_front_comes_before_other_entries(tmp_path: Path):
    """
    The folder holds the plan and what carries it out.
    """
    stand_ins = StandIns(modules=("acme_rt",), compiled=(), devices=(), names=(), askers=("acme",))

    environment = put_in_front(stand_ins, {"PYTHONPATH": "/own", "LANG": "C"}, tmp_path / "s")
    alone = put_in_front(stand_ins, {}, tmp_path / "s")

    assert environment == {"PYTHONPATH": f"{tmp_path / 's'}:/own", "LANG": "C"}
    assert alone == {"PYTHONPATH": str(tmp_path / "s")}
    assert (tmp_path / "s" / "sitecustomize.py").is_file()
    assert json.loads((tmp_path / "s" / PLAN).read_text())["modules"] == ["acme_rt"]


def test_used_stand_ins_are_told_once(tmp_path: Path):
    """
    What is inside of a module that was replaced is not told.
    """
    (tmp_path / USED).write_text("acme_rt\nacme_rt.inner\nacme._C\nacme_rt\n")

    assert used_stand_ins(tmp_path) == ("acme._C", "acme_rt")
    assert used_stand_ins(tmp_path / "none") == ()
