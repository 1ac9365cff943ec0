"""The steps of one child: taken in order, some of them optional, none of them twice."""

from collections.abc import Callable

from hwcheck.model.observation import Answer, StepName
from hwcheck.probe.attribution import Attribution
from hwcheck.probe.messages import Request
from hwcheck.probe.reply import Reply, StepFailed

__all__ = ["Session"]


class Session:
    """What all steps of a child share."""

    def __init__(self, request: Request, reply: Reply, attribution: Attribution) -> None:
        self.request = request
        self.attribution = attribution
        self._reply = reply
        self._skip = set(request.skip)

    @property
    def import_limit(self) -> float:
        """Seconds for a step that may import large parts of vLLM for the first time."""
        return 3 * self.request.step_limit

    def skips(self, name: StepName, subject: str = "") -> bool:
        """Whether an earlier child died in that step."""
        return (str(name), subject) in self._skip

    def take(
        self,
        name: StepName,
        action: Callable[[], Answer | None],
        subject: str = "",
        limit: float | None = None,
    ) -> Answer | None:
        """Take a step that others depend on.

        Raises StepFailed: it raised, or it is skipped.
        """
        if self.skips(name, subject):
            raise StepFailed(name)
        return self._reply.take(
            name, action, subject=subject, limit=limit or self.request.step_limit
        )

    def attempt(
        self,
        name: StepName,
        action: Callable[[], Answer | None],
        subject: str = "",
        limit: float | None = None,
    ) -> Answer | None:
        """Take a step that nothing depends on; ``None`` when it failed."""
        try:
            return self.take(name, action, subject, limit)
        except StepFailed:
            return None
