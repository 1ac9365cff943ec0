"""The model that the sample registers serves: the same tokens as a reference, by its own code.

Run as a script with a folder and a reply file, this module is the child that holds the engine.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

HOST = importlib.util.find_spec("vllm") is not None
ARCHITECTURE = "SampleDecoderForCausalLM"

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]


def serving() -> ModuleType:
    """The module beside this one that knows how to serve; no package holds it."""
    file = Path(__file__).with_name("test_sample_cpu_serves.py")
    spec = importlib.util.spec_from_file_location("sample_cpu_serving", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_registered_model_generates_the_tokens_of_the_reference(tmp_path):
    """
    A Llama checkpoint that names the sample's architecture gives the tokens of Llama.
    """
    site, reply = tmp_path / "site", tmp_path / "reply.json"
    site.mkdir()
    shared = serving()
    shared.install(shared.SAMPLES / "sample-cpu", site)
    child = subprocess.run(
        [sys.executable, __file__, str(tmp_path / "model"), str(reply)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(site),
            "VLLM_PLUGINS": "sample_cpu,sample_cpu_ops",
            "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": "1",
            "TORCH_COMPILE_DISABLE": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )

    assert reply.exists(), child.stdout[-4000:]
    answer = json.loads(reply.read_text(encoding="utf-8"))
    assert answer["expected"] == answer["generated"]
    assert answer["calls"]["decoder"] > 0


def main(model: Path, reply: Path) -> None:
    """Write down what the reference and the sample's model generate."""
    shared = serving()
    expected = shared.generate_reference(model)
    file = model / "config.json"
    config = json.loads(file.read_text(encoding="utf-8")) | {"architectures": [ARCHITECTURE]}
    file.write_text(json.dumps(config), encoding="utf-8")
    answer = {
        "expected": expected,
        "generated": shared.generate_with_vllm(model),
        "calls": shared.count_calls(),
    }
    reply.write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    # Leaving in the ordinary way would wait for threads of the engine.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
