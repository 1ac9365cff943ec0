"""The end of a test, after the control: what the host's own platform breaks too is the host's."""

from collections.abc import Generator

import pytest

from hwcheck.model.contract import Contract
from hwcheck.model.outcome import Cause, Outcome, OutcomeState
from hwcheck.pytest_plugin.fixtures import control_evidence
from hwcheck.pytest_plugin.judgement import conclude, excused
from hwcheck.pytest_plugin.options import read_settings
from hwcheck.pytest_plugin.pairing import judge_any
from hwcheck.pytest_plugin.selection import contract_of
from hwcheck.pytest_plugin.stubbed import STUBBED_REASON, comes_of_stand_in, without_stand_ins
from hwcheck.pytest_plugin.verdicts import (
    Broken,
    Cases,
    HarnessFault,
    NotApplicable,
    NotMeasured,
    not_measured,
)

__all__ = ["OUTCOMES", "pytest_pyfunc_call"]

OUTCOMES = pytest.StashKey[tuple[Outcome, ...]]()
"""The outcomes of the cases of a test that has several."""


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Take what a test says of an examined contract, and take back what is the host's fault."""
    contract = contract_of(pyfuncitem)
    is_stubbed = read_settings(pyfuncitem.config).conditions.stub_sdk
    try:
        return (yield)
    except Cases as cases:
        found = cases.outcomes
    except Broken as fault:
        if is_stubbed and comes_of_stand_in(fault.reason):
            not_measured(f"{STUBBED_REASON}{fault.reason}", cause=Cause.NO_DEVICE)
        if contract is not None and contract.examined_in and _host_fails(pyfuncitem, contract):
            not_measured(
                f"the host's own platform fails as well; here: {fault.reason}",
                cause=Cause.HOST_AS_WELL,
            )
        raise
    if is_stubbed:
        found = without_stand_ins(found)
    if contract is not None and any(item.state is OutcomeState.BROKEN for item in found):
        found = excused(found, _control(pyfuncitem, contract))
    pyfuncitem.stash[OUTCOMES] = found
    conclude(found)
    return True


def _host_fails(item: pytest.Function, contract: Contract) -> bool:
    control = _control(item, contract)
    return any(outcome.state is OutcomeState.BROKEN for outcome in control)


def _control(item: pytest.Function, contract: Contract) -> tuple[Outcome, ...]:
    evidence = control_evidence(item.session, contract.examined_in)
    if evidence is None:
        return ()
    try:
        judge_any(evidence, contract, item.config)
    except Cases as cases:
        return cases.outcomes
    except Broken as fault:
        return (
            Outcome(
                contract=contract.id, case=None, state=OutcomeState.BROKEN, reason=fault.reason
            ),
        )
    # Of the host's own platform this cannot be said; what the plugin breaks stays broken.
    except (HarnessFault, NotApplicable, NotMeasured):
        return ()
    return ()
