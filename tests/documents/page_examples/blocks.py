"""Finds the blocks of code of a page, and what stands between backticks."""

from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["Block", "blocks_of", "inline_code_of"]

INDENTED = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of code."""

    line: int
    language: str
    """The word behind the fence; empty where there is none."""
    text: str


def blocks_of(page: str) -> Iterator[Block]:
    """Give the blocks in the order of the page; an indented one counts as text."""
    for token in _tokens(page):
        if token.type in {"fence", "code_block"}:
            language = token.info.strip() if token.type == "fence" else INDENTED
            line = token.map[0] + 1 if token.map else 0
            yield Block(line=line, language=language, text=token.content)


def inline_code_of(page: str) -> Iterator[tuple[int, str]]:
    """Give what stands between backticks, with the line of its paragraph."""
    for token in _tokens(page):
        for child in token.children or ():
            if child.type == "code_inline":
                yield (token.map[0] + 1 if token.map else 0), child.content


def _tokens(page: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(page)
