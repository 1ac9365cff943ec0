"""The facts of a vLLM that lies somewhere: a checkout, an archive, an installed package."""

import os
from pathlib import Path

from hwcheck.errors import SourceError, UnknownHostError
from hwcheck.hosts.cache import ContentCache
from hwcheck.hosts.extraction import Extraction, contents_of, tree_digest
from hwcheck.hosts.host_version import identify_host
from hwcheck.hosts.pack import PackedHost
from hwcheck.hosts.packing import pack_hosts
from hwcheck.hosts.store import Store
from hwcheck.model.extract_version import EXTRACT_VERSION
from hwcheck.sources import SourceTree, open_sources

__all__ = ["HOST_PACKAGE", "pack_host_at", "store_of_host_at"]

HOST_PACKAGE = "vllm"
#: What every vLLM since the oldest supported one has.
_LANDMARKS = ("vllm", "vllm.platforms", "vllm.config")


def store_of_host_at(path: Path, cache: ContentCache) -> Store:
    """Open the facts of the vLLM at a path; they are extracted unless the cache has them.

    Raises UnknownHostError: there is no vLLM. HostError: the facts are damaged.
    """
    return Store(pack_host_at(path, cache), str(path))


def pack_host_at(path: Path, cache: ContentCache) -> bytes:
    """Make the file of facts of the vLLM at a path.

    Raises UnknownHostError: there is no vLLM.
    """
    with _open_tree(path) as tree:
        identity = identify_host(path)
        key = f"host {EXTRACT_VERSION} {tree_digest(tree, map(str, identity))}"
        packed = cache.get(key)
        if packed is None:
            host = PackedHost(
                version=identity.version,
                contents=contents_of(tree),
                compiled=tree.compiled,
                entry_points=identity.entry_points,
            )
            extraction = Extraction(cache, processes=os.cpu_count() or 1)
            extraction.add(tree)
            packed = pack_hosts([host], extraction)
            cache.put(key, packed)
    return packed


def _open_tree(path: Path) -> SourceTree:
    try:
        tree = open_sources(path, tops=(HOST_PACKAGE,))
    except SourceError as error:
        raise UnknownHostError(f"cannot read a host from '{path}': {error}") from error
    found = {file.module for file in tree.files}
    missing = [module for module in _LANDMARKS if module not in found]
    if missing:
        tree.close()
        raise UnknownHostError(
            f"no vLLM in '{path}': looked for the package {HOST_PACKAGE!r} in it, in 'src' and in "
            f"its folders\n  not found: {', '.join(missing)}"
            "\n  name a checkout of vLLM, a wheel, a source distribution, or the folder that "
            "holds the installed package"
        )
    return tree
