"""Tests of steps that talk to the host, with a stand-in for it in our own process."""

import logging
import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest

from hwcheck.model.observation import EffectKind, StepName
from hwcheck.probe import active, class_paths, configure, devices, host, other_processes, staged
from hwcheck.probe.messages import EntryPointRequest, MemberRequest, Request
from hwcheck.probe.session import Session


class Base:
    supported_dtypes = ("float32",)

    @classmethod
    def get_attn_backend_cls(cls, selected_backend, head_size, dtype):
        return "vllm.backends.Backend"


class Backend:
    @staticmethod
    def get_impl_cls():
        return Backend

    @staticmethod
    def get_builder_cls():
        return "no class"


class Platform(Base):
    device_type = "cpu"
    device_name = "cpu"


class WorkerBase:
    def __init__(self, config):
        pass


class Worker(WorkerBase):
    def execute(self):
        pass


WorkerBase.__module__ = "vllm.v1.worker.worker_base"
WorkerBase.__qualname__ = "WorkerBase"


class Tensor:
    def __init__(self, total):
        self.total = total

    def __matmul__(self, other):
        return self

    def float(self):
        return self

    def sum(self):
        return self

    def item(self):
        return self.total


@pytest.fixture
def vllm(monkeypatch):
    """Put modules in the place of vLLM's."""

    def make(name, **content):
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    state = SimpleNamespace(path="vllm.backends.Worker", model_path="auto")

    class VllmConfig:
        def __init__(self, model_config=None):
            path = state.path if model_config is None else state.model_path
            self.parallel_config = SimpleNamespace(worker_cls=path)

    make("vllm", __version__="1.0", __file__="vllm.py")
    platforms = make("vllm.platforms", _current_platform=None)
    make("vllm.platforms.interface", Platform=Base)
    make("vllm.backends", Backend=Backend, Worker=Worker)
    make("vllm.config", VllmConfig=VllmConfig, ModelConfig=lambda **keywords: keywords)
    make("torch", __version__="2.0", device=device, ones=ones, empty=empty, float32="float32")
    sys.modules["torch"].uint8 = "uint8"

    def current(name):
        if name != "current_platform":
            raise AttributeError(name)
        return Platform()

    vars(platforms)["__getattr__"] = current
    return SimpleNamespace(make=make, platforms=platforms, state=state)


def device(text):
    if "bad" in text:
        raise RuntimeError("no such device\nmore")


def ones(*shape, dtype, device):
    if dtype == "raises":
        raise NotImplementedError("not here")
    return Tensor(63.0 if dtype == "wrong" else 64.0)


def empty(*shape, dtype, device):
    if device == "gone":
        raise RuntimeError("no such device")


class Taker:
    """Takes steps without a file."""

    def __init__(self):
        self.taken = []

    def take(self, name, action, *, subject="", limit):
        answer = action()
        self.taken.append((name, subject, answer))
        return answer

    def answer(self, name, subject=""):
        return next(item[2] for item in self.taken if item[:2] == (name, subject))


@pytest.fixture
def session(attribution, tmp_path):
    def make(**fields):
        request = Request(
            child="active",
            plugin="vllm-acme",
            reply=str(tmp_path / "reply"),
            stdout="",
            nonce="",
            **fields,
        )
        taker = Taker()
        return Session(request, taker, attribution), taker

    return make


def test_host_is_imported_and_described(vllm):
    """
    Version, file and whether it resolves the platform by itself are told.
    """
    seen = host.import_host()

    assert (seen.version, seen.torch, seen.resolves_on_import) == ("1.0", "2.0", False)


def test_early_resolution_is_noted(vllm, module, attribution):
    """
    Only a resolution on behalf of the plugin is charged to it; other names are passed on.
    """
    noted = []
    host.watch_resolution(SimpleNamespace(note=noted.append), attribution)
    acme = module("acme", "import vllm.platforms as p\ndef ask():\n    return p.current_platform\n")

    host.current_platform()
    acme.ask()

    assert [effect.kind for effect in noted] == [EffectKind.EARLY_PLATFORM]
    assert noted[0].place.line == 3
    with pytest.raises(AttributeError):
        _ = vllm.platforms.other


