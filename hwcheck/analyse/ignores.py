"""Comments ``# hwcheck: ignore[ID]``: what they take out, and which of them take out nothing."""

import ast
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from hwcheck.analyse.own_pages import UNUSED
from hwcheck.model.finding import Finding, Location
from hwcheck.model.use import Suppression

__all__ = ["Ignores"]


class _Statements:
    """Which lines belong to one statement, read when a comment is not on a finding's line."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the source's own escapes
                tree = ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ()
        return tuple(sorted(set(_spans(tree))))

    def are_one(self, first: int, second: int) -> bool:
        """Whether two lines are of one statement; of a compound one only its head counts."""
        return any(
            start <= min(first, second) and max(first, second) <= end for start, end in self._spans
        )


@dataclass(frozen=True, slots=True)
class _Used:
    path: str
    line: int
    id: str


class Ignores:
    """The comments of all files of a plugin."""

    def __init__(
        self, comments: Mapping[str, Sequence[Suppression]], text: Callable[[str], str]
    ) -> None:
        """`comments` by path; `text` reads the source of a path."""
        self._comments = {path: items for path, items in comments.items() if items}
        self._statements = {path: _Statements(text(path)) for path in self._comments}

    def divide(
        self, findings: Iterable[Finding]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Divide findings into those that stay and those that a comment takes out."""
        kept: list[Finding] = []
        taken: list[Finding] = []
        for finding in findings:
            (taken if any(True for _ in self._matching(finding)) else kept).append(finding)
        return tuple(kept), tuple(taken)

    def unused(
        self, taken: Iterable[Finding], *, judged: Callable[[str], bool], ids: Collection[str]
    ) -> tuple[Finding, ...]:
        """Find the ids in comments that took out nothing.

        Of rules that were not asked for (`judged` is false) nothing is said.
        """
        used = set(chain.from_iterable(self._matching(finding) for finding in taken))
        return tuple(
            _unused(path, comment.line, id_, ids)
            for path, comments in sorted(self._comments.items())
            for comment in comments
            for id_ in comment.ids or ("",)
            if _Used(path, comment.line, id_) not in used and _is_judged(id_, judged, ids)
        )

    def _matching(self, finding: Finding) -> Iterator[_Used]:
        path = finding.where.path
        for comment in self._comments.get(path, ()):
            for id_ in comment.ids or ("",):
                if finding.rule.startswith(id_) and self._covers(path, comment.line, finding):
                    yield _Used(path, comment.line, id_)

    def _covers(self, path: str, line: int, finding: Finding) -> bool:
        return line == finding.where.line or self._statements[path].are_one(
            line, finding.where.line
        )


def _is_judged(id_: str, judged: Callable[[str], bool], ids: Collection[str]) -> bool:
    meant = [known for known in ids if known.startswith(id_)]
    return not meant or any(map(judged, meant))


def _unused(path: str, line: int, id_: str, ids: Collection[str]) -> Finding:
    known = not id_ or any(rule.startswith(id_) for rule in ids)
    return Finding(
        rule=UNUSED.id,
        severity=UNUSED.severity,
        where=Location(path=path, line=line),
        symbol=id_,
        detail=str(line),
        plugin_side=f"ignores {id_ or 'all rules'} here",
        host_side="nothing is found in this statement" if known else "there is no such rule",
        fix="remove the comment" if known else None,
    )


def _spans(tree: ast.AST) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            inner = body[0] if isinstance(body, list) and body else None
            start = min((item.lineno for item in _decorators(node)), default=node.lineno)
            end = node.end_lineno or node.lineno
            yield start, max(node.lineno, inner.lineno - 1) if inner is not None else end


def _decorators(node: ast.stmt) -> Sequence[ast.expr]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.decorator_list
    return ()
