"""Faults of what the plugin computes in place of vLLM's operators."""

from hwcheck_sample_cpu_faults.fault import fault

_GELU = "hwcheck_sample_cpu::gelu_and_mul"


@fault(breaks=("operator.value[RMSNorm]",))
def norm_adds_epsilon_outside() -> None:
    """Epsilon is added to the inverse root, not to the mean square."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        if self.variance_size_override is not None:
            return right(self, x, residual)
        wide = x.float() if residual is None else x.float() + residual.float()
        mean = wide.pow(2).mean(dim=-1, keepdim=True)
        normed = (wide * (torch.rsqrt(mean) + self.variance_epsilon)).to(x.dtype) * self.weight
        return normed if residual is None else (normed, wide.to(x.dtype))

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.value[RMSNorm]",))
def norm_squares_in_half() -> None:
    """Squares are taken in the model's dtype, where float16 does not hold that of 400."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        if self.variance_size_override is not None:
            return right(self, x, residual)
        wide = x if residual is None else x + residual
        scale = torch.rsqrt(wide.pow(2).mean(dim=-1, keepdim=True) + self.variance_epsilon)
        normed = wide * scale * self.weight
        return normed if residual is None else (normed, wide)

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.value[RMSNorm]",))
def norm_forgets_to_add_the_residual() -> None:
    """The second output is the residual that came in, without the input added."""
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        found = right(self, x, residual)
        return found if residual is None else (found[0], residual.clone())

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.value[RMSNorm]",))
def norm_takes_the_mean_of_all_rows() -> None:
    """One mean square is taken over all tokens of a batch."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        if residual is not None or self.variance_size_override is not None:
            return right(self, x, residual)
        scale = torch.rsqrt(x.float().pow(2).mean() + self.variance_epsilon)
        return (x.float() * scale).to(x.dtype) * self.weight

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.value[SiluAndMul]",))
def silu_of_the_other_half() -> None:
    """Gate and up are exchanged."""
    import torch
    from hwcheck_sample_cpu.operators import SampleSiluAndMul

    def wrong(self, x):
        up, gate = x.chunk(2, dim=-1)
        return torch.nn.functional.silu(gate) * up

    SampleSiluAndMul.forward_oot = wrong


@fault(breaks=("operator.value[SiluAndMul]",))
def silu_is_two_percent_off() -> None:
    """The result is two per cent too large."""
    from hwcheck_sample_cpu.operators import SampleSiluAndMul

    right = SampleSiluAndMul.forward_oot
    SampleSiluAndMul.forward_oot = lambda self, x: right(self, x) * 1.02


@fault(breaks=("operator.value[SiluAndMul]",))
def silu_leaves_a_row_unwritten() -> None:
    """Now and then the last row is what was in memory before."""
    from hwcheck_sample_cpu.operators import SampleSiluAndMul

    right, calls = SampleSiluAndMul.forward_oot, [0]

    def wrong(self, x):
        found = right(self, x)
        calls[0] += 1
        if calls[0] % 7 == 0 and found.numel():
            found[..., -1, :] = 1e5
        return found

    SampleSiluAndMul.forward_oot = wrong


@fault(breaks=("operator.value[GeluAndMul]",))
def gelu_ignores_its_mode() -> None:
    """The exact GELU is computed where its approximation was asked for."""
    import torch
    from hwcheck_sample_cpu.operators import SampleGeluAndMul

    SampleGeluAndMul.forward_oot = lambda self, x: torch.ops.hwcheck_sample_cpu.gelu_and_mul(
        x, "none"
    )


@fault(breaks=("operator.value[RotaryEmbedding]",))
def rotary_pairs_the_wrong_elements() -> None:
    """Neighbours are turned where halves should be, and the other way round."""
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        self.is_neox_style = not self.is_neox_style
        try:
            return right(self, positions, query, key)
        finally:
            self.is_neox_style = not self.is_neox_style

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("operator.value[RotaryEmbedding]",))
def rotary_turns_the_end_of_a_head() -> None:
    """With a partial rotary dimension, the last elements of a head are turned, not the first."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding._turned

    def wrong(self, x, cosines, sines):
        shift = self.head_size - self.rotary_dim
        heads = x.reshape(cosines.shape[0], -1, self.head_size).roll(shift, -1)
        turned = right(self, heads.reshape(x.shape), cosines, sines)
        heads = turned.reshape(cosines.shape[0], -1, self.head_size)
        return torch.roll(heads, -shift, -1).reshape(x.shape)

    SampleRotaryEmbedding._turned = wrong


