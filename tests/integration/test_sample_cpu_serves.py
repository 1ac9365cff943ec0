"""The sample that claims to serve does serve: the same tokens as a reference, by its own code.

Run as a script with a folder and a reply file, this module is the child that holds the engine.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_plugins"
PROMPTS = [[1, 17, 101, 5, 42, 42, 7], [1, 9, 200], [1, *range(30, 70)]]
NEW_TOKENS = 8
HOST = importlib.util.find_spec("vllm") is not None

pytestmark = [
    pytest.mark.host,
    pytest.mark.skipif(not HOST, reason="vllm is not importable in this environment"),
]


def install(project: Path, site: Path) -> None:
    """Put the project's package and its entry points where a child can import them."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    name, version = declared["project"]["name"], declared["project"]["version"]
    package = name.replace("-", "_")
    shutil.copytree(project / package, site / package)
    info = site / f"{package}-{version}.dist-info"
    info.mkdir()
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    lines = []
    for group, points in declared["project"]["entry-points"].items():
        lines += [f"[{group}]", *(f"{key} = {value}" for key, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_engine(project: str, plugins: str, folder: Path) -> dict[str, Any]:
    """Generate with the plugins of a sample project, in a process of its own."""
    site, reply = folder / "site", folder / "reply.json"
    site.mkdir()
    install(SAMPLES / project, site)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(site),
        "VLLM_PLUGINS": plugins,
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "TORCH_COMPILE_DISABLE": "1",
    }
    child = subprocess.run(
        [sys.executable, __file__, str(folder / "model"), str(reply)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert reply.exists(), child.stdout[-4000:]
    answer: dict[str, Any] = json.loads(reply.read_text(encoding="utf-8"))
    return answer


@pytest.fixture(scope="module")
def sample_cpu(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one engine on the sample platform said about itself and generated."""
    folder = tmp_path_factory.mktemp("sample_cpu")
    return run_engine("sample-cpu", "sample_cpu,sample_cpu_ops", folder)


def test_sample_cpu_is_the_active_platform(sample_cpu):
    """
    vLLM runs on the plugin's class, which is not vLLM's CPU platform.
    """
    assert sample_cpu["platform"] == "hwcheck_sample_cpu.sample_platform.SampleCpuPlatform"
    assert not sample_cpu["is_cpu"]


def test_sample_cpu_generates_the_tokens_of_the_reference(sample_cpu):
    """
    Greedy tokens equal those of transformers on the same weights.
    """
    assert sample_cpu["expected"] == sample_cpu["generated"]
    assert [NEW_TOKENS] * len(PROMPTS) == [len(tokens) for tokens in sample_cpu["generated"]]


@pytest.mark.parametrize("part", ["init_device", "attention", "rms_norm", "silu_and_mul"])
def test_sample_cpu_runs_its_own_code(sample_cpu, part):
    """
    The plugin's worker, attention and operators were called, not vLLM's.
    """
    assert sample_cpu["calls"].get(part, 0) > 0


def test_sample_minimal_generates_the_tokens_of_the_reference(tmp_path):
    """
    What the minimal sample overrides is enough to generate the same tokens.
    """
    answer = run_engine("sample-minimal", "sample_minimal", tmp_path)

    assert answer["platform"] == "hwcheck_sample_minimal.minimal_platform.MinimalPlatform"
    assert answer["expected"] == answer["generated"]


def generate_reference(model: Path) -> list[list[int]]:
    """Write a tiny Llama of fixed weights, and continue the prompts with it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(20)
    config = LlamaConfig(
        vocab_size=256,
        hidden_size=256,
        intermediate_size=512,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=256,
        # Wide enough that no two logits are near each other.
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=False,
        dtype="float32",
    )
    llama = LlamaForCausalLM(config).eval()
    llama.save_pretrained(model)
    continued = []
    with torch.no_grad():
        for prompt in PROMPTS:
            tokens = list(prompt)
            for _ in range(NEW_TOKENS):
                logits = llama(torch.tensor([tokens]), use_cache=False).logits
                tokens.append(int(logits[0, -1].argmax()))
            continued.append(tokens[len(prompt) :])
    return continued


def generate_with_vllm(model: Path) -> list[list[int]]:
    """Continue the prompts with one engine in this process."""
    from vllm import LLM, SamplingParams

    engine = LLM(
        model=str(model),
        skip_tokenizer_init=True,
        dtype="float32",
        enforce_eager=True,
        max_model_len=128,
        # Two requests at a time, and prompts in pieces: the cache is read back.
        max_num_seqs=2,
        max_num_batched_tokens=16,
        kv_cache_memory_bytes=16 * 2**20,
    )
    greedy = SamplingParams(
        temperature=0.0, max_tokens=NEW_TOKENS, ignore_eos=True, detokenize=False
    )
    outputs = engine.generate(
        [{"prompt_token_ids": prompt} for prompt in PROMPTS], greedy, use_tqdm=False
    )
    return [list(output.outputs[0].token_ids) for output in outputs]


def count_calls() -> dict[str, int]:
    """Return what the sample counted, if it is a sample that counts."""
    counted = sys.modules.get("hwcheck_sample_cpu.calls")
    return dict(counted.CALLS) if counted else {}


def main(model: Path, reply: Path) -> None:
    """Write down which platform was active and what it generated."""
    expected = generate_reference(model)
    generated = generate_with_vllm(model)
    from vllm.platforms import current_platform

    kind = type(current_platform)
    answer = {
        "platform": f"{kind.__module__}.{kind.__qualname__}",
        "is_cpu": current_platform.is_cpu(),
        "expected": expected,
        "generated": generated,
        "calls": count_calls(),
    }
    reply.write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    # Leaving in the ordinary way would wait for threads of the engine.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
