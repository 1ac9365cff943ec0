"""The communicator between devices, by way of the host: gloo knows no other memory."""

import torch
import torch.distributed as dist
from vllm.distributed.device_communicators.base_device_communicator import (
    DeviceCommunicatorBase,
)

__all__ = ["SampleDeviceCommunicator"]


class SampleDeviceCommunicator(DeviceCommunicatorBase):
    """Copy to the host, communicate in the group of the host, copy back."""

    def all_reduce(self, input_: torch.Tensor) -> torch.Tensor:
        """Sum over all ranks; the input keeps its value."""
        staged = self._staged(input_)
        dist.all_reduce(staged, group=self.cpu_group)
        return staged.to(input_.device)

    def all_gather(self, input_: torch.Tensor, dim: int = -1) -> torch.Tensor:
        """Join the inputs of all ranks, which have one shape."""
        staged = self._staged(input_)
        parts = [torch.empty_like(staged) for _ in range(self.world_size)]
        dist.all_gather(parts, staged, group=self.cpu_group)
        return torch.cat(parts, dim=dim).to(input_.device)

    def all_gatherv(
        self,
        input_: torch.Tensor | list[torch.Tensor],
        dim: int = 0,
        sizes: list[int] | None = None,
    ) -> torch.Tensor | list[torch.Tensor]:
        """Join the inputs of all ranks, of which rank i has `sizes[i]` rows."""
        if isinstance(input_, list):
            return [self._gathered_rows(tensor, dim, sizes) for tensor in input_]
        return self._gathered_rows(input_, dim, sizes)

    def reduce_scatter(self, input_: torch.Tensor, dim: int = -1) -> torch.Tensor:
        """Sum over all ranks and keep this rank's equal part."""
        return self.all_reduce(input_).chunk(self.world_size, dim)[self.rank_in_group].contiguous()

    def reduce_scatterv(
        self, input_: torch.Tensor, dim: int = -1, sizes: list[int] | None = None
    ) -> torch.Tensor:
        """Sum over all ranks and keep this rank's part of `sizes`."""
        if sizes is None:
            return self.reduce_scatter(input_, dim)
        return self.all_reduce(input_).split(sizes, dim)[self.rank_in_group].contiguous()

    def gather(self, input_: torch.Tensor, dst: int = 0, dim: int = -1) -> torch.Tensor | None:
        """Join the inputs of all ranks on rank `dst`; the others get None."""
        staged = self._staged(input_)
        is_target = self.rank_in_group == dst
        parts = [torch.empty_like(staged) for _ in range(self.world_size)] if is_target else None
        dist.gather(staged, parts, dst=self.ranks[dst], group=self.cpu_group)
        return None if parts is None else torch.cat(parts, dim=dim).to(input_.device)

    def broadcast(self, tensor: torch.Tensor, src: int = 0) -> torch.Tensor:
        """Fill `tensor` with that of rank `src`."""
        staged = self._staged(tensor)
        dist.broadcast(staged, self.ranks[src], self.cpu_group)
        return tensor.copy_(staged)

    def send(self, tensor: torch.Tensor, dst: int | None = None) -> None:
        """Send to a rank, the next one unless told."""
        target = (self.rank_in_group + 1) % self.world_size if dst is None else dst
        dist.send(self._staged(tensor), self.ranks[target], self.cpu_group)

    def recv(self, size: torch.Size, dtype: torch.dtype, src: int | None = None) -> torch.Tensor:
        """Receive from a rank, the one before unless told."""
        source = (self.rank_in_group - 1) % self.world_size if src is None else src
        staged = torch.empty(size, dtype=dtype)
        dist.recv(staged, self.ranks[source], self.cpu_group)
        return staged.to(self.device)

    def _staged(self, tensor: torch.Tensor) -> torch.Tensor:
        # A copy in any case: a group may write into what it is given.
        return tensor.detach().to("cpu", copy=True).contiguous()

    def _gathered_rows(
        self, tensor: torch.Tensor, dim: int, sizes: list[int] | None
    ) -> torch.Tensor:
        if sizes is None:
            return self.all_gather(tensor, dim)
        rows = self._staged(tensor.movedim(dim, 0))
        # Groups of gloo gather equal shapes only.
        padded = rows.new_zeros(max(sizes), *rows.shape[1:])
        padded[: rows.shape[0]] = rows
        parts = [torch.empty_like(padded) for _ in range(self.world_size)]
        dist.all_gather(parts, padded, group=self.cpu_group)
        joined = torch.cat([part[:size] for part, size in zip(parts, sizes, strict=True)])
        return joined.movedim(0, dim).contiguous().to(tensor.device)
