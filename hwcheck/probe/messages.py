"""What the parent asks of a child of the probe: a request file in JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["EntryPointRequest", "MemberRequest", "Request", "read_request", "request_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPointRequest:
    """One entry point of the plugin under test."""

    group: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRequest:
    """One member of the platform whose value is wanted."""

    name: str
    call: bool
    """Whether it is called without arguments; it is read otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that a child needs to know."""

    child: str
    """``staged``, ``active``, ``life``, ``install``, or one that examines contracts."""
    plugin: str
    """The distribution under test."""
    reply: str
    """The file to which reply lines are appended."""
    stdout: str
    """The file that this child's standard output goes to."""
    nonce: str
    entry_points: tuple[EntryPointRequest, ...] = ()
    modules: tuple[str, ...] = ()
    """The values of the entry points, which name the plugin's own modules."""
    members: tuple[MemberRequest, ...] = ()
    getters: tuple[str, ...] = ()
    """Members that answer with a class path."""
    extensions: tuple[str, ...] = ()
    """Compiled files of the plugin."""
    skip: tuple[tuple[str, str], ...] = ()
    """Steps (name, subject) in which an earlier child died."""
    examinations: tuple[str, ...] = ()
    """The contracts that this child judges by itself."""
    brief: tuple[str, ...] = ()
    """Those of them for which a few examples are enough."""
    host_version: str = ""
    seed: int = 0
    """What generated examples depend on."""
    control: bool = False
    """Whether the host's own platform is looked at, to tell the host's faults from a plugin's."""
    demonstrated: tuple[str, ...] = ()
    """What is combined in pairs."""
    most_engines: int | None = None
    """How many engines may be planned for the pairs."""
    model: str = ""
    """The folder of a checkpoint in the place of the tiny dense model."""
    head_size: int | None = None
    """The size of the heads of the tiny models; ``None`` for the usual one."""
    start_limit: float = 180.0
    """Seconds that importing vLLM may take."""
    step_limit: float = 30.0
    """Seconds that any other step may take."""


def request_text(request: Request) -> str:
    """Write a request as JSON."""
    return json.dumps(asdict(request), indent=1)


def read_request(path: str) -> Request:
    """Read a request that `request_text` wrote."""
    fields = json.loads(Path(path).read_text(encoding="utf-8"))
    fields["entry_points"] = tuple(EntryPointRequest(**item) for item in fields["entry_points"])
    fields["members"] = tuple(MemberRequest(**item) for item in fields["members"])
    fields["skip"] = tuple((name, subject) for name, subject in fields["skip"])
    for name in ("getters", "extensions", "modules", "examinations", "brief", "demonstrated"):
        fields[name] = tuple(fields[name])
    return Request(**fields)
