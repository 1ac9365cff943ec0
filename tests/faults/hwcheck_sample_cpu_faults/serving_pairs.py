"""Faults of two abilities together: each of them by itself is served right."""

from hwcheck_sample_cpu_faults.fault import fault
from hwcheck_sample_cpu_faults.scheduler_patches import schedulers


def _change_requests(change) -> None:
    """Change each request when the scheduler gets it."""
    for cls in schedulers():

        def wrong(self, request, right=cls.add_request):
            change(request)
            right(self, request)

        cls.add_request = wrong


@fault(breaks=("pairs.combined[lora+structured-output]",))
def constraints_are_dropped_beside_adapters() -> None:
    """A request with an adapter loses its constraint, and nothing says so."""
    from vllm.v1.request import RequestStatus

    def without_constraint(request) -> None:
        if request.lora_request is not None and request.structured_output_request is not None:
            request.structured_output_request = None
            request.status = RequestStatus.WAITING

    _change_requests(without_constraint)


@fault(breaks=("pairs.combined[lora+seeds]",))
def adapters_share_a_generator() -> None:
    """Requests with an adapter are drawn from the generator of all, whatever their seed."""

    def without_seed(request) -> None:
        if request.lora_request is not None:
            request.sampling_params.seed = None

    _change_requests(without_seed)


@fault(breaks=("pairs.combined[preemption+sampling-parameters]",))
def penalties_are_lost_on_resuming() -> None:
    """A request that had to wait for others comes back without its penalties."""
    for cls in schedulers():

        def wrong(self, request, *given, right=cls._preempt_request, **named):
            request.sampling_params.frequency_penalty = 0.0
            right(self, request, *given, **named)

        cls._preempt_request = wrong
