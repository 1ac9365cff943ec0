"""The pages of what the check itself finds, besides the rules."""

from hwcheck.model.finding import Severity
from hwcheck.model.rule import RulePage

__all__ = ["SKIPPED", "UNUSED"]

SKIPPED = RulePage(
    id="HW901",
    title="a file could not be read",
    severity=Severity.WARNING,
    explanation="A file of the plugin is not Python that this interpreter can parse, is in another "
    "encoding than it says, is far too large, or lies outside of the tree. The others were "
    "checked; what is wrong in this one is not known.",
    remedy="Mend the file, leave it out of what is shipped, or run hwcheck under the Python that "
    "the plugin is written for.",
    bad="def load(:\n    pass",
    good="def load():\n    pass",
)

UNUSED = RulePage(
    id="HW902",
    title="a comment ignores findings that are not there",
    severity=Severity.NOTE,
    explanation="A comment asks to ignore a rule, and on this host the rule finds nothing in that "
    "statement. It hides what the rule may find there one day.",
    remedy="Remove the comment, or the id that is not needed. Keep it where another host that the "
    "plugin supports needs it.",
    bad="import os  # hwcheck: ignore[HW101]",
    good="import os",
)
