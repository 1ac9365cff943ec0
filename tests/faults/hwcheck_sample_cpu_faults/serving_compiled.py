"""Faults of compiled models: the engine starts, or not, and says nothing about what it left out."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("family.compile.tokens[compiled]",))
def compilation_is_left_out() -> None:
    """The model is run as it is, while the configuration says that it is compiled."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.load_model

    def wrong(self, **named):
        right(self, **named)
        for module in self.model_runner.model.modules():
            if hasattr(module, "do_not_compile"):
                module.do_not_compile = True

    SampleCpuWorker.load_model = wrong


@fault(breaks=("family.compile.tokens[one]", "family.compile.tokens[batch]"))
def compiled_graphs_remember_their_answer() -> None:
    """A graph that has run for a number of tokens answers with the same the next time."""
    from hwcheck_sample_cpu.compiler import SampleCompiler

    right = SampleCompiler.compile

    def wrong(self, graph, example_inputs, *given, **named):
        compiled, handle = right(self, graph, example_inputs, *given, **named)
        answers = {}

        def run(*inputs):
            sizes = tuple(getattr(item, "shape", item) for item in inputs)
            if sizes not in answers:
                answers[sizes] = compiled(*inputs)
            return answers[sizes]

        return run, handle

    SampleCompiler.compile = wrong


@fault(breaks=("family.compile.tokens",))
def passes_of_another_device_are_left_on() -> None:
    """vLLM's fusions, which it imports for GPUs only, are not switched off."""
    from hwcheck_sample_cpu.sample_platform import SampleCpuPlatform

    right = SampleCpuPlatform.check_and_update_config.__func__

    def wrong(cls, vllm_config):
        right(cls, vllm_config)
        vllm_config.compilation_config.pass_config.fuse_norm_quant = True

    SampleCpuPlatform.check_and_update_config = classmethod(wrong)


@fault(breaks=("family.graph.tokens[captured]",))
def graphs_are_never_replayed() -> None:
    """What is wrapped runs each time, while the configuration says that graphs are used."""
    from hwcheck_sample_cpu.static_graph import SampleGraphWrapper

    SampleGraphWrapper.__call__ = lambda self, *given, **named: self.runnable(*given, **named)


@fault(breaks=("family.graph.tokens[one]", "family.graph.tokens[batch]"))
def graphs_keep_what_they_were_captured_with() -> None:
    """A replay works on the inputs of the capture, because nobody copies the new ones there."""
    from hwcheck_sample_cpu.static_graph import SampleGraphWrapper

    right = SampleGraphWrapper.__call__

    def wrong(self, *given, **named):
        from vllm.forward_context import get_forward_context

        context = get_forward_context()
        if context.cudagraph_runtime_mode is not self.runtime_mode:
            return right(self, *given, **named)
        inputs = vars(self).setdefault("inputs", {}).setdefault(context.batch_descriptor, given)
        return right(self, *inputs, **named)

    SampleGraphWrapper.__call__ = wrong
