"""Makes the page of a matrix: static files that work without a server."""

from collections.abc import Iterator
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from hwcheck.codec import encode_line
from hwcheck.model.matrix import Matrix
from hwcheck.report.escaping import visible
from hwcheck.report.matrix_file import MatrixFile
from hwcheck.report.matrix_page_evidence import (
    make_changes,
    make_hosts,
    make_newest,
    make_plugins,
)
from hwcheck.report.matrix_page_index import (
    CHANGES,
    INDEX,
    NEWEST,
    host_path,
    make_index,
    plugin_path,
)
from hwcheck.report.matrix_places import Places

__all__ = ["make_page"]

#: In the order in which the browser runs them.
_SCRIPTS = (
    "data.js",
    "dom.js",
    "address.js",
    "model.js",
    "tiles.js",
    "grid.js",
    "filters.js",
    "view_releases.js",
    "view_capabilities.js",
    "view_plugin.js",
    "view_changes.js",
    "panel.js",
    "evidence.js",
    "app.js",
)
_STYLES = (
    "theme.css",
    "page.css",
    "table.css",
    "tiles.css",
    "shapes.css",
    "views.css",
    "panel.css",
    "phone.css",
)
#: What JSON may hold and a script inside of markup may not, should somebody put one there.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def make_page(matrix: Matrix) -> Iterator[MatrixFile]:
    """Make the page, its scripts and styles, and the data that it reads piece by piece."""
    places = Places.of(matrix)
    yield MatrixFile(path="index.html", text=_document(matrix))
    for name in (*_STYLES, *_SCRIPTS):
        yield MatrixFile(path=f"page/{name}", text=_part(name))
    yield _data(INDEX, make_index(matrix, places))
    yield _data(NEWEST, make_newest(matrix, places))
    yield _data(CHANGES, make_changes(matrix, places))
    for host, cells in make_hosts(matrix, places):
        yield _data(host_path(host), cells)
    for plugin, evidence in make_plugins(matrix, places):
        yield _data(plugin_path(plugin), evidence)


def _document(matrix: Matrix) -> str:
    environment = Environment(
        loader=PackageLoader("hwcheck.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("matrix.html.j2").render(
        title=visible(matrix.title),
        matrix=matrix,
        scripts=_SCRIPTS,
        styles=_STYLES,
        index=INDEX,
    )


def _part(name: str) -> str:
    return resources.files("hwcheck.report").joinpath("page", name).read_text(encoding="utf-8")


def _data(path: str, record: object) -> MatrixFile:
    name, value = (encode_line(item).translate(_ESCAPES) for item in (path, record))
    return MatrixFile(path=path, text=f"hwcheckMatrix.receive({name}, {value});\n")
