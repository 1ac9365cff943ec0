"""Run as a script: use the emulated accelerator, and write what was seen to a reply file.

    sample_device_child.py WHAT REPLY [MODEL]

WHAT is one of the functions of `SUBJECTS`; each process uses one, because torch takes one device
name a process, and a context that is made once stays.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

#: How far float32 results may be from each other when sums are ordered differently.
NEAR = 1e-5


def see_device() -> dict[str, Any]:
    """Use the device by itself, without vLLM."""
    from hwcheck_sample_device.device import load

    name = load()
    module = getattr(torch, name)
    seen = {"context after loading": module.is_initialized(), "fork before use": forked(name)}
    seen["accounting"] = see_accounting(name, module)
    seen["fork after use"] = forked(name)
    seen["refused"] = see_refusals(name)
    seen["memory"] = see_limit(name, module)
    seen["values"] = see_values(name)
    seen["random"] = see_random_numbers(name, module)
    seen["elapsed"] = see_streams(module)
    return seen


def see_settings() -> dict[str, Any]:
    """Tell what the environment has made of the devices."""
    from hwcheck_sample_device.device import load

    name = load()
    module = getattr(torch, name)
    count = module.device_count()
    return {
        "name": str(torch.ones(1, device=f"{name}:{count - 1}").device),
        "count": count,
        "beyond": message(lambda: torch.ones(1, device=f"{name}:{count}")),
        "total": module.mem_get_info()[1],
    }


def see_accounting(name: str, module: Any) -> dict[str, Any]:
    """Allocate, free, and look at the figures of both devices."""
    first = torch.empty(100, dtype=torch.float32, device=f"{name}:0")
    view = first.view(10, 10)[3:]
    second = torch.empty(7, dtype=torch.int8, device=f"{name}:1")
    live = [module.memory_allocated(index) for index in range(2)]
    blocks = module.memory_stats(0)["active.all.current"]
    grown = torch.empty(0, device=f"{name}:0").resize_(50)
    peak = module.max_memory_allocated(0)
    del first, grown
    kept_by_view = module.memory_allocated(0)
    del view, second
    after = [module.memory_allocated(index) for index in range(2)]
    module.reset_operator_calls()
    (torch.ones(3, device=name) @ torch.ones(3, device=name)).item()
    return {
        "live": live,
        "blocks": blocks,
        "peak": peak,
        "kept by a view": kept_by_view,
        "after": after,
        "calls": module.operator_calls(),
    }


def see_refusals(name: str) -> dict[str, str | None]:
    """Mix operands as CUDA would not have it."""
    here, there, host = (torch.ones(3, 3, device=d) for d in (f"{name}:0", f"{name}:1", "cpu"))
    rows = torch.tensor([1])
    only_host = torch.library.Library("sample_device_test", "DEF")
    only_host.define("twice(Tensor x) -> Tensor")
    only_host.impl("twice", lambda x: x + x, "CPU")
    twice = torch.ops.sample_device_test.twice
    attempts: dict[str, Callable[[], object]] = {
        "device + host": lambda: here + host,
        "host + device": lambda: host + here,
        "device 0 + device 1": lambda: here + there,
        "device @ host": lambda: here @ host,
        "cat": lambda: torch.cat([here, host]),
        "in place": lambda: host.add_(here),
        "out on the host": lambda: torch.add(here, here, out=host),
        "index_select": lambda: here.index_select(0, rows),
        "generator of the host": lambda: here.exponential_(generator=torch.Generator()),
        "operator without a kernel": lambda: twice(here),
        "allowed: a number": lambda: here + torch.tensor(2.0),
        "allowed: indices": lambda: here[rows],
        "allowed: a copy": lambda: here.copy_(there).copy_(host),
        "allowed: on the host": lambda: twice(host),
    }
    return {what: message(attempt) for what, attempt in attempts.items()}


def see_limit(name: str, module: Any) -> dict[str, Any]:
    """Let a device run out of memory, and go on."""
    held = torch.zeros(50, dtype=torch.uint8, device=name)
    module.set_limit(100)
    kinds = []
    try:
        torch.zeros(51, dtype=torch.uint8, device=name)
    except torch.OutOfMemoryError as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
    other = torch.zeros(51, dtype=torch.uint8, device=f"{name}:1")
    fits = torch.zeros(50, dtype=torch.uint8, device=name)
    info = module.mem_get_info()
    module.set_limit(None)
    more = torch.zeros(51, dtype=torch.uint8, device=name)
    return {"error": kinds, "info": info, "live": len(held) + len(fits) + len(other) + len(more)}


def see_values(name: str) -> list[str]:
    """Compare with the host, and name what differs."""
    formulas: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "view": lambda x: x.view(4, 2, 3).transpose(0, 1)[1, 2:],
        "write into a view": lambda x: written(x.t()[1:3]),
        "other dtype": lambda x: x.view(torch.int32),
        "unfold": lambda x: x.unfold(1, 2, 1),
        "out of the wrong size": lambda x: torch.add(x, x, out=x.new_empty(0)),
        "indices": lambda x: x[x[:, 0] > 2],
        "sort": lambda x: x.sort(descending=True)[1],
        "attention": lambda x: torch.nn.functional.scaled_dot_product_attention(x, x, x),
        "gradient": gradient,
        "complex": lambda x: torch.complex(x, x).conj().resolve_conj().imag,
        "half": lambda x: x.half().softmax(dim=-1),
    }
    host = torch.arange(24, dtype=torch.float32).reshape(4, 6).sin() * 4
    different = []
    for what, formula in formulas.items():
        expected, found = formula(host.clone()), formula(host.to(name))
        if found.device.type != name or not torch.equal(expected, found.cpu()):
            different.append(what)
    with torch.inference_mode():
        made = host.to(name)
        if not torch.equal(written(made[1:]).cpu(), written(host.clone()[1:])):
            different.append("inference mode")
    return different


def written(x: torch.Tensor) -> torch.Tensor:
    x += 1
    return x


def gradient(x: torch.Tensor) -> torch.Tensor:
    leaf = x.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    assert leaf.grad is not None
    return leaf.grad


def see_random_numbers(name: str, module: Any) -> dict[str, bool]:
    """Draw again what was drawn, in each way that there is."""
    torch.manual_seed(3)
    first, host_first = torch.rand(9, device=name), torch.rand(9)
    state = module.get_rng_state()
    second = torch.rand(9, device=name)
    module.set_rng_state(state)
    again = torch.rand(9, device=name)
    torch.manual_seed(3)
    # The host's numbers do not depend on how many the device drew.
    host_again = torch.rand(9)
    seeded = torch.rand(9, device=name)
    generator = torch.Generator(device=name).manual_seed(5)
    drawn = torch.rand(9, device=name, generator=generator)
    generator.set_offset(generator.get_offset() - 4)
    redrawn = torch.rand(9, device=name, generator=generator)
    return {
        "seed": first.equal(seeded),
        "state": second.equal(again),
        "host": host_first.equal(host_again),
        "offset": drawn.equal(redrawn),
    }


def see_streams(module: Any) -> float:
    """Go through the motions of ordering, and return the milliseconds between two events."""
    start, end = (module.Event(enable_timing=True) for _ in range(2))
    side = module.Stream()
    start.record()
    with module.stream(side):
        assert module.current_stream() == side
        side.wait_event(start)
    side.synchronize()
    end.record()
    end.synchronize()
    module.synchronize()
    module.empty_cache()
    torch.accelerator.empty_host_cache()
    elapsed: float = start.elapsed_time(end)
    return elapsed


def see_serving(model: Path) -> dict[str, Any]:
    """Serve on the device, twice, after the parts that need no engine."""
    from test_sample_cpu_serves import generate_reference
    from vllm.platforms import current_platform

    kind = type(current_platform)
    seen: dict[str, Any] = {"platform": f"{kind.__module__}.{kind.__qualname__}"}
    # Its processes are forked, so it comes before the first use of a device.
    seen["collectives"] = see_collectives(current_platform.device_type, model.parent)
    seen["attention"] = see_attention(current_platform.device_type)
    seen["slots"] = see_slot_mapping(current_platform.device_type)
    seen["expected"] = generate_reference(model)
    module = getattr(torch, current_platform.device_type)
    before = module.memory_allocated()
    rounds = [serve_once(model, module) for _ in range(2)]
    return {**seen, "before": before, "rounds": rounds}


def serve_once(model: Path, module: Any) -> dict[str, Any]:
    """Start an engine, generate, take it down."""
    from test_sample_cpu_serves import generate_with_vllm
    from vllm.distributed import cleanup_dist_env_and_memory
    from vllm.v1.engine.core_client import InprocClient

    # What generates does not hand out its engine, which keeps its memory until it is shut down.
    clients: list[InprocClient] = []
    original = InprocClient.__init__

    def remember(self: InprocClient, *args: object, **kwargs: object) -> None:
        clients.append(self)
        original(self, *args, **kwargs)

    InprocClient.__init__ = remember
    try:
        tokens = generate_with_vllm(model)
    finally:
        InprocClient.__init__ = original
    live = module.memory_allocated()
    clients.pop().shutdown()
    gc.collect()
    cleanup_dist_env_and_memory()
    return {"tokens": tokens, "live": live, "left": module.memory_allocated()}


def see_in_tree(model: Path) -> dict[str, Any]:
    """Serve on vLLM's own CPU platform."""
    from test_sample_cpu_serves import generate_reference, generate_with_vllm
    from vllm.platforms import current_platform

    generate_reference(model)
    return {"is_cpu": current_platform.is_cpu(), "tokens": generate_with_vllm(model)}


