"""Faults of the device communicator and its collectives."""

import os
import signal
import time

from hwcheck_sample_cpu_faults.fault import fault


def _communicator() -> type:
    from hwcheck_sample_cpu.communicator import SampleCommunicator

    return SampleCommunicator


@fault(
    breaks=(
        "platform.concrete[get_device_communicator_cls]",
        "communicator.construct",
    )
)
def communicator_takes_the_keywords_of_yesterday() -> None:
    """The communicator's __init__() does not know the newest keyword."""

    def init(self, cpu_group, device=None, device_group=None, unique_name=""):
        super(_communicator(), self).__init__(cpu_group, device, device_group, unique_name)

    _communicator().__init__ = init


@fault(breaks=("communicator.construct",))
def communicator_takes_each_rank_for_the_first() -> None:
    """The communicator sets its rank before it knows it."""
    right = _communicator().__init__

    def init(self, *given, **named):
        right(self, *given, **named)
        self.rank_in_group = 0

    _communicator().__init__ = init


@fault(breaks=("communicator.construct",))
def communicator_crashes_when_built() -> None:
    """Building the communicator kills the process, in the second rank alone."""
    right = _communicator().__init__

    def init(self, *given, **named):
        right(self, *given, **named)
        if self.rank_in_group:
            os.kill(os.getpid(), signal.SIGSEGV)

    _communicator().__init__ = init


@fault(breaks=("communicator.collective[all_reduce]",))
def all_reduce_in_half_precision() -> None:
    """Wide tensors are sent as bfloat16."""
    import torch

    right = _communicator().all_reduce

    def wrong(self, input_):
        return right(self, input_.to(torch.bfloat16)).to(input_.dtype)

    # reduce_scatterv() is built on it, and stays as it was.
    _communicator()._exact = right
    _communicator().all_reduce = wrong
    _repair_reduce_scatterv()


@fault(breaks=("communicator.collective[all_reduce]",))
def all_reduce_gives_back_its_input() -> None:
    """The sum is computed, and what went in comes back."""
    right = _communicator().all_reduce

    def wrong(self, input_):
        right(self, input_.clone())
        return input_

    _communicator()._exact = right
    _communicator().all_reduce = wrong
    _repair_reduce_scatterv()


def _repair_reduce_scatterv() -> None:
    def reduce_scatterv(self, input_, dim=-1, sizes=None):
        summed = self._exact(input_.contiguous().clone())
        parts = summed.split(sizes, dim) if sizes else summed.chunk(self.world_size, dim)
        return parts[self.rank_in_group]

    _communicator().reduce_scatterv = reduce_scatterv


@fault(breaks=("communicator.collective[all_gather]",))
def all_gather_takes_a_negative_dimension_for_the_first() -> None:
    """A dimension that is counted from the end is taken for the first."""
    right = _communicator().all_gather

    def wrong(self, input_, dim=-1):
        return right(self, input_, max(dim, 0))

    _communicator().all_gather = wrong


@fault(breaks=("communicator.collective[all_gather]",))
def all_gather_hangs_in_one_rank() -> None:
    """The second rank never gets to the call."""
    right = _communicator().all_gather

    def wrong(self, input_, dim=-1):
        while self.rank_in_group:
            time.sleep(1.0)
        return right(self, input_, dim)

    _communicator().all_gather = wrong


@fault(breaks=("communicator.collective[all_gatherv]",))
def all_gatherv_expects_equal_rows() -> None:
    """The numbers of rows are not looked at."""

    def wrong(self, input_, dim=0, sizes=None):
        return self.all_gather(input_[: min(sizes or [len(input_)])].contiguous(), dim)

    _communicator().all_gatherv = wrong


@fault(breaks=("communicator.collective[reduce_scatter]",))
def reduce_scatter_keeps_the_other_part() -> None:
    """Each rank gets the part of the other."""

    def wrong(self, input_, dim=-1):
        summed = self.all_reduce(input_.contiguous().clone())
        return summed.chunk(self.world_size, dim)[1 - self.rank_in_group]

    _communicator().reduce_scatter = wrong


@fault(breaks=("communicator.collective[reduce_scatter]",))
def reduce_scatter_reads_views_as_they_lie() -> None:
    """A view that is not contiguous is read in the order of memory."""
    right = _communicator().reduce_scatter

    def wrong(self, input_, dim=-1):
        flat = input_.as_strided((input_.numel(),), (1,))
        return right(self, flat.view(input_.shape), dim)

    _communicator().reduce_scatter = wrong


@fault(breaks=("communicator.collective[reduce_scatterv]",))
def reduce_scatterv_gives_equal_parts() -> None:
    """The rows are cut in the middle, whatever was asked for."""
    right = _communicator().reduce_scatterv

    def wrong(self, input_, dim=-1, sizes=None):
        return right(self, input_, dim, None)

    _communicator().reduce_scatterv = wrong


@fault(breaks=("communicator.collective[gather]",))
def gather_joins_along_the_first_dimension() -> None:
    """The dimension is not looked at."""
    right = _communicator().gather

    def wrong(self, input_, dst=0, dim=-1):
        return right(self, input_, dst, 0)

    _communicator().gather = wrong


@fault(breaks=("communicator.collective[broadcast]",))
def broadcast_comes_from_the_first_rank() -> None:
    """The source is not looked at."""
    right = _communicator().broadcast

    def wrong(self, tensor, src=0):
        return right(self, tensor, 0)

    _communicator().broadcast = wrong


@fault(breaks=("communicator.collective[send-recv]",))
def recv_rounds() -> None:
    """What is received is rounded to bfloat16."""
    import torch

    right = _communicator().recv

    def wrong(self, size, dtype, src=None):
        return right(self, size, dtype, src).to(torch.bfloat16).to(dtype)

    _communicator().recv = wrong


@fault(breaks=("communicator.collective[send-recv]",))
def send_raises_without_a_rank() -> None:
    """Nothing is sent where the next rank is meant and not named."""
    right = _communicator().send

    def wrong(self, tensor, dst=None):
        right(self, tensor, self.ranks.index(dst))

    _communicator().send = wrong
