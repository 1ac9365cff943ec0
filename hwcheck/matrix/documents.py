"""The documents of runs: found, read, named by their content, and put into a matrix's folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from hwcheck.codec import decode_run, encode_run
from hwcheck.errors import CodecError
from hwcheck.matrix.publishing import published
from hwcheck.model.matrix import MatrixProblem
from hwcheck.model.run import Run
from hwcheck.report.output import make_folder, write_text

__all__ = ["RUNS", "Added", "StoredRun", "add_runs", "read_runs"]

#: The folder in a matrix's folder.
RUNS = "runs"
_SUFFIX = ".json"
_MAKE_ONE = "name a document that `hwcheck run` wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run with its name."""

    id: str
    """The digest of what it says, whatever version of document it was read from."""
    run: Run
    data: bytes
    """The document in the present version, without what only its machine should know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What became of documents that were to be added."""

    new: tuple[str, ...]
    """Ids."""
    known: tuple[str, ...]
    """Ids of those that were there already."""
    problems: tuple[MatrixProblem, ...]


def read_runs(
    words: Sequence[str], folder: Path
) -> tuple[tuple[StoredRun, ...], tuple[MatrixProblem, ...]]:
    """Read documents, folders of them or patterns, seen from `folder`; each content once, by id.

    What cannot be read, or cannot be placed in a matrix, becomes a problem.
    """
    found: dict[str, StoredRun] = {}
    problems: list[MatrixProblem] = []
    for word in words:
        paths = tuple(_paths(word, folder))
        if not paths:
            problems.append(_nothing(word))
        for path, shown in paths:
            stored = _stored(path, shown)
            if isinstance(stored, MatrixProblem):
                problems.append(stored)
            else:
                found.setdefault(stored.id, stored)
    return tuple(found[id_] for id_ in sorted(found)), tuple(dict.fromkeys(problems))


def add_runs(words: Sequence[str], folder: Path, *, seen_from: Path) -> Added:
    """Put runs into the folder of a matrix, each once, under the name of its content.

    Raises ReportError: the folder cannot be written.
    """
    runs, problems = read_runs(words, seen_from)
    new: list[str] = []
    known: list[str] = []
    for stored in runs:
        path = folder / RUNS / f"{stored.id}{_SUFFIX}"
        make_folder(path.parent)
        if path.is_file() and path.read_bytes() == stored.data:
            known.append(stored.id)
            continue
        write_text(path, stored.data.decode(), what="a run")
        new.append(stored.id)
    return Added(new=tuple(new), known=tuple(known), problems=problems)


def _paths(word: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """What a word stands for, each with the name that messages call it."""
    place = folder / word
    try:
        if place.is_dir():
            yield from _below(place, f"**/*{_SUFFIX}", word)
        elif place.is_file():
            yield place, word
        elif any(mark in word for mark in "*?["):
            pattern = Path(word)
            if pattern.is_absolute():
                root = Path(pattern.anchor)
                yield from _below(root, str(pattern.relative_to(root)), pattern.anchor)
            else:
                yield from _below(folder, word, "")
    except (OSError, ValueError):
        return  # told as nothing that was found


def _below(root: Path, pattern: str, shown: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(root.glob(pattern)):
        if path.is_file():
            yield path, str(Path(shown) / path.relative_to(root))


def _stored(path: Path, shown: str) -> StoredRun | MatrixProblem:
    try:
        run = decode_run(path.read_bytes(), shown)
    except OSError as error:
        return MatrixProblem(
            subject=shown,
            detail=f"cannot be read: {error.strerror or error}",
            remedy=_MAKE_ONE,
        )
    except CodecError as error:
        detail, _, remedy = str(error).partition("\n")
        return MatrixProblem(subject=shown, detail=detail, remedy=remedy.strip())
    if run.host is None or run.check is not None:
        what = "a check, not of a run" if run.check is not None else "a run without a host"
        return MatrixProblem(
            subject=shown,
            detail=f"is the document of {what}: it says nothing of any capability there",
            remedy=_MAKE_ONE,
        )
    fit = published(run)
    data = encode_run(fit)
    return StoredRun(id=blake2b(data, digest_size=10).hexdigest(), run=fit, data=data)


def _nothing(word: str) -> MatrixProblem:
    return MatrixProblem(subject=word, detail="there is no document of that name", remedy=_MAKE_ONE)
