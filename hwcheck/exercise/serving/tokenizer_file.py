"""The tokenizer of the tiny models: every byte is a token, and common words are one each."""

import json
from pathlib import Path

__all__ = [
    "BOS",
    "EOS",
    "PAD",
    "SPECIAL",
    "THOUGHT",
    "byte_token",
    "thinking_texts",
    "token_texts",
    "write_tokenizer",
]

PAD, BOS, EOS = range(3)
SPECIAL = ("<pad>", "<s>", "</s>")
THOUGHT = ("<think>", "</think>")
"""What stands around reasoning, in the tokenizers that have it: the last tokens."""

#: With a space before each, as byte-level tokenizers have them; their beginnings are tokens too.
_WORDS = (
    "the of and to in is you that it he was for on are as with his they at be this from have or"
    " by one had not but what all were when we there can an your which their said if do will"
    " each about how up out them then she many some so these would other into has more her two"
    " like him see time could no make than first been its who now people my made over did down"
)

_CHAT_TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "{{ message['role'] + ': ' + message['content'] + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)


def byte_token(value: int) -> int:
    """Return the token that stands for one byte."""
    return len(SPECIAL) + value


def token_texts(vocabulary: int) -> list[bytes]:
    """Return the bytes of every token, by id; the special ones have none.

    Raises ValueError: the vocabulary has no room for every byte, or more than the words fill.
    """
    texts = [*(b"" for _ in SPECIAL), *(bytes([value]) for value in range(256))]
    for _, _, merged in _merges(vocabulary - len(texts)):
        texts.append(merged)
    return texts


def thinking_texts(vocabulary: int) -> list[bytes]:
    """Return the bytes of every token where the last ones stand around reasoning."""
    return [*token_texts(vocabulary - len(THOUGHT)), *(b"" for _ in THOUGHT)]


def write_tokenizer(
    folder: Path, vocabulary: int, context: int, *, is_thinking: bool = False
) -> None:
    """Write tokenizer.json and tokenizer_config.json, as transformers 4 and 5 read them."""
    document = _tokenizer(vocabulary, THOUGHT if is_thinking else ())
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
        "bos_token": SPECIAL[BOS],
        "eos_token": SPECIAL[EOS],
        "pad_token": SPECIAL[PAD],
        "chat_template": _CHAT_TEMPLATE,
    }
    for name, content in (("tokenizer.json", document), ("tokenizer_config.json", settings)):
        text = json.dumps(content, indent=1, ensure_ascii=True) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


def _tokenizer(vocabulary: int, last: tuple[str, ...]) -> dict[str, object]:
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": True,
        "use_regex": True,
    }
    ordinary = vocabulary - len(last)
    special = {text: token for token, text in enumerate(SPECIAL)}
    special |= {text: ordinary + place for place, text in enumerate(last)}
    texts = token_texts(ordinary)
    ids = special | {_spelling(texts[token]): token for token in range(len(SPECIAL), ordinary)}
    merges = _merges(ordinary - len(SPECIAL) - 256)
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_special_token(token, text) for text, token in special.items()],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": byte_level,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": ids,
            # Pairs in one string, which older releases of tokenizers read as well.
            "merges": [f"{_spelling(left)} {_spelling(right)}" for left, right, _ in merges],
        },
    }


def _special_token(token: int, text: str) -> dict[str, object]:
    return {
        "id": token,
        "content": text,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def _merges(room: int) -> list[tuple[bytes, bytes, bytes]]:
    """Return what is merged with what into what, `room` of them.

    Each extends the beginning of a word, which starts with its space, by one letter. So there is
    one way only to merge a text, in whatever order.
    """
    found: dict[bytes, tuple[bytes, bytes, bytes]] = {}
    for word in _WORDS.split():
        whole = b" " + word.encode("ascii")
        for end in range(2, len(whole) + 1):
            merged = whole[:end]
            found.setdefault(merged, (merged[:-1], merged[-1:], merged))
    if not 0 <= room <= len(found):
        low = len(SPECIAL) + 256
        raise ValueError(f"a vocabulary has {low} to {low + len(found)} tokens, not {low + room}")
    return list(found.values())[:room]


def _spelling(text: bytes) -> str:
    """Spell bytes in the letters that byte-level tokenizers write for them."""
    return "".join(_letter(value) for value in text)


def _letter(value: int) -> str:
    """Return the letter for a byte: itself where it can be seen, else one from 256 on."""
    if _is_seen(value):
        return chr(value)
    return chr(256 + sum(not _is_seen(other) for other in range(value)))


def _is_seen(value: int) -> bool:
    return 0x21 <= value <= 0x7E or 0xA1 <= value <= 0xAC or 0xAE <= value <= 0xFF
