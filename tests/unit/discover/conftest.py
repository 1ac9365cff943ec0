"""Fake distributions as real folders and wheels."""

import zipfile

import pytest

PLATFORM = "[vllm.platform_plugins]\nfake = fake:register\n"


def metadata(name="fake", version="1.0", requires=()):
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {item}" for item in requires]
    return "\n".join([*lines, "", "A long description"])


@pytest.fixture
def install(tmp_path):
    """
    Write the metadata of an installed distribution; what is None is not written.
    """

    def write(
        name="fake",
        *,
        version="1.0",
        folder="site",
        entry_points=PLATFORM,
        text=None,
        requires=(),
        suffix="dist-info",
        **members,
    ):
        info = tmp_path / folder / f"{name}-{version}.{suffix}"
        info.mkdir(parents=True)
        main = "METADATA" if suffix == "dist-info" else "PKG-INFO"
        files = {"entry_points.txt": entry_points, main: text, **members}
        if text is None and main not in members:
            files[main] = metadata(name, version, requires)
        for member, content in files.items():
            if content is not None:
                data = content if isinstance(content, bytes) else content.encode()
                (info / member.replace("__", ".")).write_bytes(data)
        return str(info.parent)

    return write


@pytest.fixture
def build_wheel(tmp_path):
    """
    Write a wheel with the given members under its one metadata folder.
    """

    def write(*, file="fake-1.0-py3-none-any.whl", folder="fake-1.0.dist-info", members=None):
        members = {"METADATA": metadata(), "entry_points.txt": PLATFORM} | (members or {})
        path = tmp_path / file
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("fake/__init__.py", "raise SystemExit")
            for name, content in members.items():
                if content is not None:
                    archive.writestr(f"{folder}/{name}", content)
        return path

    return write
