"""The version of what is extracted, for those who need not load the extractor."""

__all__ = ["EXTRACT_VERSION"]

#: Changes whenever the same source gives other records; a part of the keys of caches.
EXTRACT_VERSION = 3
