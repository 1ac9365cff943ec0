"""The listing of a published matrix."""

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator, ValidationError
from made_matrix import HOSTILE_NAMES, make_matrix

from hwcheck.codec import encode
from hwcheck.codec_matrix import listing_schema
from hwcheck.report.matrix_badges import make_badges
from hwcheck.report.matrix_file_names import file_name
from hwcheck.report.matrix_listing import make_listing


def test_listing_names_every_badge():
    """
    Each badge is listed once, and each listed badge is there in both forms.
    """
    matrix = make_matrix(names=HOSTILE_NAMES)

    (file,) = make_listing(matrix)
    listing = json.loads(file.text)

    listed = [plugin["badge"] for plugin in listing["plugins"]]
    listed += [
        check["badge"]
        for plugin in listing["plugins"]
        for release in plugin["releases"]
        for check in release["checks"]
    ]
    made = [made.path for made in make_badges(matrix)]
    assert sorted(made) == sorted(f"{badge}{end}" for badge in listed for end in (".json", ".svg"))
    assert (listing["schema"], listing["version"]) == ("hwcheck.matrix-listing", 1)


def test_listing_is_as_its_schema_says():
    """
    The schema fits what is written, and refuses a listing of another kind.
    """
    validator = Draft202012Validator(listing_schema())
    (file,) = make_listing(make_matrix(names=HOSTILE_NAMES))
    listing = json.loads(file.text)

    validator.validate(listing)
    Draft202012Validator.check_schema(listing_schema())
    for wrong in ({"version": 2}, {"plugins": [{"name": "x"}]}):
        with pytest.raises(ValidationError):
            validator.validate({**listing, **wrong})


def test_committed_schema_is_that_of_the_records():
    """
    The schema in the package is the one that the records give.
    """
    committed = files("hwcheck") / "schemas" / "matrix-listing-1.schema.json"

    assert committed.read_bytes() == encode(listing_schema())


def test_file_names_are_safe_and_different():
    """
    Names that look alike on a file system get different files, and plain ones stay as they are.
    """
    names = (
        "a",
        "A",
        "a/b",
        "a-b",
        "..",
        ".",
        "",
        "con ",
        "é",
        "e",
        "x" * 300,
        "x" * 301,
        "-",
        "_x",
    )

    made = [file_name(name) for name in names]

    assert len({name.lower() for name in made}) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-") for name in made)
    assert all(name and not name.startswith((".", "-", "_")) and len(name) < 80 for name in made)
    assert (file_name("vllm-ascend"), file_name("0.33.0rc1")) == ("vllm-ascend", "0.33.0rc1")
