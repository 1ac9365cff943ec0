"""Workflow commands: levels, order, and text that must not become a command."""

import re

from hwcheck.report.github import render

COMMAND = re.compile(r"^::(error|warning|notice) [^:]*::[^\r\n]*$")


def test_every_line_is_one_command(checks):
    """
    Whatever a plugin is called, no line of its text starts a command of its own.
    """
    for run in checks.values():
        assert all(COMMAND.match(line) for line in render(run).splitlines())


def test_path_and_message_are_escaped(make):
    """
    A per cent sign, a colon and a comma in a path do not end it; nor does a line end the message.
    """
    found = make.finding(path="a%0A,b:c.py", plugin_side="50%\nthen")

    line = render(make.check_run(make.check(findings=(found,)))).splitlines()[1]

    assert line.startswith("::error file=a%250A%2Cb%3Ac.py,line=48,title=HW302 override")
    assert "::50%25\\nthen%0AvLLM 0.33.0: " in line


def test_first_of_every_cause_comes_before_the_rest(make):
    """
    GitHub shows ten annotations: they are of as many causes as there are.
    """
    findings = (
        *(make.gone(f"a{number}.py", 1) for number in range(3)),
        make.finding(path="b.py"),
    )

    lines = render(make.check_run(make.check(findings=findings))).splitlines()[1:]

    assert [re.search(r"file=([^,]+)", line)[1] for line in lines] == [
        "a0.py",
        "b.py",
        "a1.py",
        "a2.py",
    ]


def test_more_than_github_shows_is_said(make):
    """
    The summary says that there are more than are shown.
    """
    findings = tuple(make.gone(f"a{number}.py", 1) for number in range(11))

    text = render(make.check_run(make.check(findings=findings)))

    assert "GitHub shows 10 annotations of a level" in text.splitlines()[0]
