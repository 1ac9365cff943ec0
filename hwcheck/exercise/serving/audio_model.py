"""A tiny model that hears, a Qwen2-Audio, made with transformers, and sounds for it."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwcheck.exercise.serving.recipe import Recipe

__all__ = [
    "AUDIO_TOKEN",
    "SAMPLING_RATE",
    "TOKENS_OF_SOUND",
    "can_be_made",
    "sound",
    "write_audio_model",
]

Array = NDArray[np.float32]

_PAD, _END, AUDIO_TOKEN, _BEGIN, _FINISH = range(5)
_SPECIAL = ("<|pad|>", "<|end|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>")
SAMPLING_RATE = 16000
_SECONDS = 1
#: To which sounds are filled up; vLLM takes no other number of frames.
_FILLED_SECONDS = 30
_HOP = 160
_MELS = 16
_FRAMES = SAMPLING_RATE // _HOP
#: The encoder halves the frames, and what is pooled behind it once more.
TOKENS_OF_SOUND = _FRAMES * _SECONDS // 4
"""Positions of the prompt that a sound takes."""
#: Large enough for what is heard to decide what is said.
_SPREAD = 0.1
_TONES = 5


def can_be_made() -> bool:
    """Whether this transformers knows the model."""
    try:
        import_module("transformers.models.qwen2_audio")
    except ImportError:
        return False
    return True


def sound(seed: int) -> Array:
    """Draw a second of a few tones."""
    draw = np.random.default_rng(seed)
    time = np.arange(SAMPLING_RATE * _SECONDS) / SAMPLING_RATE
    loudness, pitch = draw.uniform(0.1, 1.0, _TONES), draw.uniform(100.0, 4000.0, _TONES)
    waves = loudness[:, None] * np.sin(2 * np.pi * pitch[:, None] * time)
    tones: Array = waves.sum(axis=0).astype(np.float32)
    return tones


def write_audio_model(folder: Path, recipe: Recipe) -> None:
    """Write the model with its tokenizer and what makes features of sounds."""
    torch = import_module("torch")
    models = import_module("transformers.models.qwen2_audio")
    config = models.Qwen2AudioConfig(
        audio_config=_audio(), text_config=_text(recipe), audio_token_index=AUDIO_TOKEN
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = models.Qwen2AudioForConditionalGeneration(config)
    # It never says what stands for a sound: the reference would look for one more.
    model.get_output_embeddings().weight.data[: len(_SPECIAL)] = 0.0
    model.float().eval().save_pretrained(folder)
    _name_as_published(folder / "model.safetensors")
    processor = models.Qwen2AudioProcessor(
        feature_extractor=_features(), tokenizer=_tokenizer(recipe)
    )
    processor.save_pretrained(folder)


def _name_as_published(file: Path) -> None:
    """Name the weights as those of the models that can be downloaded."""
    files = import_module("safetensors.torch")
    # Some releases of transformers write a level more than they read, which vLLM does not know.
    written = {
        name.replace("language_model.model.model.", "language_model.model."): tensor
        for name, tensor in files.load_file(file).items()
    }
    files.save_file(written, file, metadata={"format": "pt"})


def _audio() -> dict[str, object]:
    return {
        "num_mel_bins": _MELS,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 128,
        "d_model": 64,
        "max_source_positions": _FRAMES * _FILLED_SECONDS // 2,
        "initializer_range": _SPREAD,
    }


def _text(recipe: Recipe) -> dict[str, object]:
    return {
        "model_type": "qwen2",
        "vocab_size": recipe.vocabulary,
        "hidden_size": recipe.hidden_size,
        "intermediate_size": recipe.intermediate_size,
        "num_hidden_layers": recipe.layers,
        "num_attention_heads": recipe.heads,
        "num_key_value_heads": recipe.kv_heads,
        "max_position_embeddings": recipe.context,
        "initializer_range": _SPREAD,
        "tie_word_embeddings": False,
        "bos_token_id": None,
        "eos_token_id": _END,
        "pad_token_id": _PAD,
    }


def _features() -> Any:
    return import_module("transformers").WhisperFeatureExtractor(
        feature_size=_MELS,
        sampling_rate=SAMPLING_RATE,
        hop_length=_HOP,
        chunk_length=_FILLED_SECONDS,
        return_attention_mask=True,
    )


def _tokenizer(recipe: Recipe) -> Any:
    tokenizers = import_module("tokenizers")
    texts = [*_SPECIAL, *(f"w{number}" for number in range(len(_SPECIAL), recipe.vocabulary))]
    words = tokenizers.models.WordLevel(
        {text: number for number, text in enumerate(texts)}, unk_token=_SPECIAL[_PAD]
    )
    made = tokenizers.Tokenizer(words)
    made.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    return import_module("transformers").PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token=_SPECIAL[_PAD],
        eos_token=_SPECIAL[_END],
        unk_token=_SPECIAL[_PAD],
        additional_special_tokens=list(_SPECIAL[AUDIO_TOKEN:]),
    )
