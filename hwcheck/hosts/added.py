"""Hosts that the user added: one file of facts each, in the user's data folder."""

from contextlib import suppress
from pathlib import Path

from hwcheck.errors import HostError
from hwcheck.hosts.store import Store, open_store

__all__ = ["AddedHosts", "user_hosts_directory"]

_SUFFIX = ".facts"


class AddedHosts:
    """A folder of files of facts, each named for its host."""

    def __init__(self, directory: Path | None) -> None:
        """Use a folder, which is made when the first host is added; ``None``: there is none."""
        self._directory = directory

    def names(self) -> tuple[str, ...]:
        """Name the hosts, sorted."""
        if self._directory is None:
            return ()
        return tuple(sorted(path.stem for path in self._directory.glob(f"*{_SUFFIX}")))

    def store(self, name: str) -> Store | None:
        """Open the facts of a host; ``None`` when there is none of that name.

        Raises HostError: they are damaged, or were made by another version of hwcheck.
        """
        if name not in self.names() or self._directory is None:
            return None
        return open_store(self._directory / f"{name}{_SUFFIX}")

    def keep(self, name: str, packed: bytes) -> None:
        """Keep a file of facts, in place of an older one of that name.

        Raises HostError: it cannot be written.
        """
        if self._directory is None:
            raise HostError(f"cannot keep host {name!r}: this user has no folder for data")
        place = self._directory / f"{name}{_SUFFIX}"
        part = place.with_suffix(".part")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            part.write_bytes(packed)
            part.replace(place)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise HostError(
                f"cannot keep host {name!r} in '{self._directory}': {error.strerror or error}"
            ) from error


def user_hosts_directory() -> Path:
    """Choose the folder for the hosts that this user adds."""
    # Imported here: most checks are against a release that hwcheck ships.
    from platformdirs import user_data_path

    return user_data_path("hwcheck", appauthor=False) / "hosts"
