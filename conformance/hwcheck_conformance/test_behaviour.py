"""Profile P1: what the platform's members do, over generated examples."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import behaviour_contracts as contracts


@pytest.mark.contract(contracts.CONSTANT)
def test_constant(evidence: Evidence) -> None:
    """Before and after configurations are made; first, because others make some too."""
    judge(evidence, contracts.CONSTANT)


@pytest.mark.contract(contracts.DEVICE_MAPPING)
def test_device_mapping(evidence: Evidence) -> None:
    """Over selections of the variable that masks devices."""
    judge(evidence, contracts.DEVICE_MAPPING)


@pytest.mark.contract(contracts.CAPABILITY)
def test_capability(evidence: Evidence) -> None:
    """Over pairs and numbers around the device's own."""
    judge(evidence, contracts.CAPABILITY)


@pytest.mark.contract(contracts.PREDICATES)
def test_predicates(evidence: Evidence) -> None:
    """One kind of platform, and what depends on it."""
    judge(evidence, contracts.PREDICATES)


@pytest.mark.contract(contracts.DTYPES_AGREE)
def test_dtypes_agree(evidence: Evidence) -> None:
    """The list, the check, the attention backend, and dtype 'auto'."""
    judge(evidence, contracts.DTYPES_AGREE)


@pytest.mark.contract(contracts.QUANTIZATION)
def test_quantization(evidence: Evidence) -> None:
    """Over all methods that vLLM has, and one that is registered."""
    judge(evidence, contracts.QUANTIZATION)


@pytest.mark.contract(contracts.CONFIG_REFUSAL)
def test_config_refusal(evidence: Evidence) -> None:
    """Over generated configurations."""
    judge(evidence, contracts.CONFIG_REFUSAL)


@pytest.mark.contract(contracts.CONFIG_IDEMPOTENT)
def test_config_idempotent(evidence: Evidence) -> None:
    """Over generated configurations, at once and while running."""
    judge(evidence, contracts.CONFIG_IDEMPOTENT)


@pytest.mark.contract(contracts.CONFIG_KEEPS_USER)
def test_config_keeps_user(evidence: Evidence) -> None:
    """Over generated configurations that name a worker class."""
    judge(evidence, contracts.CONFIG_KEEPS_USER)


@pytest.mark.contract(contracts.CONFIG_PICKLABLE)
def test_config_picklable(evidence: Evidence) -> None:
    """Over generated configurations, with both picklers."""
    judge(evidence, contracts.CONFIG_PICKLABLE)


@pytest.mark.contract(contracts.DEFAULTS_IDEMPOTENT)
def test_defaults_idempotent(evidence: Evidence) -> None:
    """Over generated configurations, and several parsers."""
    judge(evidence, contracts.DEFAULTS_IDEMPOTENT)


@pytest.mark.contract(contracts.ATTENTION_SELECTION)
def test_attention_selection(evidence: Evidence) -> None:
    """Over plain, chosen and generated layers."""
    judge(evidence, contracts.ATTENTION_SELECTION)


@pytest.mark.contract(contracts.ATTENTION_DETERMINISTIC)
def test_attention_deterministic(evidence: Evidence) -> None:
    """Over lists of questions, forth and back."""
    judge(evidence, contracts.ATTENTION_DETERMINISTIC)


@pytest.mark.contract(contracts.BLOCK_SIZE)
def test_block_size(evidence: Evidence) -> None:
    """Without a model, by default, and with the user's own sizes."""
    judge(evidence, contracts.BLOCK_SIZE)


@pytest.mark.contract(contracts.PICKLING)
def test_pickling(evidence: Evidence) -> None:
    """Four ways to copy the platform."""
    judge(evidence, contracts.PICKLING)


@pytest.mark.contract(contracts.STALE_MEMBER)
def test_stale_member(evidence: Evidence) -> None:
    """The plugin's own members that this vLLM lacks."""
    judge(evidence, contracts.STALE_MEMBER)


@pytest.mark.contract(contracts.SILENT_NONE)
def test_silent_none(evidence: Evidence) -> None:
    """The names that vLLM reads and no class defines."""
    judge(evidence, contracts.SILENT_NONE)


@pytest.mark.contract(contracts.MEMORY)
def test_memory(evidence: Evidence) -> None:
    """Total, usage, and growth with a tensor."""
    judge(evidence, contracts.MEMORY)


@pytest.mark.contract(contracts.COMPILE_BACKEND)
def test_compile_backend(evidence: Evidence) -> None:
    """The simple backend, and the model's."""
    judge(evidence, contracts.COMPILE_BACKEND)


@pytest.mark.contract(contracts.DISPATCH_KEY)
def test_dispatch_key(evidence: Evidence) -> None:
    """Known to torch, and run on the device."""
    judge(evidence, contracts.DISPATCH_KEY)


@pytest.mark.contract(contracts.FLAGS_AGREE)
def test_flags_agree(evidence: Evidence) -> None:
    """Each flag that promises something."""
    judge(evidence, contracts.FLAGS_AGREE)


@pytest.mark.contract(contracts.SEED)
def test_seed(evidence: Evidence) -> None:
    """Over seeds."""
    judge(evidence, contracts.SEED)


@pytest.mark.contract(contracts.VALIDATE_REQUEST)
def test_validate_request(evidence: Evidence) -> None:
    """Over sampling and pooling parameters."""
    judge(evidence, contracts.VALIDATE_REQUEST)


@pytest.mark.contract(contracts.MAX_OUTPUT_TOKENS)
def test_max_output_tokens(evidence: Evidence) -> None:
    """Over lengths of prompts."""
    judge(evidence, contracts.MAX_OUTPUT_TOKENS)


@pytest.mark.contract(contracts.MAX_MODEL_LEN)
def test_max_model_len(evidence: Evidence) -> None:
    """Over lengths of models."""
    judge(evidence, contracts.MAX_MODEL_LEN)


@pytest.mark.contract(contracts.FORWARD_CONTEXT)
def test_forward_context(evidence: Evidence) -> None:
    """Through vLLM's own set_forward_context()."""
    judge(evidence, contracts.FORWARD_CONTEXT)


@pytest.mark.contract(contracts.VIT_ATTENTION)
def test_vit_attention(evidence: Evidence) -> None:
    """Over head sizes and dtypes, by default and chosen."""
    judge(evidence, contracts.VIT_ATTENTION)


@pytest.mark.contract(contracts.IR_PRIORITY)
def test_ir_priority(evidence: Evidence) -> None:
    """Each operator's list."""
    judge(evidence, contracts.IR_PRIORITY)


@pytest.mark.contract(contracts.ENVIRON_NAMES)
def test_environ_names(evidence: Evidence) -> None:
    """Each variable that the plugin's source reads."""
    judge(evidence, contracts.ENVIRON_NAMES)


@pytest.mark.contract(contracts.SET_DEVICE)
def test_set_device(evidence: Evidence) -> None:
    """By torch.device and by number."""
    judge(evidence, contracts.SET_DEVICE)


@pytest.mark.contract(contracts.PIN_MEMORY)
def test_pin_memory(evidence: Evidence) -> None:
    """A pinned tensor where it says yes."""
    judge(evidence, contracts.PIN_MEMORY)


@pytest.mark.contract(contracts.HOOKS_REPEAT)
def test_hooks_repeat(evidence: Evidence) -> None:
    """Each hook twice."""
    judge(evidence, contracts.HOOKS_REPEAT)
