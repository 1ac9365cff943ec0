"""Choose which environment variables a contained child gets, and hide the secret ones."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

__all__ = ["DEFAULT_PATTERNS", "child_environment", "masked"]

DEFAULT_PATTERNS: tuple[str, ...] = (
    # the system
    *("PATH", "LANG", "LC_*", "TZ", "TERM", "USER", "LOGNAME", "SHELL"),
    *("LD_LIBRARY_PATH", "LD_PRELOAD", "SSL_CERT_*"),
    # Python
    *("PYTHONPATH", "VIRTUAL_ENV", "CONDA_*"),
    # vLLM and what it stands on
    *("VLLM_*", "TORCH*", "PYTORCH_*", "HF_*", "TRANSFORMERS_*"),
    *("OMP_*", "MKL_*", "KMP_*", "JAX_*", "XLA_*"),
    *("MASTER_ADDR", "MASTER_PORT", "RANK", "WORLD_SIZE", "LOCAL_RANK"),
    # devices
    "*_VISIBLE_DEVICES",
    *("CUDA_*", "NVIDIA_*", "ROCM_*", "HIP_*", "HSA_*"),
    *("ASCEND_*", "ATB_*", "HCCL_*"),
    *("XPU_*", "KUNLUN_*", "BKCL_*"),
    *("MUSA_*", "MTHREADS_*", "MACA_*", "METAX_*", "GCU_*", "TOPS_*"),
    *("NEURON_*", "TPU_*", "LIBTPU_*", "PJRT_*"),
    *("HABANA_*", "HL_*", "PT_HPU_*", "RBLN_*"),
    *("SENDNN_*", "SPYRE_*", "DTLOG*", "FLEX_*"),
)
"""Names that are passed on unless the caller says otherwise; ``*`` stands for any text."""

_SECRET = re.compile("TOKEN|KEY|SECRET|PASSWORD|CREDENTIAL|AUTH", re.IGNORECASE)
_LOGIN = re.compile(r"://[^/@\s]+@")


def child_environment(
    base: Mapping[str, str], *, patterns: Sequence[str] = DEFAULT_PATTERNS
) -> dict[str, str]:
    """Return the variables of `base` whose name matches one of `patterns`, sorted by name."""
    return {
        name: base[name]
        for name in sorted(base)
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def masked(environment: Mapping[str, str]) -> dict[str, str]:
    """Return a copy that can be shown: values that look secret are replaced with ``***``."""
    return {
        name: "***" if _SECRET.search(name) else _LOGIN.sub("://***@", value)
        for name, value in environment.items()
    }
