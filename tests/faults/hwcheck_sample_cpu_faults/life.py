"""Faults of what the plugin does to the processes of vLLM and to others in them."""

from hwcheck_sample_cpu_faults.fault import fault


@fault(breaks=("load.inspection",))
def reads_standard_input() -> None:
    """The plugin reads standard input, in which vLLM's model inspection finds its question."""
    import sys

    sys.stdin.buffer.read()


@fault(breaks=("load.repeat",))
def registers_connector_again() -> None:
    """A connector is registered without a look whether it is there already, which raises."""
    from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory

    KVConnectorFactory.register_connector(
        "SampleConnector", "hwcheck_sample_cpu.connector", "SampleConnector"
    )


@fault(breaks=("load.process-state",))
def takes_ctrl_c() -> None:
    """SIGINT goes to the plugin, so Ctrl-C does not end the program any more."""
    import signal

    signal.signal(signal.SIGINT, _on_interrupt)


@fault(breaks=("load.process-state",))
def silences_warnings() -> None:
    """All warnings of the process are ignored, to be rid of some."""
    import warnings

    warnings.simplefilter("ignore")


@fault(breaks=("load.process-state",))
def drops_log_messages() -> None:
    """Messages of every logger are dropped up to warnings."""
    import logging

    logging.disable(logging.WARNING)


@fault(breaks=("load.process-state",))
def fails_at_exit() -> None:
    """An exit handler uses what is not there any more."""
    import atexit

    atexit.register(_at_exit)


@fault(breaks=("load.process-state",))
def replaces_module_of_others() -> None:
    """A module of the standard library is replaced by one that has hardly anything in it."""
    import sys
    import wave  # noqa: F401
    from types import ModuleType

    sys.modules["wave"] = ModuleType("wave")


@fault(breaks=("patch.collision",))
def second_patch_undoes_the_first() -> None:
    """Two patches of one function, of which the later does not call the earlier."""
    from vllm.utils import math_utils

    math_utils.next_power_of_2 = _counting(math_utils.next_power_of_2)
    math_utils.next_power_of_2 = _power_of_2


@fault(breaks=("patch.signature",))
def patch_renames_a_parameter() -> None:
    """The replacement of a function calls its parameter by another name."""
    from vllm.utils import math_utils

    math_utils.next_power_of_2 = _power_of_2_by_another_name


@fault(breaks=("patch.signature",))
def patch_loses_the_class() -> None:
    """A class method is replaced by a plain function, which gets the first argument as class."""
    from vllm.engine.arg_utils import EngineArgs

    EngineArgs.from_cli_args = _from_cli_args


@fault(breaks=("patch.repeat",))
def patch_wraps_itself() -> None:
    """A function is wrapped each time that the plugin is called."""
    from vllm.utils import math_utils

    math_utils.next_power_of_2 = _counting(math_utils.next_power_of_2)


def _on_interrupt(number, frame) -> None:
    pass


def _at_exit() -> None:
    raise RuntimeError("the device is closed already")


def _counting(function):
    def counted(n: int) -> int:
        return function(n)

    return counted


def _power_of_2(n: int) -> int:
    return 1 if n < 1 else 1 << (n - 1).bit_length()


def _power_of_2_by_another_name(number: int) -> int:
    return _power_of_2(number)


def _from_cli_args(cls, args):
    return cls(**vars(args))
