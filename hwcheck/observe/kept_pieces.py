"""What each start of a child has found, in a folder that outlives a run that is cut off."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hwcheck.codec import decode_observation, encode_observation
from hwcheck.errors import CodecError
from hwcheck.model.observation import Child, Observation, StepState
from hwcheck.model.outcome import Cause
from hwcheck.observe.following import REPLY
from hwcheck.observe.replies import read_reply

__all__ = ["Piece", "keep_child", "keep_nonce", "kept_pieces", "piece_folder"]

_CHILD = "child.json"
_NONCE = "nonce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One start of a child in an earlier run."""

    child: Child
    is_whole: bool
    """Whether the child came to an end of its own; else the run was cut off meanwhile."""


def piece_folder(folder: Path, child: str, number: int) -> Path:
    """Where the start of that number, from 1 on, is kept."""
    return folder / (child if number == 1 else f"{child}-{number}")


def kept_pieces(folder: Path, child: str) -> tuple[Piece, ...]:
    """Read what is kept of a child, in order."""
    found: list[Piece] = []
    while (place := piece_folder(folder, child, len(found) + 1)).is_dir():
        found.append(_whole(place) or _cut(place, child))
    return tuple(found)


def keep_nonce(place: Path, nonce: str) -> None:
    """Make the folder of a start, with what its reply can be read by."""
    place.mkdir(parents=True, exist_ok=True)
    (place / _NONCE).write_text(nonce, encoding="ascii")


def keep_child(place: Path, child: Child) -> None:
    """Keep how a start ended, unless it was interrupted."""
    if child.cause is Cause.INTERRUPTED:
        return
    unfinished = place / f"{_CHILD}.new"
    unfinished.write_bytes(encode_observation(Observation(children=(child,))))
    unfinished.replace(place / _CHILD)


def _whole(place: Path) -> Piece | None:
    # After a power cut, files can be empty; what cannot be read is made again.
    with suppress(OSError, CodecError, IndexError):
        observation = decode_observation((place / _CHILD).read_bytes(), str(place))
        return Piece(child=observation.children[0], is_whole=True)
    return None


def _cut(place: Path, child: str) -> Piece:
    try:
        reply = read_reply(place / REPLY, (place / _NONCE).read_text(encoding="ascii"))
        steps = tuple(step for step in reply.steps if step.state is not StepState.DIED)
    except (OSError, ValueError):
        steps = ()
    return Piece(
        child=Child(
            name=child, steps=steps, cause=None, ended="", seconds=0.0, peak_bytes=0, tail=""
        ),
        is_whole=False,
    )
