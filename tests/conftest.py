"""Plugins written into a temporary folder, and observed under the miniature host."""

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import psutil
import pytest

from hwcheck.contain.environment import child_environment
from hwcheck.contain.exchange import Limits
from hwcheck.hosts.members import Member, Read, Tier
from hwcheck.model.observation import Observation
from hwcheck.model.plugin import EntryPoint, Group, Origin, Plugin
from hwcheck.observe.observe import Subject, observe

MINIATURE_HOST = Path(__file__).parent / "miniature_host"

PACKAGE = """
{top}

def register():
{body}
    return "acme_plugin.platform.AcmePlatform"
"""

PLATFORM = """
from vllm.platforms.interface import Platform

class AcmePlatform(Platform):
    device_type = "cpu"
    device_name = "cpu"

    @classmethod
    def check_and_update_config(cls, config):
        config.parallel_config.worker_cls = "vllm.v1.worker.worker_base.WorkerBase"

{members}
"""


def pytest_configure() -> None:
    # A shell starts what runs in the background without Ctrl-C, `nohup` without a closed terminal,
    # and all processes that are started here would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def member(name: str, *, read: Read = Read.VALUE, returns: str = "any") -> Member:
    return Member(
        name=name,
        tier=Tier.REQUIRED,
        since="0.9.2",
        kind="attribute",
        read=read,
        returns=returns,
        relied_on_by="",
        effect="",
    )


MEMBERS = (
    member("device_name"),
    member("device_type"),
    member("get_punica_wrapper", read=Read.CALL, returns="class path"),
    member("is_pin_memory_available", read=Read.CALL),
    member("supported_dtypes"),
)


@dataclass
class Workshop:
    """Writes distributions that nobody installed, and lets the probe look at them."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def site(self) -> Path:
        return self.directory / "site"

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.site / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def distribution(self, name: str, points: tuple[EntryPoint, ...], files: tuple[str, ...] = ()):
        folder = f"{name.replace('-', '_')}-1.0.dist-info"
        groups = {point.group for point in points}
        lines = [
            line
            for group in sorted(groups)
            for line in (
                f"[{group}]",
                *(f"{item.name} = {item.value}" for item in points if item.group == group),
            )
        ]
        self.write(
            {
                f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
                f"{folder}/entry_points.txt": "\n".join(lines) + "\n",
                f"{folder}/RECORD": "".join(f"{file},,\n" for file in files),
            }
        )
        return Plugin(
            name=name,
            version="1.0",
            origin=Origin.INSTALLED,
            location=str(self.site),
            entry_points=points,
        )

    def acme(
        self,
        *,
        top: str = "",
        body: str = "",
        members: str = "",
        platform: str = "",
        general: str = "",
    ) -> Plugin:
        """Write a small plugin with pieces of code in its package, entry point and platform."""
        indented = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
        inside = "\n".join(f"    {line}" for line in dedent(members).strip().splitlines())
        self.write(
            {
                "acme_plugin/__init__.py": PACKAGE.format(top=dedent(top), body=indented),
                "acme_plugin/platform.py": platform or PLATFORM.format(members=inside),
            }
        )
        points = [
            EntryPoint(group=Group.PLATFORM, name="acme", value="acme_plugin:register"),
        ]
        if general:
            code = "\n".join(f"    {line}" for line in dedent(general).strip().splitlines())
            self.write({"acme_plugin/general.py": f"def register():\n{code}\n"})
            points.append(
                EntryPoint(
                    group=Group.GENERAL, name="acme_general", value="acme_plugin.general:register"
                )
            )
        return self.distribution("vllm-acme", tuple(points), ("acme_plugin/__init__.py",))

    def subject(self, plugin: Plugin, **limits: float) -> Subject:
        path = os.pathsep.join([str(self.site), str(MINIATURE_HOST)])
        known = {"start": 30.0, "step": 15.0, "total": 60.0, **limits}
        return Subject(
            plugin=plugin,
            members=MEMBERS,
            extensions=(),
            python=sys.executable,
            environment={
                **child_environment(os.environ),
                "PYTHONPATH": path,
                **self.environment,
            },
            directory=self.directory / "children",
            limits=Limits(**known),  # type: ignore[arg-type]
        )

    def observe(self, plugin: Plugin, **limits: float) -> Observation:
        return observe(self.subject(plugin, **limits))

    def left(self) -> list[str]:
        """The command lines of living processes that were started from here."""
        mark = str(self.directory)
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                line = " ".join(process.cmdline())
                traces = (line, process.cwd(), process.environ().get("HWCHECK_CHILD", ""))
                inherited = process.environ().get("TMPDIR", "")
            except psutil.Error:
                continue
            if any(mark in trace for trace in (*traces, inherited)):
                found.append(line)
        return found


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)
