"""The terminal report on consoles of every kind."""

import io

import pytest
from rich.console import Console

from hwcheck.model.capability import Mark, Rung
from hwcheck.model.effect import Effect, EffectKind
from hwcheck.model.outcome import Cause
from hwcheck.model.patch import Original, Patch, PatchKind
from hwcheck.report import terminal


def console_on(encoding, *, colour=False):
    """Make a console on a stream of that encoding, and the bytes behind it."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, write_through=True)
    return Console(
        file=stream, width=90, force_terminal=colour, color_system="truecolor" if colour else None
    ), raw


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", ["conforming", "broken", "interrupted", "hostile"])
def test_print_on_poor_encoding_falls_back_to_ascii(encoding, name, runs):
    """
    Where the encoding has no shapes, everything is drawn in ASCII.
    """
    console, raw = console_on(encoding)

    terminal.print_run(runs[name], console)

    assert raw.getvalue().isascii()


def test_print_on_utf8_draws_shapes(runs):
    """
    Where the encoding has the shapes, rungs are drawn with them.
    """
    console, raw = console_on("utf-8")

    terminal.print_run(runs["conforming"], console)

    assert "E3 ● constructed" in raw.getvalue().decode()


def test_print_in_colour_keeps_markup_as_text(runs):
    """
    On a terminal there is colour, and none of it is the plugin's.
    """
    console, raw = console_on("utf-8", colour=True)

    terminal.print_run(runs["hostile"], console)

    text = raw.getvalue().decode()
    assert "\x1b[1m" in text
    assert "[red]a|b" in text
    assert "\x00" not in text


def test_ascii_rendering_keeps_every_rung_apart(make):
    """
    Each rung has its own shape and its own word in ASCII too.
    """
    run = make.run(standings=tuple(make.standing(f"c{rung}", rung, why="w") for rung in Rung))

    text = terminal.render(run, ascii_only=True)

    for drawn in ("E1 o declared", "E2 + resolved", "E3 * constructed", "E4 # demonstrated"):
        assert drawn in text


def test_silent_capabilities_are_folded_into_one_line(make):
    """
    Eighty capabilities of which nothing is known take a few lines, not eighty.
    """
    standings = tuple(make.standing(f"c{i}", Rung.E0, (Mark.NOT_DECLARED,)) for i in range(80))

    text = terminal.render(make.run(standings=standings))

    assert "not-declared (80): c0, c1," in text
    assert len(text.splitlines()) < 15


def test_cases_broken_for_different_reasons_share_their_contract(make):
    """
    What is said of a contract is said once, however many cases of it are broken.
    """
    run = make.run(
        contracts=(make.contract("signature", title="signatures fit"),),
        outcomes=tuple(make.broken("signature", f"m{i}", reason=f"reason {i}") for i in range(3)),
    )

    text = terminal.render(run)

    assert text.count("signatures fit") == 1
    assert "signature[m2]  (violated)" in text
    assert "reason 2" in text


def test_long_output_is_shown_from_its_end(make):
    """
    Of a long output the end is shown, and how much came before.
    """
    tail = "\n".join(f"line {i}" for i in range(100))
    run = make.run(outcomes=(make.broken(cause=Cause.EXITED, tail=tail),))

    text = terminal.render(run)

    assert "[88 lines before]" in text
    assert "line 99" in text
    assert "line 87\n" not in text


def test_rendering_does_not_depend_on_the_environment(monkeypatch, runs):
    """
    The same run gives the same text, whatever the environment asks of terminals.
    """
    expected = terminal.render(runs["broken"])
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")

    assert terminal.render(runs["broken"]) == expected


def test_stubbed_outcomes_are_marked(make):
    """
    The head names what was replaced, and each breach says that it was found so.
    """
    run = make.run(stubbed=("acme_rt",), outcomes=(make.broken(stubbed=True),))

    lines = terminal.render(run).splitlines()

    assert lines[2].startswith("stand-ins took the place of acme_rt: ")
    assert any(line.endswith("(stubbed)") and "entry-point-callable" in line for line in lines)


def test_patches_and_effects_are_counted_and_the_first_are_told(make):
    """
    Ten lines of each are enough at a terminal; the rest is in the other formats.
    """
    patch = Patch(
        target="vllm.engine.Engine.run",
        kind=PatchKind.FUNCTION,
        before="vllm.engine.Engine.run",
        after="acme.run",
        step="activate",
        place=make.place(file="acme.py", line=7),
        original=Original.LOST,
    )
    effects = tuple(
        Effect(kind=EffectKind.ENVIRONMENT, subject=f"ACME_{number}", detail="set to '1'")
        for number in range(12)
    )

    text = terminal.render(make.run(patches=(patch,), effects=effects))

    assert "attributes of vLLM, torch and transformers that are replaced: 1" in text
    assert "vllm.engine.Engine.run replaced by acme.run, original lost (acme.py:7)" in text
    assert "changes outside the plugin's own objects: 12" in text
    assert "ACME_9" in text
    assert "ACME_10" not in text
