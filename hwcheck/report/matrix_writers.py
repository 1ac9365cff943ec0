"""All that people, and machines that want little, are given of a matrix."""

from hwcheck.report.matrix_badges import make_badges
from hwcheck.report.matrix_file import MatrixWriter
from hwcheck.report.matrix_listing import make_listing
from hwcheck.report.matrix_markdown import make_markdown
from hwcheck.report.matrix_page import make_page

__all__ = ["PUBLISHED"]

PUBLISHED: tuple[MatrixWriter, ...] = (make_page, make_markdown, make_listing, make_badges)
