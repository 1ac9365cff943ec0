"""The configuration in which the platform has set its worker, or the verdict without one."""

from hwcheck.model.observation import WITH_MODEL, Configured, StepName, StepState
from hwcheck.pytest_plugin.evidence import Evidence
from hwcheck.pytest_plugin.verdicts import not_measured

__all__ = ["configured"]

#: How platforms refuse what they do not support; pydantic wraps a `ValueError` of theirs.
_REFUSALS = frozenset({"ValueError", "NotImplementedError", "ValidationError"})


def configured(evidence: Evidence, *, judge: bool = False) -> Configured:
    """The configuration without a model, or with one where the platform needs it to choose.

    vLLM itself always has a model; a platform may fail without one.

    With `judge`, a failure breaks the contract; else it names the contract that is broken.

    Raises Broken, NotMeasured.
    """
    ask = evidence.judged if judge else evidence.needed
    without = evidence.child("active").step(StepName.CONFIGURE)
    step = evidence.child("active").step(StepName.CONFIGURE, WITH_MODEL)
    if step.state is StepState.NOT_REACHED:
        return ask("active", StepName.CONFIGURE, "", Configured)
    if isinstance(without.answer, Configured) and without.answer.worker is not None:
        return without.answer
    if step.raised is not None and step.raised.type in _REFUSALS:
        not_measured(
            "it sets no worker without a model, and refuses hwcheck's tiny Llama: "
            f"{step.raised.message}"
        )
    return ask("active", StepName.CONFIGURE, WITH_MODEL, Configured)
