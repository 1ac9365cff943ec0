"""The communicator between devices: the common one, whose groups run on gloo."""

import torch
import torch.distributed
from vllm.distributed.device_communicators.base_device_communicator import (
    DeviceCommunicatorBase,
)

__all__ = ["SampleCommunicator"]


class SampleCommunicator(DeviceCommunicatorBase):
    """Reduce and gather with torch.distributed, nothing faster."""

    def all_gatherv(
        self,
        input_: torch.Tensor | list[torch.Tensor],
        dim: int = 0,
        sizes: list[int] | None = None,
    ) -> torch.Tensor | list[torch.Tensor]:
        """Join tensors whose ranks have different numbers of rows."""
        if isinstance(input_, list):
            return [self._joined(item, dim, sizes) for item in input_]
        return self._joined(input_, dim, sizes)

    def reduce_scatterv(
        self, input_: torch.Tensor, dim: int = -1, sizes: list[int] | None = None
    ) -> torch.Tensor:
        """Add up, and keep this rank's rows."""
        summed = self.all_reduce(input_.clone(memory_format=torch.contiguous_format))
        if sizes is None:
            return summed.chunk(self.world_size, dim)[self.rank_in_group]
        return summed.split(sizes, dim)[self.rank_in_group]

    def _joined(self, mine: torch.Tensor, dim: int, sizes: list[int] | None) -> torch.Tensor:
        rows = sizes or [mine.shape[dim]] * self.world_size
        parts = []
        for rank, count in enumerate(rows):
            shape = list(mine.shape)
            shape[dim] = count
            part = mine.contiguous() if rank == self.rank_in_group else mine.new_empty(shape)
            torch.distributed.broadcast(part, self.ranks[rank], self.device_group)
            parts.append(part)
        return torch.cat(parts, dim=dim)