def see_attention(name: str) -> dict[str, str | None]:
    """Attend on the host and on the device; with a fault too, whose mask is left on the host."""
    from hwcheck_sample_device import attention

    right = attention.positions
    seen = {}
    for variant, chosen in (("right", right), ("wrong", lambda length, _: torch.arange(length))):
        attention.positions = chosen
        for device in ("cpu", name):
            place = "host" if device == "cpu" else "device"
            seen[f"{variant} on the {place}"] = message(lambda device=device: attend(device))
    attention.positions = right
    return seen


def attend(device: str) -> None:
    """Attend to 5 tokens in blocks of 2, the last 3 of them new, and compare with torch's own."""
    from hwcheck_sample_device.attention import (
        SampleDeviceAttentionImpl,
        SampleDeviceAttentionMetadata,
    )

    generator = torch.Generator().manual_seed(1)
    query, key, value = torch.randn(3, 5, 2, 4, generator=generator).to(device)
    implementation = SampleDeviceAttentionImpl(2, 4, 0.5)
    cache = torch.zeros(4, 2, 2, 8, device=device)
    output = torch.zeros(3, 2, 4, device=device)
    table = torch.tensor([[2, 0, 3]], dtype=torch.int32, device=device)
    slots = torch.tensor([4, 5, 0, 1, 6], device=device)
    for start, end in ((0, 2), (2, 5)):
        metadata = SampleDeviceAttentionMetadata([0, end - start], [end], table, slots[start:end])
        part = (tensor[start:end] for tensor in (query, key, value))
        implementation.forward(torch.nn.Module(), *part, cache, metadata, output[: end - start])
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(tensor.transpose(0, 1) for tensor in (query, key, value)), is_causal=True, scale=0.5
    ).transpose(0, 1)[2:]
    difference = float((output - expected).abs().max())
    assert difference < NEAR, f"off by {difference}"


