"""The contract that the extension's suite checks."""

from hwcheck.model.contract import Contract, Profile

__all__ = ["ALL", "QUIET"]

QUIET = Contract(
    id="example.quiet",
    profile=Profile.P1,
    title="no child of the probe prints more than a screenful",
    relied_on_by="whoever reads the log of a server with many workers",
    remedy="log at debug level, or once a process",
)

#: What `hwcheck explain` and `hwcheck run` read: every contract of the suite.
ALL = (QUIET,)
