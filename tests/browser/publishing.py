"""Writes the folder of a matrix, and names the sizes of screens that it is looked at on."""

from pathlib import Path

from hwcheck.model.matrix import Matrix
from hwcheck.report.matrix_writers import PUBLISHED

__all__ = ["DESK", "PHONE", "publish"]

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


def publish(matrix: Matrix, folder: Path) -> Path:
    """Write the folder as `hwcheck matrix build` does, and name its page."""
    for make in PUBLISHED:
        for file in make(matrix):
            place = folder / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(file.text, encoding="utf-8")
    return folder / "index.html"
