"""What a check says of a plugin whatever the host: files, comments, the number of uses."""

from typing import NamedTuple

from hwcheck.analyse.plugin_code import PluginSource
from hwcheck.codec import pack, unpack
from hwcheck.errors import CodecError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.code_digest import EVERYTHING, digest_of_code
from hwcheck.model.check import Skipped
from hwcheck.model.use import Code, Suppression, Uses

__all__ = ["Summary", "summarise"]

_HOST = "vllm"


class Summary(NamedTuple):
    """A plugin in numbers."""

    files: int
    """Read ones."""
    uses: int
    """Places that refer to the host."""
    skipped: tuple[Skipped, ...]
    comments: dict[str, tuple[Suppression, ...]]
    """By path; only files that have some."""


def summarise(source: PluginSource, cache: ContentCache) -> Summary:
    """Count, or recall what was counted."""
    key = f"plugin summary {digest_of_code(EVERYTHING)} {source.digest}"
    data = cache.get(key)
    if data is not None:
        try:
            return unpack(data, Summary)
        except CodecError:
            pass  # made again below
    files = source.code.files.values()
    summary = Summary(
        files=len(files),
        uses=sum(map(_count_uses, files)),
        skipped=source.skipped,
        comments={
            code.module.path: code.uses.suppressions for code in files if code.uses.suppressions
        },
    )
    cache.put(key, pack(summary))
    return summary


def _count_uses(code: Code) -> int:
    uses = code.uses
    names = _host_names(uses)
    chains = (
        *(access.chain for access in uses.accesses for _ in access.lines),
        *(call.callee for call in uses.calls),
        *(store.target for store in uses.stores),
    )
    imported = sum(1 for item in uses.imports if _is_host(item.module))
    texts = sum(1 for item in uses.texts if _is_host(item.text.partition(":")[0]))
    return imported + texts + sum(1 for chain in chains if _root(chain) in names)


def _host_names(uses: Uses) -> frozenset[str]:
    return frozenset(
        item.alias or item.name or item.module.partition(".")[0]
        for item in uses.imports
        if _is_host(item.module)
    )


def _is_host(dotted: str) -> bool:
    return dotted == _HOST or dotted.startswith(f"{_HOST}.")


def _root(chain: str) -> str:
    end = next((at for at, mark in enumerate(chain) if mark in ".([~"), len(chain))
    return chain[:end]
