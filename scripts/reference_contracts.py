"""Writes docs/reference-contracts.md: each contract, and the faults and defects that prove it."""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hwcheck.model.contract import Contract, Profile
from hwcheck_conformance.contracts import ALL

_REPOSITORY = Path(__file__).resolve().parent.parent
_DOCUMENT = _REPOSITORY / "docs" / "reference-contracts.md"
_HEAD = """\
# Contracts

What `hwcheck run` checks; the ids are permanent.
`hwcheck explain ID` shows one of them; `python scripts/reference_contracts.py` writes this page.

A check that nothing breaks may be a check that cannot fail.
So each is proven by defects, projects of their own in [sample_plugins](../sample_plugins),
or by faults that the tests put into the sample plugin that conforms (`tests/faults`).
All contracts are run on each of these, and only what it names may be broken.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Something that is wrong with a sample plugin, and the outcomes that it breaks."""

    name: str
    words: str
    breaks: tuple[str, ...]
    folder: str | None = None
    """The project, for a defect; a fault has none."""


def render(contracts: Iterable[Contract], proofs: Sequence[Proof]) -> str:
    """Render the document."""
    by_profile: dict[Profile, list[Contract]] = {}
    for contract in sorted(contracts, key=lambda item: (item.profile, item.id)):
        by_profile.setdefault(contract.profile, []).append(contract)
    lines = [_HEAD, *_table(by_profile, proofs)]
    for profile, held in by_profile.items():
        lines += ["", f"## {profile}: {profile.meaning}"]
        for contract in held:
            lines += ["", f"### `{contract.id}`", "", f"{_sentence(contract.title)}", ""]
            lines += _fields(contract)
            lines += _proofs(contract, proofs)
    return "\n".join(lines) + "\n"


def _table(
    by_profile: Mapping[Profile, Sequence[Contract]], proofs: Sequence[Proof]
) -> Iterator[str]:
    yield "| profile | contracts | proven by defects | proven by faults |"
    yield "|---|---|---|---|"
    for profile, held in by_profile.items():
        about = [proof for proof in proofs if any(_broken(item, proof) for item in held)]
        defects = sum(proof.folder is not None for proof in about)
        counts = f"{len(held)} | {defects} | {len(about) - defects}"
        yield f"| {profile}: {profile.meaning} | {counts} |"


def _fields(contract: Contract) -> Iterator[str]:
    if contract.group:
        yield f"- group: {contract.group}, run on request"
    if contract.since:
        yield f"- since: vLLM {contract.since}"
    if contract.checked:
        yield f"- checked: {_markdown(contract.checked)}"
    yield f"- relied on by: {_markdown(contract.relied_on_by)}"
    yield f"- remedy: {_markdown(contract.remedy)}"


def _proofs(contract: Contract, proofs: Sequence[Proof]) -> Iterator[str]:
    yield "- proven by:"
    for proof in proofs:
        broken = _broken(contract, proof)
        if broken:
            name = f"`{proof.name}`"
            if proof.folder is not None:
                name = f"[{proof.name}](../{proof.folder})"
            cases = [f"`{id}`" for id in broken if id != contract.id]
            told = f" ({', '.join(cases)})" if cases else ""
            yield f"  - {name}: {_markdown(proof.words.removesuffix('.'))}{told}"


def _broken(contract: Contract, proof: Proof) -> tuple[str, ...]:
    return tuple(id for id in proof.breaks if id.partition("[")[0] == contract.id)


def _sentence(text: str) -> str:
    return _markdown(text if text.endswith(".") else f"{text}.")


def _markdown(text: str) -> str:
    # Names in angle brackets and underscores are no markup.
    return text.replace("<", "&lt;").replace("*", "\\*").replace("__", "\\_\\_")


def read_proofs() -> tuple[Proof, ...]:
    """Read the defects, then the faults."""
    # A package of the tests, which is installed nowhere.
    sys.path.insert(0, str(_REPOSITORY / "tests" / "faults"))
    from hwcheck_sample_cpu_faults.fault import all_faults

    faults = (Proof(name=item.name, words=item.words, breaks=item.breaks) for item in all_faults())
    files = sorted(_REPOSITORY.glob("sample_plugins/defects/*/expected.toml"))
    return (*map(_defect, files), *faults)


def _defect(file: Path) -> Proof:
    expected = tomllib.loads(file.read_text(encoding="utf-8"))
    return Proof(
        name=file.parent.name,
        words=expected["defect"],
        breaks=tuple(expected["broken"]),
        folder=file.parent.relative_to(_REPOSITORY).as_posix(),
    )


def main() -> None:
    """Write the document."""
    _DOCUMENT.write_text(render(ALL, read_proofs()), encoding="utf-8")


if __name__ == "__main__":
    main()
