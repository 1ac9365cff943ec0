"""Examinations: an engine that is stopped and started again, and its worker while it lives."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from time import monotonic, sleep

from hwcheck.exercise.bench import Bench, Examination
from hwcheck.exercise.preparation import prepared
from hwcheck.exercise.serving.asking import CORE, compared, greedy, worst
from hwcheck.exercise.serving.engine import Engine
from hwcheck.exercise.serving.leftovers import Holdings, growing, held_now
from hwcheck.exercise.serving.prompts import PROMPTS
from hwcheck.exercise.serving.reference_client import Reference
from hwcheck.exercise.serving.shared_engine import serving, with_engine
from hwcheck.exercise.starts import Starting
from hwcheck.exercise.verdicts import broken, kept, not_applicable, not_measured
from hwcheck.model.examination import ExaminedCase
from hwcheck.model.outcome import Figure

__all__ = ["EXAMINATIONS"]

#: How often an engine is stopped and looked at; the first may leave what is made once.
_STOPS = 3
_FEW_STOPS = 2
_NEW = 8
#: Bytes of memory that one more restart may cost: half of the smallest cache that leaks.
_MEMORY = 16 * 2**20
#: Seconds for threads and processes that are told to end, and between two looks at them.
_GRACE, _PAUSE = 1.0, 0.05


@prepared
def _restart(bench: Bench) -> Iterator[ExaminedCase]:
    shared = serving(bench)
    reference = shared.reference(CORE.recipe)
    tokens, faults = [], []
    held: list[Holdings] = []
    device: list[int | None] = []
    for _ in range(_FEW_STOPS if bench.is_brief else _STOPS):
        engine = shared.engine(CORE)
        asked = [greedy(prompt, max_tokens=_NEW) for prompt in PROMPTS[:4]]
        answers = engine.first(asked)
        tokens.append([answer.tokens for answer in answers])
        faults.append(worst(compared(engine, reference, asked, answers)).fault)
        del engine
        during = held_now()
        shared.stop()
        held.append(_left(during, held))
        device.append(_device_memory())
    yield _judged_tokens(tokens, faults)
    yield _judged_memory("memory", [item.resident for item in held])
    if counted := [size for size in device if size is not None]:
        yield _judged_memory("device-memory", counted)
    else:
        yield not_applicable("torch knows no memory of a device here", "device-memory")
    left = growing(held)
    for kind in ("processes", "threads", "ports", "shared memory"):
        name = kind.replace(" ", "-")
        if kind in left:
            yield broken(f"each engine leaves {kind} behind: {left[kind]}", name)
        else:
            yield kept(name)


def _left(during: Holdings, held: Sequence[Holdings]) -> Holdings:
    """Look at what is held; what is new since the look before has a moment to end by itself."""
    end = monotonic() + _GRACE
    now = held_now(during)
    while held and _is_more(now, held[-1]) and monotonic() < end:
        sleep(_PAUSE)
        now = held_now(during)
    return now


def _is_more(now: Holdings, before: Holdings) -> bool:
    return bool(now.threads - before.threads or now.processes - before.processes)


def _judged_tokens(
    tokens: Sequence[Sequence[tuple[int, ...]]], faults: Sequence[str | None]
) -> ExaminedCase:
    """A later engine is right when it says what the first said, or what the reference says."""
    for number, (found, fault) in enumerate(zip(tokens, faults, strict=True)):
        if found != tokens[0] and fault is not None:
            return broken(
                f"engine {number + 1} in this process differs from the first: {fault}", "tokens"
            )
    return kept("tokens")


def _judged_memory(name: str, sizes: Sequence[int]) -> ExaminedCase:
    """Judge the smallest growth of all restarts, because memory also comes and goes."""
    growth = min(after - before for before, after in pairwise(sizes))
    figure = Figure(name="bytes a restart", value=growth, limit=_MEMORY)
    if growth > _MEMORY:
        told = ", ".join(f"{size / 2**20:.0f}" for size in sizes)
        return broken(f"after each engine, MiB: {told}", name, figures=[figure])
    return kept(name, figures=[figure])


def _device_memory() -> int | None:
    """Bytes that tensors take on the device; ``None`` where torch knows none."""
    accelerator = getattr(import_module("torch"), "accelerator", None)
    try:
        if accelerator is None or not accelerator.is_available():
            return None
        return int(accelerator.memory_allocated())
    # A device need not have an allocator that counts.
    except Exception:
        return None


@with_engine(CORE)
def _cache_spec(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    layers = _attention_layers(engine)
    if engine.worker is None:
        yield not_measured("the worker is in another process")
    elif not layers:
        yield not_applicable("the model has no attention layer of vLLM's")
    elif missing := sorted(layers - set(engine.worker.get_kv_cache_spec())):
        yield broken(f"no kind of KV cache is told for {', '.join(missing)}")
    else:
        yield kept(figures=[Figure(name="layers", value=len(layers))])


def _attention_layers(engine: Engine) -> set[str]:
    """The layers that keep keys and values of their own."""
    base = import_module("vllm.model_executor.layers.attention_layer_base").AttentionLayerBase
    context = engine.config.compilation_config.static_forward_context
    return {
        name
        for name, layer in context.items()
        if isinstance(layer, base) and not getattr(layer, "kv_sharing_target_layer_name", None)
    }


@with_engine(CORE)
def _health(bench: Bench, engine: Engine, reference: Reference) -> Iterator[ExaminedCase]:
    if engine.worker is None:
        yield not_measured("the worker is in another process")
        return
    try:
        engine.worker.check_health()
    # Whatever it raises ends the server.
    except Exception as error:
        raised = bench.attribution.raised(error)
        yield broken(
            f"of a worker that serves, check_health() raises {raised.type}: {raised.message}",
            place=raised.place,
        )
    else:
        yield kept()


EXAMINATIONS: dict[str, Examination] = {
    "worker.cache-spec": _cache_spec,
    "worker.health": _health,
    "engine.restart": Starting(examine=_restart, wants=(CORE.words,) * _STOPS, stops=True),
}