@fault(breaks=("operator.value[RotaryEmbedding]",))
def rotary_is_a_position_late() -> None:
    """Each token is turned by the angle of the one before it."""
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        return right(self, (positions - 1).clamp(min=0), query, key)

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("operator.layout[RMSNorm]",))
def norm_overwrites_its_input() -> None:
    """The norm is written over its input, which is the residual of what follows."""
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        found = right(self, x, residual)
        return x.copy_(found) if residual is None else found

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.layout[RMSNorm]",))
def norm_ignores_strides() -> None:
    """The input is read as if its rows followed each other."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRMSNorm

    right = SampleRMSNorm.forward_oot

    def wrong(self, x, residual=None):
        dense = torch.empty(x.shape, device="meta").stride()
        return right(self, x.as_strided(x.shape, dense, x.storage_offset()), residual)

    SampleRMSNorm.forward_oot = wrong


@fault(breaks=("operator.layout[SiluAndMul]",))
def silu_gives_float32() -> None:
    """The result is of dtype float32, whatever the input is."""
    import torch
    from hwcheck_sample_cpu.operators import SampleSiluAndMul

    def wrong(self, x):
        gate, up = x.float().chunk(2, dim=-1)
        return torch.nn.functional.silu(gate) * up

    SampleSiluAndMul.forward_oot = wrong


@fault(breaks=("operator.layout[RotaryEmbedding]",))
def rotary_gives_heads_apart() -> None:
    """Queries come back with an axis for the heads."""
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        turned, keys = right(self, positions, query, key)
        return turned.reshape(len(query), -1, self.head_size), keys

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("operator.layout[RotaryEmbedding]",))
def rotary_overwrites_positions() -> None:
    """The positions, which all layers share, are zero after the first."""
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        found = right(self, positions, query, key)
        positions.fill_(-1)
        return found

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("operator.layout[RotaryEmbedding]",))
def rotary_writes_beside_the_query() -> None:
    """The keys are turned in place with the stride of a tensor of their own."""
    import torch
    from hwcheck_sample_cpu.operators import SampleRotaryEmbedding

    right = SampleRotaryEmbedding.forward_oot

    def wrong(self, positions, query, key=None):
        turned, keys = right(self, positions, query, key)
        dense = torch.empty(key.shape, device="meta").stride()
        key.as_strided(key.shape, dense, key.storage_offset()).copy_(keys)
        return turned, keys

    SampleRotaryEmbedding.forward_oot = wrong


@fault(breaks=("operator.registration[rms_norm]",))
def norm_is_registered_by_the_wrong_name() -> None:
    """The norm is registered by the name of vLLM's operator, not by that of its class."""
    from hwcheck_sample_cpu import register_ops

    register_ops()
    from vllm.model_executor.custom_op import op_registry_oot

    op_registry_oot["rms_norm"] = op_registry_oot.pop("RMSNorm")
    _stop_registering("RMSNorm")


@fault(breaks=("operator.registration[SiluAndMul]",))
def silu_does_not_derive() -> None:
    """The replacement is an operator, and does not derive from the class that it replaces."""
    from hwcheck_sample_cpu import operators, register_ops
    from vllm.model_executor.custom_op import CustomOp, op_registry_oot

    register_ops()

    class Stranger(CustomOp):
        name = "SiluAndMul"
        forward_oot = operators.SampleSiluAndMul.forward_oot

    op_registry_oot["SiluAndMul"] = Stranger


@fault(breaks=("operator.registration[GeluAndMul]",))
def gelu_asks_for_more() -> None:
    """The constructor asks for an argument that vLLM does not give."""
    from hwcheck_sample_cpu.operators import SampleGeluAndMul
    from vllm.model_executor.layers.activation import GeluAndMul

    def wrong(self, approximate="none", *, stream):
        GeluAndMul.__init__(self, approximate)

    SampleGeluAndMul.__init__ = wrong


@fault(breaks=("operator.registration[GeluAndMul]",))
def gelu_is_not_initialised() -> None:
    """The constructor does not call that of vLLM's class."""
    from hwcheck_sample_cpu.operators import SampleGeluAndMul

    def wrong(self, approximate="none"):
        pass

    SampleGeluAndMul.__init__ = wrong


