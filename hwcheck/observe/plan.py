"""What the children of a run are going to do, before any of them is started."""

from collections.abc import Mapping

from hwcheck.model.run_plan import EnginePlan, RunPlan
from hwcheck.observe.serving import SERVING

__all__ = ["run_plan"]


def run_plan(examinations: Mapping[str, tuple[str, ...]]) -> RunPlan:
    """Plan what is examined, and the engines that are started for it."""
    return RunPlan(
        examinations=tuple(sorted(examinations.items())), engines=_engine_plan(examinations)
    )


def _engine_plan(examinations: Mapping[str, tuple[str, ...]]) -> EnginePlan | None:
    children = sorted(SERVING & examinations.keys(), reverse=True)
    if not children:
        return None
    try:
        # Imported here: most runs start no engine, and the examinations are many modules.
        from hwcheck.exercise.starts import planned_starts

        plans = [planned_starts(child, examinations[child]) for child in children]
    # What examinations import need not be installed beside hwcheck, only beside vLLM.
    except ImportError:
        untold = tuple(contract for child in children for contract in examinations[child])
        return EnginePlan(starts=(), untold=untold)
    return EnginePlan(
        starts=tuple(start for plan in plans for start in plan.starts),
        untold=tuple(contract for plan in plans for contract in plan.untold),
    )
