"""The tags of an installed wheel, held against what this interpreter accepts."""

from collections.abc import Sequence

from packaging.tags import parse_tag, sys_tags

__all__ = ["unsupported_tags"]


def unsupported_tags(tags: Sequence[str]) -> str | None:
    """Say why none of the tags is accepted here, ``None`` when one is."""
    supported = list(sys_tags())
    known = set(supported)
    if any(known.intersection(parse_tag(tag)) for tag in tags):
        return None
    return f"the wheel is made for {', '.join(sorted(tags))}; this is {supported[0]}"
