"""The pytest plugin that runs conformance suites: options, cases, fixtures and the recorder.

Without ``--hwcheck-platform`` it does nothing beyond offering its options.
"""

import pytest

from hwcheck.pytest_plugin.options import add_options, is_asked_for

__all__ = ["pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the parts that do the work when a platform is named."""
    config.addinivalue_line("markers", "contract(contract): the contract that the test checks")
    if not is_asked_for(config):
        return
    # Only now, so that a pytest run that has nothing to do with hwcheck stays as fast as it was.
    from hwcheck.pytest_plugin.parts import register_parts

    register_parts(config)