@fault(breaks=("operator.registration[SiluAndMul]",))
def silu_calls_the_native_method() -> None:
    """The constructor chooses vLLM's method, so the plugin's is never called."""
    from hwcheck_sample_cpu.operators import SampleSiluAndMul
    from vllm.model_executor.layers.activation import SiluAndMul

    def wrong(self, **settings):
        SiluAndMul.__init__(self, **settings)
        self._forward_method = self.forward_native

    SampleSiluAndMul.__init__ = wrong


@fault(breaks=(f"operator.schema[{_GELU}]", "operator.layout[GeluAndMul]"))
def gelu_writes_undeclared() -> None:
    """The operator writes over an input that its schema does not call mutable."""
    import torch

    def wrong(x, approximate):
        gate, up = x.chunk(2, dim=-1)
        gate.copy_(torch.nn.functional.gelu(gate, approximate=approximate))
        return gate * up

    _implement(wrong)


@fault(breaks=("operator.schema[hwcheck_sample_cpu::passed_on]",))
def operator_gives_its_input() -> None:
    """An operator that nothing calls gives its input back, where the schema says a new tensor."""
    from hwcheck_sample_cpu.torch_operators import _LIBRARY

    _LIBRARY.define("passed_on(Tensor x) -> Tensor")
    _LIBRARY.impl("passed_on", lambda x: x, "CPU")


@fault(breaks=("operator.schema[vllm::sample_cpu_doubled]",))
def operator_of_the_host_writes_undeclared() -> None:
    """An operator in vLLM's namespace, without a fake, doubles its input in place as well."""
    import torch
    from vllm.utils.torch_utils import direct_register_custom_op

    def doubled(x: torch.Tensor) -> torch.Tensor:
        return x.mul_(2) + 0

    direct_register_custom_op(op_name="sample_cpu_doubled", op_func=doubled)


@fault(breaks=(f"operator.fake[{_GELU}]",))
def gelu_fake_of_the_wrong_shape() -> None:
    """The fake's result is as wide as the input."""
    _pretend(lambda x, approximate: x.new_empty(x.shape))


@fault(breaks=(f"operator.fake[{_GELU}]",))
def gelu_fake_of_the_wrong_dtype() -> None:
    """The fake's result is of dtype float16, whatever the input is."""
    import torch

    def wrong(x, approximate):
        return x.new_empty((*x.shape[:-1], x.shape[-1] // 2), dtype=torch.float16)

    _pretend(wrong)


@fault(breaks=("ir.value[rms_norm.sample_cpu]",))
def ir_norm_forgets_the_weight() -> None:
    """The provider of the IR norm does not multiply by the weight."""
    right = _ir_norm().impl_fn
    _ir_norm().impl_fn = lambda x, weight, epsilon, variance_size=None: right(x, None, epsilon)


@fault(breaks=("ir.value[rms_norm.sample_cpu]",))
def ir_norm_overwrites_its_input() -> None:
    """The provider works in place, and is not registered so."""
    right = _ir_norm().impl_fn

    def wrong(x, weight, epsilon, variance_size=None):
        return x.copy_(right(x, weight, epsilon)).clone()

    _ir_norm().impl_fn = wrong


@fault(breaks=("ir.value[rms_norm.sample_cpu]",))
def ir_norm_gives_float32() -> None:
    """The provider's result is of dtype float32, whatever the input is."""
    right = _ir_norm().impl_fn

    def wrong(x, weight, epsilon, variance_size=None):
        return right(x, weight, epsilon).float()

    _ir_norm().impl_fn = wrong


def _ir_norm():
    import hwcheck_sample_cpu.ir_kernels  # noqa: F401
    from vllm.ir.op import IrOp

    return IrOp.registry["rms_norm"].impls["sample_cpu"]


def _stop_registering(name):
    from hwcheck_sample_cpu import operators

    operators._REPLACEMENTS.pop(name)


#: Torch forgets what a library says when the library is forgotten.
_KEPT = []


def _implement(function):
    from hwcheck_sample_cpu import register_ops
    from torch.library import Library

    register_ops()
    library = Library("hwcheck_sample_cpu", "IMPL")
    library.impl("gelu_and_mul", function, "CPU", allow_override=True)
    _KEPT.append(library)


def _pretend(function):
    from hwcheck_sample_cpu import register_ops, torch_operators

    register_ops()
    torch_operators._LIBRARY._register_fake("gelu_and_mul", function, allow_override=True)
