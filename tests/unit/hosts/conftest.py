"""Small trees of vLLM."""

from pathlib import Path

import pytest

TREE = {
    "vllm/__init__.py": "from vllm.config import Config\n",
    "vllm/config.py": "class Config:\n    def load(self, path, *, strict=True):\n        pass\n",
    "vllm/platforms/__init__.py": "def current():\n    return Config.load()\n",
    "vllm/_version.py": "__version__ = version = '0.30.1'\n",
}


@pytest.fixture
def write_host(tmp_path):
    """Write a tree of vLLM: what every one has, changed by files that are given."""

    def write(name="host", **files) -> Path:
        root = tmp_path / name
        for path, text in (TREE | files).items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
        return root

    return write
