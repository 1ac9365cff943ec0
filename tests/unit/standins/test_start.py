"""The start of a process with stand-ins: the finders, what they replace, and what comes after."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hwcheck.standins.accelerator import offer_devices, offer_names
from hwcheck.standins.answers import StandInModule
from hwcheck.standins.start import PLAN, USED, start

PLUGIN = "acme_plugin"


@pytest.fixture(autouse=True)
def own_imports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep what a test imports and installs to itself."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    before = dict(sys.modules)
    (tmp_path / "site").mkdir()
    yield
    for name in set(sys.modules) - set(before):
        del sys.modules[name]
    sys.modules.update(before)


def begin(folder: Path, **plan: list[str]) -> Path:
    """Start in this process, as its ``sitecustomize.py`` would."""
    stand_ins = folder / "stand-ins"
    stand_ins.mkdir()
    whole = {"modules": [], "compiled": [], "devices": [], "names": [], "askers": [PLUGIN]} | plan
    (stand_ins / PLAN).write_text(json.dumps(whole), encoding="utf-8")
    start(str(stand_ins / "sitecustomize.py"))
    return stand_ins / USED


def ask(code: str, asker: str = PLUGIN) -> dict[str, object]:
    """Run code as a module of that name."""
    names: dict[str, object] = {"__name__": asker}
    exec(code, names)
    return names


def test_plugin_gets_stand_ins_for_what_is_missing(tmp_path: Path):
    """
    Modules inside as well; each is noted.
    """
    used = begin(tmp_path, modules=["acme_rt"])

    names = ask("import acme_rt.inner\nfrom acme_rt.other import open_device")

    assert isinstance(names["acme_rt"], StandInModule)
    assert repr(names["open_device"]) == "<hwcheck stand-in for acme_rt.other.open_device>"
    assert used.read_text().split() == ["acme_rt", "acme_rt.inner", "acme_rt.other"]


def test_modules_that_are_not_named_stay_missing(tmp_path: Path):
    """
    A misspelt import is the plugin's fault.
    """
    begin(tmp_path, modules=["acme_rt", "acme_plugin._C"])

    with pytest.raises(ModuleNotFoundError):
        ask("import acme_rtt")


def test_others_do_not_get_them(tmp_path: Path):
    """
    The host chooses its own way by what is installed.
    """
    used = begin(tmp_path, modules=["acme_rt"])

    with pytest.raises(ModuleNotFoundError):
        ask("import importlib\nimportlib.import_module('acme_rt')", asker="vllm.platforms")

    assert used.read_text() == ""


def test_real_module_wins(tmp_path: Path):
    """
    The finder comes last.
    """
    (tmp_path / "site" / "acme_rt.py").write_text("VALUE = 3\n")
    used = begin(tmp_path, modules=["acme_rt"])

    assert ask("import acme_rt")["acme_rt"].VALUE == 3  # type: ignore[attr-defined]
    assert used.read_text() == ""


def test_compiled_module_without_its_library_is_replaced(tmp_path: Path):
    """
    Only the loader's word that a library is absent counts; what loads is used as it is.
    """
    package = tmp_path / "site" / PLUGIN
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "_C.py").write_text("VALUE = 3\n")
    (package / "_D.so").write_bytes(b"not an extension")
    used = begin(tmp_path, compiled=[f"{PLUGIN}._C", f"{PLUGIN}._D"])

    names = ask(f"import {PLUGIN}._C as real")

    assert names["real"].VALUE == 3  # type: ignore[attr-defined]
    assert used.read_text() == ""
    with pytest.raises(ImportError):
        ask(f"import {PLUGIN}._D")


class AbsentLibrary:
    """Loads as a compiled module does whose library is not there."""

    @staticmethod
    def create_module(spec: object) -> ModuleType | None:
        raise ImportError("libacme.so: cannot open shared object file: No such file or directory")


def test_absent_library_is_told_by_the_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    A stand-in takes the place of the module that needs it.
    """
    (tmp_path / "site" / "acme_C.py").touch()
    used = begin(tmp_path, compiled=["acme_C"])
    finder = sys.meta_path[0]
    find = type(finder).find_spec

    def failing(self: object, *arguments: object) -> object:
        spec = find(finder, *arguments)  # type: ignore[arg-type]
        if spec is not None:
            monkeypatch.setattr(spec.loader, "_loader", AbsentLibrary)
        return spec

    monkeypatch.setattr(type(finder), "find_spec", failing)

    assert isinstance(ask("import acme_C")["acme_C"], StandInModule)
    assert used.read_text().split() == ["acme_C"]


def test_next_sitecustomize_is_run(tmp_path: Path):
    """
    An environment may need its own.
    """
    (tmp_path / "site" / "sitecustomize.py").write_text("import sys\nsys.acme_site = __file__\n")

    begin(tmp_path)

    assert Path(sys.__dict__.pop("acme_site")).parent == tmp_path / "site"


class Utils:
    """What is used of ``torch.utils``."""

    def __init__(self) -> None:
        self.renamed: list[str] = []

    def rename_privateuse1_backend(self, name: str) -> None:
        if self.renamed:
            raise RuntimeError("torch has room for one")
        self.renamed.append(name)

    def generate_methods_for_privateuse1_backend(self) -> None:
        pass


def fake_torch(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    torch = ModuleType("torch")
    torch.utils = Utils()  # type: ignore[attr-defined]
    torch.cuda = "its own"  # type: ignore[attr-defined]
    torch._register_device_module = lambda name, module: setattr(torch, name, module)  # type: ignore[attr-defined]
    torch.__path__ = []
    distributed = ModuleType("torch.distributed")
    distributed.group = "its own"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch.distributed", distributed)
    return torch


def test_first_stand_in_brings_devices_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """
    As importing the vendor's library does; what torch has already is left alone.
    """
    torch = fake_torch(monkeypatch)
    names = ["torch.distributed.group", "torch.distributed.is_acme", "torch.absent.thing"]
    used = begin(tmp_path, modules=["acme_rt"], devices=["cuda", "acme", "acme2"], names=names)

    ask("import acme_rt")

    assert torch.utils.renamed == ["acme"]
    assert torch.cuda == "its own"
    assert isinstance(torch.acme, StandInModule)
    assert isinstance(torch.acme2, StandInModule)
    assert torch.acme.device_count() == 1
    assert used.read_text().split() == ["acme_rt", "torch.distributed.is_acme"]


def test_without_torch_nothing_is_offered(monkeypatch: pytest.MonkeyPatch):
    """
    There is nothing to add to.
    """
    monkeypatch.setitem(sys.modules, "torch", None)

    offer_devices(["acme"])
    offer_names(["torch.distributed.is_acme"], pytest.fail)


def test_closed_file_is_not_written_to(tmp_path: Path):
    """
    A plugin may close all files; the number may be another file's by then.
    """
    used = begin(tmp_path, modules=["acme_rt"])
    opened = {int(file.name) for file in Path("/proc/self/fd").iterdir()}
    mine = next(n for n in opened if _is_same(n, used))
    os.close(mine)

    ask("import acme_rt")

    assert used.read_text() == ""


def _is_same(handle: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), file.stat())
    except OSError:
        return False
