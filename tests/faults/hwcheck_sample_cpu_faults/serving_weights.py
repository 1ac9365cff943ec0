"""Faults of weights that are replaced while the engine lives."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("family.weight-update.reload[after]",))
def weights_are_not_replaced() -> None:
    """The worker has the method, and leaves everything as it is."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    SampleCpuWorker.reload_weights = lambda self, *given, **named: None


@fault(breaks=("family.weight-update.reload[after]",))
def packed_weights_are_not_packed_again() -> None:
    """The copies that one kind of layer computes with are those of the first load."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    right = SampleCpuWorker.reload_weights

    def wrong(self, *given, **named):
        def layers():
            for name, parameter in self.model_runner.model.named_parameters():
                if "down_proj" in name:
                    yield name, parameter

        before = {name: parameter.data.clone() for name, parameter in layers()}
        right(self, *given, **named)
        for name, parameter in layers():
            parameter.data.copy_(before[name])

    SampleCpuWorker.reload_weights = wrong


@fault(breaks=("family.weight-update.reload",))
def replaced_weights_have_no_names() -> None:
    """The worker looks the names of the new weights up where there are none."""
    from hwcheck_sample_cpu.worker import SampleCpuWorker

    def wrong(self, *given, **named):
        return self.model_runner.names_of_weights[0]

    SampleCpuWorker.reload_weights = wrong
