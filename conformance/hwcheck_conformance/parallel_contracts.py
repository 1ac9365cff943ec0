"""The contracts about engines with several workers, each in a process of its own."""

from functools import partial

from hwcheck.model.contract import Contract, Profile
from hwcheck_conformance.served_contract import served

__all__ = ["ALL"]

_REFERENCE = (
    "against a float64 implementation in another process, on the engine's own tokens, with the "
    "tolerance of generate.greedy"
)
_STOPPED = (
    "after shutdown of an engine with two workers: their processes, the files of shared memory "
    "that they used, and sockets that listen"
)
_STOP_REMEDY = (
    "end in the worker's shutdown() what the worker has started, and remove what it has made; "
    "start processes as daemons of it"
)

_parallel = partial(served, profile=Profile.P3, child="parallel")

TENSOR_GREEDY = _parallel(
    "family.tensor-parallel.greedy",
    "Two workers that share each layer give the tokens of the reference, or are refused",
    relied_on_by="RowParallelLinear and VocabParallelEmbedding in vllm/model_executor/layers, by "
    "GroupCoordinator in vllm/distributed/parallel_state.py",
    remedy="compare the communicator's calls with communicator.collective; take the rank's own "
    "device from local_rank; refuse tensor_parallel_size in check_and_update_config() where "
    "workers cannot be joined",
    checked=f"24 tokens for one prompt and for eight at once, {_REFERENCE}",
)
TENSOR_RANKS = _parallel(
    "family.tensor-parallel.ranks",
    "Each of the two workers has its own process, its share of the heads, and work",
    relied_on_by="MultiprocExecutor in vllm/v1/executor/multiproc_executor.py; "
    "ParallelConfig.world_size",
    remedy="leave tensor_parallel_size as it is, start the worker with the rank that it is given, "
    "and build its groups with init_worker_distributed_environment()",
    checked="the workers are asked in their own processes: ranks and size of their group; each "
    "keeps half of the heads of keys and values of every layer; its attention layers are called",
)
TENSOR_STOP = _parallel(
    "family.tensor-parallel.stop",
    "Workers that shared layers leave nothing behind",
    relied_on_by="MultiprocExecutor.shutdown() in vllm/v1/executor/multiproc_executor.py",
    remedy=_STOP_REMEDY,
    checked=_STOPPED,
)
PIPELINE_GREEDY = _parallel(
    "family.pipeline-parallel.greedy",
    "Two workers that share the layers give the tokens of the reference, or are refused",
    relied_on_by="Worker.execute_model() in vllm/v1/worker/gpu_worker.py: hands the states of one "
    "stage to the next",
    remedy="receive the tensors of the stage before, hand those of this one on, and sample in the "
    "last; refuse pipeline_parallel_size in check_and_update_config() where that is not done",
    checked=f"24 tokens for one prompt and for eight at once, {_REFERENCE}",
)
PIPELINE_RANKS = _parallel(
    "family.pipeline-parallel.ranks",
    "Each of the two workers has its own process, its share of the layers, and work",
    relied_on_by="make_layers() in vllm/model_executor/models/utils.py; get_pp_group()",
    remedy="leave pipeline_parallel_size as it is, and build the layers of the worker's own stage",
    checked="the workers are asked in their own processes: ranks and size of their group; each "
    "has one of the two attention layers, which is called",
)
PIPELINE_STOP = _parallel(
    "family.pipeline-parallel.stop",
    "Workers that shared the layers leave nothing behind",
    relied_on_by="MultiprocExecutor.shutdown() in vllm/v1/executor/multiproc_executor.py",
    remedy=_STOP_REMEDY,
    checked=_STOPPED,
)
DATA_GREEDY = _parallel(
    "family.data-parallel.greedy",
    "Two engines with the whole model each give the tokens of the reference, or are refused",
    relied_on_by="DPLBAsyncMPClient in vllm/v1/engine/core_client.py, which vllm serve uses with "
    "--data-parallel-size",
    remedy="give each engine devices of its own: its workers are told their place by "
    "data_parallel_index and data_parallel_rank_local of the ParallelConfig",
    checked="24 tokens for four prompts from each of the two engines, and for eight that vLLM "
    f"shares out, {_REFERENCE}",
)
DATA_RANKS = _parallel(
    "family.data-parallel.ranks",
    "Each of the two engines has a worker in a process of its own, and does what it is given",
    relied_on_by="CoreEngineProcManager in vllm/v1/engine/utils.py",
    remedy="leave data_parallel_size as it is, and take no device that another engine has",
    checked="the workers are asked in their own processes; one request is given to the first "
    "engine and two to the second, and the requests that each has finished are counted",
)
DATA_STOP = _parallel(
    "family.data-parallel.stop",
    "Engines that shared requests leave nothing behind",
    relied_on_by="AsyncLLM.shutdown() in vllm/v1/engine/async_llm.py",
    remedy=_STOP_REMEDY,
    checked=_STOPPED,
)

ALL = tuple(item for item in list(globals().values()) if isinstance(item, Contract))
