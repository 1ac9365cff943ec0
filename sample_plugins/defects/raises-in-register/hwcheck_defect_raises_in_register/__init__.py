"""The defect: register() raises RuntimeError."""

__all__ = ["register"]


def register() -> str | None:
    """Fail for a reason of its own."""
    raise RuntimeError("the driver answered with status 7")
