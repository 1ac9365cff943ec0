"""From what was extracted of hosts to a file of facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hwcheck.hosts.extraction import Extraction
from hwcheck.hosts.family import Content, Family, make_dictionary, pack_family
from hwcheck.hosts.pack import PackedHost, lay_out, spans_of
from hwcheck.hosts.pool import Pool

__all__ = ["pack_hosts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What all families are packed with."""

    extraction: Extraction
    contents: dict[str, tuple[str, ...]]
    """By module, newest first: the newest is asked for most."""
    defined: frozenset[str]
    dictionary: bytes


def pack_hosts(hosts: Sequence[PackedHost], extraction: Extraction, *, processes: int = 1) -> bytes:
    """Make the file of facts of hosts, oldest first, whose trees were added to the extraction.

    Only calls of names that one of the hosts defines are kept, and of variables for classes.
    """
    hosts = [_without_opaque(host, extraction) for host in hosts]
    contents = {
        module: tuple(sorted(found, key=lambda key: found[key], reverse=True))
        for module, found in sorted(spans_of(hosts).items())
    }
    newest = hosts[-1].contents
    dictionary = make_dictionary(_content(extraction, item, newest[item]) for item in newest)
    defined = frozenset(_defined(extraction, contents))
    shared = _Shared(
        extraction=extraction, contents=contents, defined=defined, dictionary=dictionary
    )
    with Pool(shared, processes=processes) as pool:
        return lay_out(hosts, pool.results(_pack_one, tuple(contents)), dictionary)


def _without_opaque(host: PackedHost, extraction: Extraction) -> PackedHost:
    """Files that are no text or do not parse are there, and say nothing, as compiled ones."""
    opaque = {
        module
        for module, content in host.contents.items()
        if extraction.get(module, content).module is None
    }
    kept = {module: key for module, key in host.contents.items() if module not in opaque}
    return replace(host, contents=kept, compiled=tuple(sorted({*host.compiled, *opaque})))


def _pack_one(shared: _Shared, module: str) -> Family:
    found = (_content(shared.extraction, module, key) for key in shared.contents[module])
    return pack_family(module, found, shared.defined, shared.dictionary)


def _content(extraction: Extraction, module: str, key: str) -> Content:
    extracted = extraction.get(module, key)
    if extracted.module is None:
        raise KeyError(module)
    return Content(key, extracted.module, extracted.calls)


def _defined(extraction: Extraction, contents: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for module, keys in contents.items():
        for key in keys:
            facts = _content(extraction, module, key).module
            yield from (function.name for function in facts.functions)
            for owner in facts.classes:
                yield owner.name.rpartition(".")[2]
                yield from (function.name for function in owner.functions)
