"""Clocks what vLLM does in the serving child, contract by contract; for ``serving_share.py``.

Python imports it at its start where this folder is on the path. It does nothing but in a process
whose environment names the file for the times.
"""

import builtins
import functools
import json
import os
import sys
import time
from pathlib import Path

FILE = os.environ.get("HWCHECK_HOST_TIMES", "")
#: Whose imports are the host's; the plugin's are added by the environment.
HOSTS = {"vllm", "torch", "transformers", "xgrammar", "openai"}
HOSTS |= set(os.environ.get("HWCHECK_HOST_TOPS", "").split(","))
#: What is clocked of each module, by class, once the module is there; ``*``: all public methods.
METHODS = {
    "vllm.entrypoints.llm": {"LLM": ("__init__", "*")},
    "vllm.v1.engine.llm_engine": {"LLMEngine": ("step", "add_request", "abort_request")},
    "vllm.v1.engine.core_client": {"InprocClient": ("shutdown",)},
}
FUNCTIONS = {"vllm.distributed.parallel_state": ("cleanup_dist_env_and_memory",)}
STARTS = ("__init__", "shutdown", "cleanup_dist_env_and_memory")
SESSION = "hwcheck.probe.session"

spent = {"import": 0.0, "start": 0.0, "generation": 0.0}
state = {"depth": 0}
begun = time.perf_counter()
done: set[str] = set()


def clocked(kind, function):
    """Add the time of the outermost call to its kind."""

    @functools.wraps(function)
    def timed(*arguments, **named):
        if state["depth"]:
            return function(*arguments, **named)
        state["depth"], start = 1, time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            state["depth"] = 0
            spent[kind] += time.perf_counter() - start

    return timed


def watch():
    """Put clocks into the modules that are there by now."""
    for name in (METHODS.keys() | FUNCTIONS.keys() | {SESSION}) & sys.modules.keys() - done:
        module = sys.modules[name]
        if name == SESSION and hasattr(module, "Session"):
            module.Session.attempt = told(module.Session.attempt)
            done.add(name)
        for function in FUNCTIONS.get(name, ()):
            if hasattr(module, function):
                setattr(module, function, clocked("start", getattr(module, function)))
                done.add(name)
        for class_name, methods in METHODS.get(name, {}).items():
            if (cls := getattr(module, class_name, None)) is not None:
                clock_methods(cls, methods)
                done.add(name)


def clock_methods(cls, methods):
    public = [name for name in vars(cls) if not name.startswith("_")]
    for name in (*filter("*".__ne__, methods), *(public if "*" in methods else ())):
        function = vars(cls).get(name)
        if callable(function) and not isinstance(function, type):
            setattr(cls, name, clocked("start" if name in STARTS else "generation", function))


def told(attempt):
    """Tell after each step what it took, and how much of that was the host's."""

    def telling(self, name, action, subject="", limit=None):
        before, start = dict(spent), time.perf_counter()
        try:
            return attempt(self, name, action, subject, limit)
        finally:
            line = {
                "subject": subject if str(name) == "examine" else "",
                "seconds": time.perf_counter() - start,
                "since": start - begun,
                **{kind: spent[kind] - before[kind] for kind in spent},
                "before": before["import"],
            }
            with Path(FILE).open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")

    return telling


if FILE:
    plain = builtins.__import__

    def importing(name, globals=None, locals=None, fromlist=(), level=0):
        if name.partition(".")[0] in HOSTS and not level:
            found = timed_import(name, globals, locals, fromlist, level)
        else:
            found = plain(name, globals, locals, fromlist, level)
        if not state["depth"]:
            watch()
        return found

    timed_import = clocked("import", plain)
    builtins.__import__ = importing
    import importlib

    module_import = importlib.import_module

    def import_module(name, package=None):
        is_hosts = name.partition(".")[0] in HOSTS
        found = (timed_module if is_hosts else module_import)(name, package)
        if not state["depth"]:
            watch()
        return found

    timed_module = clocked("import", module_import)
    importlib.import_module = import_module
