import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from hwcheck.exercise.bench import Bench
from hwcheck.exercise.parts.own_runner import own_runner_asks, own_runner_gives
from hwcheck.probe.attribution import Attribution


def bench_of(package: str, *, control: bool = False) -> Bench:
    return Bench(
        platform=object(),
        attribution=Attribution.of_plugin("acme-absent", (package,)),
        host_version="0.23.0",
        seed=0,
        control=control,
    )


def config_of(worker: str) -> object:
    return SimpleNamespace(parallel_config=SimpleNamespace(worker_cls=worker))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # The answers are kept by package.
    name = f"acme_{tmp_path.name.rstrip('0123456789')}"
    module = ModuleType(name)
    module.__path__ = [str(tmp_path)]
    monkeypatch.setitem(sys.modules, name, module)
    (tmp_path / "runner.py").write_text(
        "class Batch:\n"
        "    field: int = 0\n"
        "made = Batch(keyword=1)\n"
        "made.assigned = made.read\n"
        "made.get_shape(1)\n"
        "super().get_order()\n",
        encoding="utf-8",
    )
    return name


def test_given_attributes_are_known_from_those_only_read(package: str):
    """
    A field, a keyword and an assignment give an attribute; reading it does not.
    """
    bench, config = bench_of(package), config_of(f"{package}.worker.Worker")

    names = ("field", "keyword", "assigned", "read", "absent")
    given = [name for name in names if own_runner_gives(bench, config, name)]

    assert given == ["field", "keyword", "assigned"]


def test_calls_of_its_own_are_known_from_those_of_the_base(package: str):
    """
    A method counts as asked where it is called of something else than the base.
    """
    bench, config = bench_of(package), config_of(f"{package}.worker.Worker")

    assert own_runner_asks(bench, config, "get_shape")
    assert not own_runner_asks(bench, config, "get_order")


def test_nothing_is_the_plugins_with_vllms_worker(package: str):
    """
    With vLLM's own worker, and in a control, it is vLLM's runner that asks and gives.
    """
    own, foreign = config_of(f"{package}.worker.Worker"), config_of("vllm.v1.worker.Worker")

    assert not own_runner_gives(bench_of(package), foreign, "field")
    assert not own_runner_gives(bench_of(package, control=True), own, "field")
