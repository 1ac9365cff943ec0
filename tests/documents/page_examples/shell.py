"""Splits lines of a shell into commands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Command", "commands_of"]

_SEPARATORS = frozenset({"&&", "||", ";", "|"})
_KEYWORDS = frozenset({"do", "then", "else", "!"})
#: They begin or end a loop, and run nothing themselves.
_CONTROL = frozenset({"for", "done", "if", "fi", "while"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command with its words."""

    words: tuple[str, ...]
    output: str | None = None
    """The file that its output is sent to."""

    def __str__(self) -> str:
        return shlex.join(self.words)


def commands_of(text: str) -> Iterator[Command]:
    """Give the commands of a block, without comments, prompts and variables before them.

    Raises ValueError: a quotation has no end.
    """
    for line in text.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in _words(line.removeprefix("$ ")):
            if word in _SEPARATORS:
                yield from _command(words)
                words = []
            else:
                words.append(word)
        yield from _command(words)


def _words(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    return list(lexer)


def _command(words: list[str]) -> Iterator[Command]:
    while words and (words[0] in _KEYWORDS or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    output = None
    for mark in (">", ">>"):
        if mark in words:
            place = words.index(mark)
            output, words = words[place + 1], words[:place] + words[place + 2 :]
    if words and words[0] not in _CONTROL:
        yield Command(words=tuple(words), output=output)