@pytest.mark.parametrize("name", ["vllm_acme", "VLLM.Acme"])
def test_entry_point_of_the_distribution_is_loaded(write, name):
    """
    Names of distributions are compared as packaging does.
    """
    write(
        {
            "acme.py": "def register(): pass\n",
            "vllm_acme-1.dist-info/METADATA": "Name: vllm-acme\nVersion: 1\n",
            "vllm_acme-1.dist-info/entry_points.txt": "[group]\nown = acme:register\n",
        }
    )

    assert callable(host.load_entry_point(name, "group", "own"))
    with pytest.raises(LookupError, match="has no entry point 'other'"):
        host.load_entry_point(name, "group", "other")


@pytest.mark.parametrize(
    ("name", "accepted", "error"), [("cpu", True, None), ("bad", False, "no such device")]
)
def test_device(vllm, name, accepted, error):
    """
    What torch says of a device is told in one line.
    """
    seen = devices.device_seen(SimpleNamespace(device_name=name), "device_name")

    assert (seen.expression, seen.accepted, seen.error) == (f"{name}:0", accepted, error)


@pytest.mark.parametrize(
    ("dtype", "error"),
    [("fine", None), ("raises", "not here"), ("wrong", "4x4 ones squared sum to 63.0, not 64")],
)
def test_dtype(vllm, dtype, error):
    """
    A dtype works when a product comes out right.
    """
    seen = devices.dtype_seen(Platform(), dtype)

    assert (seen.worked, seen.error) == (error is None, error)


@pytest.mark.parametrize(("device", "answers"), [("cpu", True), ("gone", False)])
def test_dtype_that_fails_tells_whether_the_device_is_there(vllm, device, answers):
    """
    Where the device gives no memory, nothing is known of the dtype.
    """
    seen = devices.dtype_seen(SimpleNamespace(device_type=device), "raises")

    assert seen.device_answers is answers


def test_dtypes_that_cannot_be_read():
    """
    Nothing is tried then.
    """
    assert devices.supported_dtypes(object()) == ()


@pytest.mark.parametrize(
    ("path", "model_path", "worker"),
    [
        ("vllm.backends.Worker", "auto", "vllm.backends.Worker"),
        ("auto", "vllm.backends.Worker", "vllm.backends.Worker"),
        ("auto", "auto", None),
    ],
)
def test_worker_of_the_configuration(vllm, attribution, path, model_path, worker):
    """
    The worker is what the configuration names, with a model where it needs one.
    """
    vllm.state.path, vllm.state.model_path = path, model_path

    seen = configure.configured(attribution, with_model=path == "auto")

    assert (seen.worker and seen.worker.path) == worker
    assert seen.methods == (("execute",) if worker else ())


def test_class_paths_and_the_parts_of_the_backend(vllm, session):
    """
    Each getter is asked, the attention backend's parts as well.
    """

    class Own(Platform):
        get_text = staticmethod(lambda: "nodot")
        get_number = staticmethod(lambda: 5)

    taken, taker = session(getters=("get_attn_backend_cls", "get_text", "get_number"))

    class_paths.take_class_paths(taken, Own())

    name = StepName.CLASS_PATH
    assert taker.answer(name, "get_attn_backend_cls").is_class
    assert taker.answer(name, "get_attn_backend_cls.get_impl_cls").is_class
    assert taker.answer(name, "get_attn_backend_cls.get_builder_cls").path == "'no class'"
    assert taker.answer(name, "get_text").type == "str"
    assert taker.answer(name, "get_number").path == "5"


def test_attention_is_asked_with_a_config_where_the_host_has_one(vllm, session, monkeypatch):
    """
    Newer hosts hand over one object, with the fields that they know.
    """

    class Config:
        def __init__(self, head_size, dtype):
            self.head_size = head_size

    asked = []

    class New(Base):
        @classmethod
        def get_attn_backend_cls(cls, selected, attn_selector_config=None, num_heads=None):
            asked.append((selected, attn_selector_config.head_size, num_heads))
            return "vllm.backends.Backend"

    vllm.make("vllm.platforms.interface", Platform=New)
    taken, _ = session(getters=("get_attn_backend_cls",))
    with pytest.raises(LookupError, match="no AttentionSelectorConfig"):
        class_paths.take_class_paths(taken, New())
    vllm.make("vllm.attention.selector", AttentionSelectorConfig=Config)

    class_paths.take_class_paths(taken, New())

    assert asked == [(None, 64, 4)]


def test_copy_is_asked(vllm):
    """
    A forked copy answers with what it sees.
    """
    assert other_processes.forked_platform().device_type == "cpu"


