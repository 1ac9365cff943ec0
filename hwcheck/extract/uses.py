"""The uses of a plugin's file, without what leads neither to vLLM nor to the plugin itself."""

import io
import re
import tokenize
from collections.abc import Iterator

from hwcheck.extract.chains import CLASS_TESTS
from hwcheck.extract.frames import Frame
from hwcheck.extract.relevance import Relevance
from hwcheck.extract.split import root_of
from hwcheck.extract.state import State
from hwcheck.model.facts import Chain, Condition, ConditionKind
from hwcheck.model.use import Access, Call, Scope, Suppression, Uses

__all__ = ["suppressions_of", "uses_of"]

_SUPPRESSION = re.compile(r"#\s*hwcheck:\s*ignore(?:\[([^\]]*)\])?")
#: Every logger has these.
_LOGGED = frozenset(
    f"logger.{level}" for level in ("debug", "info", "warning", "error", "exception", "critical")
)


def uses_of(state: State, suppressions: tuple[Suppression, ...]) -> Uses:
    """Collect the uses of a file."""
    relevance = Relevance(state)
    frames = state.frames
    accesses = []
    tested = [tuple(_shown(condition)) for condition in state.table.conditions]
    for (chain, scope, guard, is_tested), lines in state.accesses.items():
        if (
            not _is_bare_call(chain)
            and chain[:-2] not in _LOGGED
            and relevance.is_relevant(chain, frames[scope])
        ):
            lines.sort()
            is_known = is_tested or _is_under(chain, tested[guard])
            accesses.append(Access(chain, tuple(dict.fromkeys(lines)), scope, guard, is_known))
    calls = tuple(
        call
        for call, frame in state.calls
        if call.callee not in _LOGGED and _is_relevant_call(relevance, call, frame)
    )
    stores = tuple(x for x in state.stores if not relevance.is_external(x.target, frames[x.scope]))
    unpacks = tuple(x for x in state.unpacks if relevance.is_relevant(x.value, frames[x.scope]))
    roots = {root_of(access.chain) for access in accesses}
    for call in calls:
        roots.add(root_of(call.callee))
        roots.update(root_of(each.chain) for each in call.arguments)
    for each in stores:
        roots.update((root_of(each.target), root_of(each.value)))
    roots.update(root_of(each.value) for each in unpacks)
    return Uses(
        scopes=_scopes(state, roots),
        conditions=tuple(state.table.conditions),
        imports=tuple(state.imports),
        accesses=tuple(accesses),
        calls=calls,
        stores=stores,
        unpacks=unpacks,
        texts=tuple(state.texts),
        suppressions=suppressions,
    )


def _is_relevant_call(relevance: Relevance, call: Call, frame: Frame) -> bool:
    if call.callee in CLASS_TESTS:
        return any(relevance.is_relevant(each.chain, frame) for each in call.arguments[1:])
    return relevance.is_relevant(call.callee, frame)


def _shown(condition: Condition) -> Iterator[Chain]:
    """List the chains whose last name a condition shows to be there."""
    if condition.kind is ConditionKind.HAS and condition.value:
        yield f"{condition.chain}.{condition.value}"
    elif condition.kind is ConditionKind.ALL:
        for part in condition.parts:
            yield from _shown(part)


def _is_under(chain: Chain, shown: tuple[Chain, ...]) -> bool:
    """Tell whether a chain goes through one that was tested."""
    return any(
        chain.startswith(each) and not chain[len(each) : len(each) + 1].isidentifier()
        for each in shown
    )


def _is_bare_call(chain: str) -> bool:
    """Tell ``name()``, which is a call and nothing more."""
    return chain.endswith("()") and chain[:-2].isidentifier()


def _scopes(state: State, roots: set[str]) -> tuple[Scope, ...]:
    """Make the scopes, with the local names that some use starts from."""
    wanted = set(roots)
    for _ in range(4):
        more = {
            root_of(local.value)
            for frame in state.frames
            for name in wanted & frame.locals.keys()
            for local in frame.locals[name]
            if local.value
        }
        if more <= wanted:
            break
        wanted |= more
    found = []
    for frame in state.frames:
        kept = [
            local
            for name, entries in frame.locals.items()
            if name in wanted or root_of(name) in wanted
            for local in entries
        ]
        kept.sort(key=lambda local: local.line)
        found.append(
            Scope(
                frame.name,
                frame.kind,
                frame.parent.index if frame.parent is not None else 0,
                frame.owner,
                frame.receiver,
                frame.is_class_method,
                frame.parameters,
                tuple(kept),
                frame.line,
                frame.end_line,
                frame.unread,
            )
        )
    return tuple(found)


def suppressions_of(source: str) -> tuple[Suppression, ...]:
    """List the comments that silence findings."""
    if "hwcheck:" not in source:
        return ()
    found = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                match = _SUPPRESSION.search(token.string)
                if match:
                    ids = tuple(x.strip() for x in (match.group(1) or "").split(",") if x.strip())
                    found.append(Suppression(token.start[0], ids))
    except (tokenize.TokenError, SyntaxError):  # the tokenizer refuses what the parser reads
        return tuple(found)
    return tuple(found)
