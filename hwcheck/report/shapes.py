"""The shapes that the terminal report draws, in Unicode and in ASCII."""

from dataclasses import dataclass

from hwcheck.model.run import Verdict

__all__ = ["ASCII", "UNICODE", "Shapes", "shapes_for"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """One set of shapes; every shape stands beside a word that says the same."""

    rungs: tuple[str, ...]
    """By rung, E0 first."""
    passed: str
    broken: str
    unknown: str
    bar: str
    """What source lines and output stand behind."""

    def of_verdict(self, verdict: Verdict) -> str:
        """The shape of a profile's verdict."""
        if verdict is Verdict.KEPT:
            return self.passed
        return self.broken if verdict in (Verdict.BROKEN, Verdict.FLAKY) else self.unknown


UNICODE = Shapes(rungs=("·", "○", "◐", "●", "◆", "★"), passed="✔", broken="✘", unknown="?", bar="│")
ASCII = Shapes(rungs=("-", "o", "+", "*", "#", "@"), passed="+", broken="x", unknown="?", bar="|")


def shapes_for(encoding: str) -> Shapes:
    """Choose the set that text in this encoding can hold."""
    try:
        "".join((*UNICODE.rungs, UNICODE.passed, UNICODE.broken, UNICODE.unknown)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE
