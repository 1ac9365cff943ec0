"""Profile P3: optional abilities, each served right or refused."""

import pytest

from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.judgement import judge
from hwcheck_conformance import family_contracts as contracts


@pytest.mark.contract(contracts.BEAM_SEARCH)
def test_family_beam_search(evidence: Evidence) -> None:
    """Three beams."""
    judge(evidence, contracts.BEAM_SEARCH)


@pytest.mark.contract(contracts.STRUCTURED_JSON)
def test_family_structured_json(evidence: Evidence) -> None:
    """A schema."""
    judge(evidence, contracts.STRUCTURED_JSON)


@pytest.mark.contract(contracts.STRUCTURED_REGEX)
def test_family_structured_regex(evidence: Evidence) -> None:
    """A regular expression."""
    judge(evidence, contracts.STRUCTURED_REGEX)


@pytest.mark.contract(contracts.STRUCTURED_CHOICE)
def test_family_structured_choice(evidence: Evidence) -> None:
    """A few choices."""
    judge(evidence, contracts.STRUCTURED_CHOICE)


@pytest.mark.contract(contracts.STRUCTURED_GRAMMAR)
def test_family_structured_grammar(evidence: Evidence) -> None:
    """A grammar."""
    judge(evidence, contracts.STRUCTURED_GRAMMAR)


@pytest.mark.contract(contracts.STRUCTURED_MIXED)
def test_family_structured_mixed(evidence: Evidence) -> None:
    """Requests with and without."""
    judge(evidence, contracts.STRUCTURED_MIXED)


@pytest.mark.contract(contracts.STRUCTURED_REASONING)
def test_family_structured_reasoning(evidence: Evidence) -> None:
    """Choices after a thought."""
    judge(evidence, contracts.STRUCTURED_REASONING)


@pytest.mark.contract(contracts.LORA_TOKENS)
def test_family_lora_tokens(evidence: Evidence) -> None:
    """One adapter for eight prompts."""
    judge(evidence, contracts.LORA_TOKENS)


@pytest.mark.contract(contracts.LORA_SEVERAL)
def test_family_lora_several(evidence: Evidence) -> None:
    """Two adapters in one batch."""
    judge(evidence, contracts.LORA_SEVERAL)


@pytest.mark.contract(contracts.LORA_MIXED)
def test_family_lora_mixed(evidence: Evidence) -> None:
    """Requests with and without."""
    judge(evidence, contracts.LORA_MIXED)


@pytest.mark.contract(contracts.LORA_SLOTS)
def test_family_lora_slots(evidence: Evidence) -> None:
    """Three adapters for two slots."""
    judge(evidence, contracts.LORA_SLOTS)


@pytest.mark.contract(contracts.LORA_REMOVED)
def test_family_lora_removed(evidence: Evidence) -> None:
    """The base model again."""
    judge(evidence, contracts.LORA_REMOVED)


@pytest.mark.contract(contracts.LORA_LISTED)
def test_family_lora_listed(evidence: Evidence) -> None:
    """Added, listed and removed."""
    judge(evidence, contracts.LORA_LISTED)


@pytest.mark.contract(contracts.POOLING)
def test_family_pooling(evidence: Evidence) -> None:
    """One prompt, and eight at once."""
    judge(evidence, contracts.POOLING)


@pytest.mark.contract(contracts.PROMPT_EMBEDS_TOKENS)
def test_family_prompt_embeds_tokens(evidence: Evidence) -> None:
    """Prompts of embeddings."""
    judge(evidence, contracts.PROMPT_EMBEDS_TOKENS)


@pytest.mark.contract(contracts.PROMPT_EMBEDS_MIXED)
def test_family_prompt_embeds_mixed(evidence: Evidence) -> None:
    """Prompts of both kinds."""
    judge(evidence, contracts.PROMPT_EMBEDS_MIXED)


@pytest.mark.contract(contracts.SLEEP)
def test_family_sleep(evidence: Evidence) -> None:
    """Once."""
    judge(evidence, contracts.SLEEP)


