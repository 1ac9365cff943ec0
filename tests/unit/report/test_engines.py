"""What ran in the engines, as it is told."""

from hwcheck.model.served import EngineSeen, OperatorSeen, PartSeen, RankSeen
from hwcheck.report.engines import engine_lines
from hwcheck.report.markdown import render as render_markdown
from hwcheck.report.terminal import render as render_terminal


def engine(**changes) -> EngineSeen:
    known = {
        "model": "llama",
        "device": "acme:0",
        "dtype": "float32",
        "graph_mode": "NONE",
        "worker": PartSeen(name="acme.worker.Worker", is_own=True),
        "attention": (PartSeen(name="vllm.cpu_attn.CPUAttentionBackend", is_own=False),),
        "operators": (
            OperatorSeen(
                name="rms_norm", runs="acme.ops.RMSNorm.forward_oot", is_own=True, layers=5
            ),
            OperatorSeen(
                name="silu_and_mul", runs="vllm.SiluAndMul.forward_native", is_own=False, layers=2
            ),
        ),
    }
    return EngineSeen(**{**known, **changes})


def test_engine_is_told_with_whose_each_part_is(make):
    """
    Each part has a line that says whether it is the plugin's or the host's.
    """
    run = make.run(engines=(engine(),))

    assert engine_lines(run) == (
        (
            "llama on acme:0, float32, graphs NONE",
            (
                "worker: the plugin's, acme.worker.Worker",
                "attention: the host's, vllm.cpu_attn.CPUAttentionBackend",
                "operators, the plugin's: rms_norm",
                "operators, the host's: silu_and_mul (vllm.SiluAndMul.forward_native)",
            ),
        ),
    )


def test_each_of_several_workers_is_told(make):
    """
    Each rank has a line with its device and its class, behind what connects them.
    """
    worker = PartSeen(name="acme.Worker", is_own=True)
    several = engine(
        worker=None,
        attention=(),
        operators=(),
        communicator=PartSeen(name="vllm.Communicator", is_own=False),
        ranks=(
            RankSeen(rank=0, device="acme:0", worker=worker),
            RankSeen(rank=1, device="", worker=None),
        ),
    )

    [(_, lines)] = engine_lines(make.run(engines=(several,)))
    assert lines == (
        "communicator: the host's, vllm.Communicator",
        "rank 0: on acme:0, the plugin's, acme.Worker",
        "rank 1: on an unknown device",
    )


def test_engine_of_which_little_is_known_has_a_heading(make):
    """
    What was not seen is left out.
    """
    bare = engine(device="", graph_mode="", worker=None, attention=(), operators=())

    assert engine_lines(make.run(engines=(bare,))) == (("llama on an unknown device, float32", ()),)


def test_reports_say_what_ran(make):
    """
    Both reports for people hold the lines, and none where no engine was started.
    """
    run = make.run(engines=(engine(),))

    for render in (render_terminal, render_markdown):
        assert "acme.worker.Worker" in render(run).replace("\\", "")
        assert "What ran" in render(run)
        assert "What ran" not in render(make.run())


def test_compiled_engine_says_how(make):
    """
    The mode is told where the model was compiled, and left out where it was not.
    """
    eager, compiled = engine(compile_mode="NONE"), engine(compile_mode="VLLM_COMPILE")

    headings = [heading for heading, _ in engine_lines(make.run(engines=(eager, compiled)))]

    assert headings == [
        "llama on acme:0, float32, graphs NONE",
        "llama on acme:0, float32, compiled VLLM_COMPILE, graphs NONE",
    ]