def see_slot_mapping(name: str) -> list[int]:
    """Map 2 and 3 tokens of two requests, and mark 2 places as padding."""
    from hwcheck_sample_device.kernels import compute_slot_mapping

    starts = torch.tensor([0, 2, 5], dtype=torch.int32, device=name)
    positions = torch.tensor([3, 4, 0, 1, 2], device=name)
    table = torch.tensor([[7, 5], [3, 0]], dtype=torch.int32, device=name)
    slots = torch.zeros(8, dtype=torch.long, device=name)
    compute_slot_mapping(5, 7, starts, positions, table, 2, slots, KV_CACHE_BLOCK_SIZE=4)
    return slots.tolist()


def see_collectives(name: str, folder: Path) -> list[str | None]:
    """Let two forked ranks communicate, each on its own device."""
    children = []
    for rank in range(2):
        reply = folder / f"rank{rank}"
        if (child := os.fork()) == 0:
            fault = message(lambda rank=rank: communicate(name, rank, folder / "meeting"))
            reply.write_text(json.dumps(fault), encoding="utf-8")
            os._exit(0)
        children.append((child, reply))
    for child, _ in children:
        os.waitpid(child, 0)
    return [json.loads(reply.read_text(encoding="utf-8")) for _, reply in children]


def communicate(name: str, rank: int, meeting: Path) -> None:
    """Take part in every collective, and compare with what it should give."""
    import torch.distributed as dist
    from hwcheck_sample_device.communicator import SampleDeviceCommunicator

    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
    device = torch.device(f"{name}:{rank}")
    group = SampleDeviceCommunicator(dist.group.WORLD, device)
    both = [torch.arange(6.0).reshape(2, 3) + 10 * each for each in range(2)]
    mine, total = both[rank].to(device), both[0] + both[1]
    rows = [both[0][:1], both[1]]
    results = {
        "all_reduce": (group.all_reduce(mine), total),
        "all_gather": (group.all_gather(mine), torch.cat(both, dim=-1)),
        "all_gatherv": (group.all_gatherv(rows[rank].to(device), 0, [1, 2]), torch.cat(rows)),
        "reduce_scatter": (group.reduce_scatter(mine, 0), total[rank : rank + 1]),
        "reduce_scatterv": (group.reduce_scatterv(mine, 1, [1, 2]), total.split([1, 2], 1)[rank]),
        "broadcast": (group.broadcast(mine.clone(), 1), both[1]),
    }
    gathered = group.gather(mine, 1, 0)
    if rank == 0:
        assert gathered is None
        group.send(mine)
    else:
        results["gather"] = (gathered, torch.cat(both))
        results["recv"] = (group.recv(mine.shape, mine.dtype), both[0])
    for what, (found, expected) in results.items():
        assert found.device == device, what
        assert torch.equal(found.cpu(), expected), what
    assert torch.equal(mine.cpu(), both[rank]), "the input has changed"


def forked(name: str) -> str | None:
    """Use the device in a forked process, and tell what it says."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        answer = message(lambda: torch.ones(2, device=name).sum().item()) or ""
        os.write(writer, answer.encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        return pipe.read() or None


def message(attempt: Callable[[], object]) -> str | None:
    """Return the first line of what is raised, with its kind; None when it succeeds."""
    try:
        attempt()
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return None


SUBJECTS: dict[str, Callable[..., dict[str, Any]]] = {
    "device": see_device,
    "settings": see_settings,
    "serving": see_serving,
    "in-tree": see_in_tree,
}


if __name__ == "__main__":
    answer = SUBJECTS[sys.argv[1]](*map(Path, sys.argv[3:]))
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    # Leaving in the ordinary way would wait for threads of the engine.
    os._exit(0)
