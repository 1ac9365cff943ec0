"""Factories for the tests of extraction."""

import textwrap

import pytest

from hwcheck.extract import extract_code, extract_host_file


@pytest.fixture
def code():
    def extract(source, *, module="plug.sub.file", is_package=False):
        return extract_code(
            textwrap.dedent(source),
            module=module,
            path="plug/sub/file.py",
            is_package=is_package,
            own=["plug"],
        )

    return extract


@pytest.fixture
def host():
    def extract(source, *, module="vllm.sub.file", is_package=False):
        return extract_host_file(
            textwrap.dedent(source),
            module=module,
            path="vllm/sub/file.py",
            is_package=is_package,
        )

    return extract


@pytest.fixture
def shown():
    """Write conditions in a line."""

    def show(condition):
        kind = condition.kind.value
        if condition.parts or kind in ("all", "any"):
            return f"{kind}({', '.join(map(show, condition.parts))})"
        value = f" {condition.value}" if condition.value else ""
        return f"{kind}:{condition.chain}{condition.operator}{value}".rstrip(":")

    return show
