"""The contracts about operators: what the plugin computes in place of vLLM."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL"]

_CHILD = _GROUP = "operators"


def _operators(
    id_: str, title: str, *, relied_on_by: str, remedy: str, checked: str, since: str | None = None
) -> Contract:
    return Contract(
        id=id_,
        profile=Profile.P1,
        title=title,
        relied_on_by=relied_on_by,
        remedy=remedy,
        checked=checked,
        examined_in=_CHILD,
        group=_GROUP,
        since=since,
    )


REGISTRATION = _operators(
    "operator.registration",
    "An operator registered in place of one of vLLM's is constructed and called instead of it",
    relied_on_by="CustomOp.__new__() and PluggableLayer.__new__() in "
    "vllm/model_executor/custom_op.py: look the name of the class up in op_registry_oot; "
    "CustomOp.dispatch_forward(): picks the method",
    remedy="register by the name of vLLM's class (not of the operator), derive from that class, "
    "call super().__init__() and define forward_oot()",
    checked="for each operator class that the plugin registered: vLLM has an operator class of "
    "that name, the replacement derives from it, vLLM's own constructor calls make the "
    "replacement with __init__ run, and forward_oot is the method that vLLM calls when the "
    "operator is enabled. A replacement of a class that hwcheck does not know how to construct is "
    "not measured",
)
VALUE = _operators(
    "operator.value",
    "An operator computes what vLLM's native implementation computes",
    relied_on_by="CustomOp.forward() in vllm/model_executor/custom_op.py, called by every layer "
    "of every model",
    remedy="compare forward_oot() with forward_native() on the example; accumulate in float32",
    checked="40 uses in each dtype that the platform serves in: widths around the sizes of "
    "registers, values of zero, of thousandths and of 400 (whose square float16 does not hold), "
    "residuals, partial rotary dimensions, all modes of the constructor. The result may differ "
    "from vLLM's native implementation in float64 by 8 units in the last place of the value and a "
    "quarter of one of the largest value in its row (four times that for products and angles), or "
    "by twice what vLLM's own is off in that row. A clean NotImplementedError is no breach",
)
LAYOUT = _operators(
    "operator.layout",
    "An operator leaves its inputs alone, takes them with any strides, and gives vLLM's form",
    relied_on_by="LlamaDecoderLayer.forward() in vllm/model_executor/models/llama.py: keeps the "
    "input of a norm as the residual; LlamaAttention.forward(): hands parts of the rows of qkv to "
    "rotary_emb()",
    remedy="write to a new tensor, use the strides of the input, and return the dtype of the input",
    checked="25 uses in each dtype: the inputs that no implementation of vLLM's own overwrites "
    "are the same afterwards; the outputs are of the number, shape, dtype and device of the "
    "native ones; norms and rotary embeddings give for parts of wider rows what they give for "
    "tensors of their own, and write nothing beside them",
)
SCHEMA = _operators(
    "operator.schema",
    "An operator of torch's registry writes over what its schema says, and aliases nothing else",
    relied_on_by="support_torch_compile() in vllm/compilation/decorators.py: torch trusts the "
    "schema when it reorders calls and uses memory again",
    remedy="name what is written in mutates_args, and return new tensors",
    checked="torch.library.opcheck (test_schema) on the calls that the plugin's replacements of "
    "vLLM's operators make, or, where none does, on arguments made from the schema",
)
FAKE = _operators(
    "operator.fake",
    "The fake of an operator gives tensors of the shape, dtype and strides that the operator gives",
    relied_on_by="support_torch_compile() in vllm/compilation/decorators.py: the graph is traced "
    "with fakes",
    remedy="make the fake return empty tensors of exactly the form of the real results",
    checked="torch.library.opcheck (test_faketensor) on the same calls; an operator without a "
    "fake cannot be a part of a compiled graph, and is not asked",
)
IR_VALUE = _operators(
    "ir.value",
    "A provider of an IR operator gives what the native implementation gives",
    relied_on_by="IrOp.dispatch() in vllm/ir/op.py: calls the first provider of the platform's "
    "priority that supports the arguments",
    remedy="correct the implementation, or say in supports_args what it does not compute; "
    "register it as inplace if it overwrites its activations",
    checked="60 uses made by vLLM's own generator of inputs (IrOp.generate_inputs), within vLLM's "
    "own tolerance for the dtype (vllm/ir/tolerances.py); arguments are the same afterwards "
    "unless the provider is registered as inplace",
    since="0.20.0",
)
ATTENTION = _operators(
    "attention.value",
    "Attention attends to what is before a token in its own request, and to nothing else",
    relied_on_by="Attention.forward() in vllm/model_executor/layers/attention/attention.py: calls "
    "the implementation of the backend that get_attn_backend_cls() names",
    remedy="compare the step in the example with plain attention: the mask of later pieces, the "
    "slots that keys are written to, the block table, the scale, the sharing of key heads",
    checked="a layer of vLLM's with the platform's backend, over nine steps that mix prompts, "
    "later pieces and decodes of five requests whose blocks are in no order and hold what others "
    "left: three dtypes, three ways to share key heads, two head sizes, four block sizes, a "
    "sliding window. Each step is compared with float64 attention over all tokens of the request",
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
