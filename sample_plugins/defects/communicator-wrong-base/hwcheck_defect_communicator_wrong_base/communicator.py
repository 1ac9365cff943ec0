"""A communicator that was written from scratch."""

__all__ = ["Communicator"]


class Communicator:
    """Look like a communicator without being vLLM's."""

    def all_reduce(self, tensor: object) -> object:
        """Return the only part of the sum that there is."""
        return tensor
