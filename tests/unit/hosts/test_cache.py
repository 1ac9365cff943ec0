"""The folder of results that can be made again."""

import os
from pathlib import Path

from hwcheck.hosts.cache import ContentCache, user_cache_directory


def test_put_bytes_are_found_again(tmp_path):
    """
    Another cache on the same folder gives what was put.
    """
    ContentCache(tmp_path / "new").put("key", b"value")

    assert ContentCache(tmp_path / "new").get("key") == b"value"


def test_missing_key_gives_none(tmp_path):
    """
    What was never put is not there.
    """
    assert ContentCache(tmp_path).get("key") is None


def test_damaged_entry_counts_as_missing(tmp_path):
    """
    An entry whose bytes changed on the disk is not used, and can be put again.
    """
    cache = ContentCache(tmp_path)
    cache.put("key", b"value")
    (entry,) = tmp_path.glob("??/*")
    entry.write_bytes(entry.read_bytes()[:-1])

    assert cache.get("key") is None
    cache.put("key", b"value")
    assert cache.get("key") == b"value"


def test_folder_that_is_a_file_forgets(tmp_path):
    """
    Where no folder can be made, nothing is kept and nothing fails.
    """
    (tmp_path / "file").write_text("")
    cache = ContentCache(tmp_path / "file")
    cache.put("key", b"value")

    assert cache.get("key") is None


def test_impossible_folder_forgets():
    """
    A name that no system accepts is as good as no folder.
    """
    cache = ContentCache(Path("null\0byte"))
    cache.put("key", b"value")

    assert cache.get("key") is None


def test_no_folder_forgets():
    """
    Without a folder nothing is kept.
    """
    cache = ContentCache(None)
    cache.put("key", b"value")
    cache.sweep()

    assert cache.get("key") is None


def test_sweep_removes_what_was_not_used_for_the_longest_time(tmp_path):
    """
    Over its size, a cache loses the oldest entries first.
    """
    cache = ContentCache(tmp_path, largest=12_000)
    for number in range(4):
        cache.put(f"{number}", os.urandom(4000))
        for entry in tmp_path.glob("??/*"):
            status = entry.stat()
            os.utime(entry, (status.st_atime, status.st_mtime - 10))
    cache.get("0")
    cache.sweep()

    assert [cache.get(f"{number}") is not None for number in range(4)] == [True, False, False, True]


def test_entry_that_cannot_be_put_in_place_leaves_nothing(tmp_path):
    """
    Where an entry's name is taken by a folder, no part of it stays behind.
    """
    cache = ContentCache(tmp_path)
    cache.put("key", b"value")
    (entry,) = tmp_path.glob("??/*")
    entry.unlink()
    (entry / "inside").mkdir(parents=True)
    cache.put("key", b"value")

    assert cache.get("key") is None
    assert list(entry.parent.iterdir()) == [entry]


def test_many_puts_sweep_by_themselves(tmp_path):
    """
    A folder does not grow without end.
    """
    cache = ContentCache(tmp_path, largest=0)
    for number in range(64):
        cache.put(f"{number}", b"")

    assert list(tmp_path.glob("??/*")) == []


def test_user_cache_directory_follows_the_environment():
    """
    A value is a folder, an empty one asks for none.
    """
    assert user_cache_directory("/some/where") == Path("/some/where")
    assert user_cache_directory("") is None
    assert user_cache_directory(None).name == "hwcheck"