@pytest.mark.contract(contracts.SLIDING_WINDOW)
def test_family_sliding_window(evidence: Evidence) -> None:
    """A Mistral."""
    judge(evidence, contracts.SLIDING_WINDOW)


@pytest.mark.contract(contracts.EXPERTS)
def test_family_experts(evidence: Evidence) -> None:
    """A Mixtral."""
    judge(evidence, contracts.EXPERTS)


@pytest.mark.contract(contracts.LOGITS_PROCESSORS)
def test_family_logits_processors(evidence: Evidence) -> None:
    """One that allows one token."""
    judge(evidence, contracts.LOGITS_PROCESSORS)


@pytest.mark.contract(contracts.ASYNC_SCHEDULING)
def test_family_async_scheduling(evidence: Evidence) -> None:
    """One prompt, and eight at once."""
    judge(evidence, contracts.ASYNC_SCHEDULING)


@pytest.mark.contract(contracts.KV_DTYPE)
def test_family_kv_dtype(evidence: Evidence) -> None:
    """Eight bits."""
    judge(evidence, contracts.KV_DTYPE)


@pytest.mark.contract(contracts.COMPILE)
def test_family_compile(evidence: Evidence) -> None:
    """One prompt, and eight at once."""
    judge(evidence, contracts.COMPILE)


@pytest.mark.contract(contracts.GRAPH)
def test_family_graph(evidence: Evidence) -> None:
    """One prompt, and eight at once."""
    judge(evidence, contracts.GRAPH)


@pytest.mark.contract(contracts.WEIGHT_UPDATE)
def test_family_weight_update(evidence: Evidence) -> None:
    """The weights of another model, and the first ones again."""
    judge(evidence, contracts.WEIGHT_UPDATE)


@pytest.mark.contract(contracts.QUANTIZED_INT4)
def test_family_quantized_int4(evidence: Evidence) -> None:
    """A checkpoint of compressed-tensors."""
    judge(evidence, contracts.QUANTIZED_INT4)


@pytest.mark.contract(contracts.QUANTIZED_INT8)
def test_family_quantized_int8(evidence: Evidence) -> None:
    """A scale for each output, and for each token."""
    judge(evidence, contracts.QUANTIZED_INT8)


@pytest.mark.contract(contracts.QUANTIZED_FP8)
def test_family_quantized_fp8(evidence: Evidence) -> None:
    """The same with floats."""
    judge(evidence, contracts.QUANTIZED_FP8)


@pytest.mark.contract(contracts.SPECULATIVE_DRAFT)
def test_family_speculative_draft(evidence: Evidence) -> None:
    """A smaller model proposes."""
    judge(evidence, contracts.SPECULATIVE_DRAFT)


@pytest.mark.contract(contracts.SPECULATIVE_SAMPLED)
def test_family_speculative_sampled(evidence: Evidence) -> None:
    """Temperature 1."""
    judge(evidence, contracts.SPECULATIVE_SAMPLED)


@pytest.mark.contract(contracts.SPECULATIVE_NGRAM)
def test_family_speculative_ngram(evidence: Evidence) -> None:
    """What was said before is proposed."""
    judge(evidence, contracts.SPECULATIVE_NGRAM)


@pytest.mark.contract(contracts.KV_TRANSFER_SAVED)
def test_family_kv_transfer_saved(evidence: Evidence) -> None:
    """A producer."""
    judge(evidence, contracts.KV_TRANSFER_SAVED)


@pytest.mark.contract(contracts.KV_TRANSFER_LOADED)
def test_family_kv_transfer_loaded(evidence: Evidence) -> None:
    """A consumer."""
    judge(evidence, contracts.KV_TRANSFER_LOADED)


@pytest.mark.contract(contracts.MULTIMODAL_AUDIO)
def test_family_multimodal_audio(evidence: Evidence) -> None:
    """Sounds of requests' own."""
    judge(evidence, contracts.MULTIMODAL_AUDIO)