def test_failure_in_the_copy_is_told(vllm):
    """
    What the copy could not do is raised here.
    """

    def broken(name):
        raise ValueError("broken")

    vars(vllm.platforms)["__getattr__"] = broken

    with pytest.raises(RuntimeError, match="ValueError: broken"):
        other_processes.forked_platform()


def test_copy_of_the_copy_tells_nothing(vllm):
    """
    Where the plugin forks while the copy is asked, the process that was asked is the one heard.
    """

    def forking(name):
        # Nobody else who looks at the module may fork the tests.
        if name != "current_platform" or os.getpid() == tests:
            raise AttributeError(name)
        if (copy := os.fork()) == 0:
            return PlatformOfCopy()
        os.waitpid(copy, 0)
        return Platform()

    class PlatformOfCopy(Platform):
        device_type = "copy"

    tests = os.getpid()

    vars(vllm.platforms)["__getattr__"] = forking

    assert other_processes.forked_platform().device_type == "cpu"


def test_process_that_outlived_its_parent_leaves(tmp_path):
    """
    A process that comes up when nobody waits for it any more does nothing.
    """
    answer = tmp_path / "answer"
    code = f"import {other_processes.__name__} as m; m.tell_platform({str(answer)!r}, 0)"

    subprocess.run([sys.executable, "-c", code], check=True)

    assert not answer.exists()


@pytest.mark.parametrize(
    ("exitcode", "answer", "expected"),
    [
        (0, "a.B\ncpu", None),
        (1, None, "ended with exit code 1"),
        (None, None, "did not answer within 0 s"),
        (0, "", "died without an answer"),
    ],
)
def test_spawned_process(tmp_path, exitcode, answer, expected):
    """
    Its answer counts, or how it ended without one.
    """
    path = tmp_path / "answer"
    if answer is not None:
        path.write_text(answer)
    process = SimpleNamespace(exitcode=exitcode, kill=lambda: None)
    spawned = other_processes.Spawned(process=process, answer=path, nested=tmp_path / "nested")

    if expected is None:
        assert other_processes.spawned_answer(spawned, 0.0).type == "a.B"
    else:
        with pytest.raises((RuntimeError, TimeoutError), match=expected):
            other_processes.spawned_answer(spawned, 0.0)


def test_nested_process_is_heard_in_its_own_file(tmp_path):
    """
    What the inner process says is not mixed up with what the outer one says.
    """
    (tmp_path / "answer").write_text("a.B\ncpu")
    (tmp_path / "nested").write_text("!RuntimeError: no daemon")
    spawned = other_processes.Spawned(
        process=SimpleNamespace(exitcode=0),
        answer=tmp_path / "answer",
        nested=tmp_path / "nested",
    )

    with pytest.raises(RuntimeError, match="RuntimeError: no daemon"):
        other_processes.nested_answer(spawned, 0.0)


def test_active_child_looks_at_everything(vllm, session, monkeypatch, write):
    """
    The platform that the plugin brings is looked at step by step.
    """
    monkeypatch.setattr(Platform, "__module__", "acme")
    monkeypatch.setattr(other_processes, "follow", lambda parent: None)

    def refuse(answer):
        raise OSError("no processes")

    monkeypatch.setattr(active, "start_spawned", refuse)
    taken, taker = session(
        members=(MemberRequest(name="device_type", call=False),),
        entry_points=(EntryPointRequest(group="vllm.platform_plugins", name="x"),),
    )

    with pytest.raises(OSError, match="no processes"):
        active.run_active(taken)

    assert taker.answer(StepName.ACTIVATE).is_plugin
    assert taker.answer(StepName.VALUE, "device_type").string == "cpu"
    assert taker.answer(StepName.DTYPE, "float32").worked
    assert taker.answer(StepName.FORK).device_type == "cpu"


def test_long_answer_of_an_entry_point_is_cut():
    """
    A class path of megabytes is not passed on.
    """
    assert len(staged.called("x" * 10**6).value) < 2000
    assert staged.called(None).value is None


def test_import_moves_the_log_of_the_host_to_standard_error(vllm):
    """
    What vLLM logs is not taken for the plugin's output.
    """
    logger = logging.getLogger("vllm")
    handler = logging.StreamHandler(sys.stdout)
    logger.addHandler(handler)
    try:
        host.import_host()
    finally:
        logger.removeHandler(handler)

    assert handler.stream is sys.stderr
