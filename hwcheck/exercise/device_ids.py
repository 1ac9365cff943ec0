"""How a platform's device ids follow the variable that masks devices."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import strategies as st

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.verdicts import broken, kept, not_applicable
from hwcheck.model.examination import ExaminedCase

__all__ = ["EXAMINATIONS"]

_MOST_DEVICES = 8


def device_mapping(bench: Bench) -> Iterator[ExaminedCase]:
    """With the mask set to a permutation, ordinal i is the i-th physical device of the mask."""
    platform = bench.platform
    variable = str(platform.device_control_env_var)  # type: ignore[attr-defined]

    def check(mask: list[int]) -> str | None:
        with _masked(variable, mask):
            told = [platform.device_id_to_physical_device_id(n) for n in range(len(mask))]  # type: ignore[attr-defined]
        return None if told == mask else f"{variable}={mask} is mapped to {told}"

    if not variable or variable == "VLLM_DEVICE_CONTROL_ENV_VAR_PLACEHOLDER":
        yield not_applicable("the platform names no variable that masks devices")
        return
    masks = st.permutations(range(_MOST_DEVICES)).flatmap(
        lambda order: st.integers(1, _MOST_DEVICES).map(lambda count: list(order[:count]))
    )
    found = bench.counterexample(check, masks, examples=200)
    if found is None:
        yield kept()
    else:
        place = found.place or bench.place_of("device_id_to_physical_device_id")
        yield broken(found.fault, example=f"{variable}={found.text}", place=place)


@contextmanager
def _masked(variable: str, mask: list[int]) -> Iterator[None]:
    before = os.environ.get(variable)
    os.environ[variable] = ",".join(map(str, mask))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(variable, None)
        else:
            os.environ[variable] = before


EXAMINATIONS: dict[str, Examination] = {"platform.device-mapping": device_mapping}
