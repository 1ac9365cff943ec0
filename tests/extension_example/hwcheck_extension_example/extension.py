"""What hwcheck loads: one function a hook, each of which returns objects and does nothing else."""

from dataclasses import dataclass

from hwcheck.hooks import Reporter, Suite, hookimpl
from hwcheck.model.capability import Capability
from hwcheck_extension_example.one_line import OneLineReporter
from hwcheck_extension_example.suite.contracts import QUIET


@dataclass(frozen=True, slots=True)
class QuietSuite:
    """The suite, by the name of the package that holds its test modules."""

    name: str = "quiet"
    package: str = "hwcheck_extension_example.suite"


@hookimpl
def hwcheck_capabilities() -> tuple[Capability, ...]:
    """Return the capability that the contract is evidence for."""
    return (
        Capability(
            id="x-quiet-probe",
            title="Quiet under the probe",
            area="extension",
            gate="plugin",
            constructed_by=(QUIET.id,),
        ),
    )


@hookimpl
def hwcheck_suites() -> tuple[Suite, ...]:
    """Return the suite that holds the contract."""
    return (QuietSuite(),)


@hookimpl
def hwcheck_reporters() -> tuple[Reporter, ...]:
    """Return the reporter."""
    return (OneLineReporter(),)
