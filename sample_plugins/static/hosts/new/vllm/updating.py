from collections.abc import Callable


def update(step) -> Callable[[], None]: ...
