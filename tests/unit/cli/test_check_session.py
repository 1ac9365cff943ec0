"""What a check leaves out of its document, because it differs from machine to machine."""

import pytest

from hwcheck.cli.check_session import _portable, _root
from hwcheck.model.plugin import Origin, Plugin


@pytest.mark.parametrize(
    ("target", "root"),
    [
        (".", ""),
        ("plugins/acme", "plugins/acme"),
        ("./plugins/../plugins/acme/", "plugins/acme"),
        ("..", ""),
        ("acme-vllm", ""),
        ("acme.whl", ""),
    ],
)
def test_root_is_where_a_source_tree_stands_below_here(tmp_path, monkeypatch, target, root):
    """
    A tree below the current folder prefixes its paths; everything else has paths of its own.
    """
    (tmp_path / "plugins/acme").mkdir(parents=True)
    (tmp_path / "acme.whl").write_bytes(b"")
    monkeypatch.chdir(tmp_path)

    assert _root(target) == root


@pytest.mark.parametrize(
    ("location", "kept"), [("/opt/site-packages", "site-packages"), ("dist/a.whl", "dist/a.whl")]
)
def test_plugin_keeps_no_absolute_folder(location, kept):
    """
    Where a plugin lies on this machine is not part of what was found.
    """
    plugin = Plugin(
        name="acme", version=None, origin=Origin.WHEEL, location=location, entry_points=()
    )

    assert _portable(plugin).location == kept
