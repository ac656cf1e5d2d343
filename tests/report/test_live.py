"""Progress: a bar on a terminal, plain lines elsewhere."""

import io
import logging
import sys

import pytest
from rich.console import Console

from underspec.report.live import Live


class _Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def _plain(**options):
    paper, clock = io.StringIO(), _Clock()
    console = Console(file=paper, force_terminal=False, width=200, _environ={})
    return Live(console, clock=clock, **options), paper, clock


def _block(done, of, size=5):
    variants = [f"v{at:03d}" for at in range(size)]
    return {"event": "block_done", "block": "b0", "variants": variants, "seconds": 9.0, "done": done, "of": of}  # fmt: skip


def test_a_line_a_block():
    """Off a terminal each block gets a line, with what is done and how long the rest takes."""
    live, paper, clock = _plain()
    live(
        {"event": "stage", "stage": "train", "detail": "50 variants", "blocks": 10, "variants": 50}
    )
    for done in (1, 2):
        clock.now += 30
        live(_block(done, 10))
    live.close()

    assert paper.getvalue().splitlines() == [
        "train: 50 variants",
        "block 1 of 10 done (5 of 50 variants, about 4 min 30 s left)",
        "block 2 of 10 done (10 of 50 variants, about 4 min left)",
    ]


def test_lines_keep_their_distance():
    """Blocks that finish at once share a line; the last always gets its own."""
    live, paper, clock = _plain(every=3.0)
    live.start(6, 30)
    for done in range(1, 7):
        clock.now += 0.1
        live(_block(done, 6))
    live.finish()

    lines = paper.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[-1] == "block 6 of 6 done (30 of 30 variants)"


def test_failures_and_warnings_are_always_said():
    """What went wrong has its line, whatever the distance, in one line without control codes."""
    live, paper, _ = _plain(every=1000.0)
    live({"event": "variant_failed", "variant": "v007", "reason": "loss\x1b[31m became\nNaN [red]"})
    live({"event": "block_failed", "block": "b0001", "reason": "killed"})
    live({"event": "warning", "message": "few clusters"})
    live({"event": "something new", "x": 1})
    live({})
    live.close()

    assert paper.getvalue().splitlines() == [
        "v007 failed: loss [31m became NaN [red]",
        "block b0001 failed: killed",
        "warning: few clusters",
    ]


def test_blocks_without_a_start_are_counted():
    """A run that does not say how much there is still shows progress."""
    live, paper, _ = _plain()
    live(_block(1, 1))
    live.close()

    assert paper.getvalue() == "block 1 of 1 done\n"


def test_terminal_shows_a_bar_and_gives_the_log_back(monkeypatch):
    """On a terminal a bar is drawn; a log line meanwhile goes above it; then all is as before."""
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    handler = logging.StreamHandler(screen)
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    live = Live(Console(file=screen, force_terminal=True, width=100, _environ={"TERM": "xterm"}))
    live({"event": "stage", "stage": "train", "detail": "", "blocks": 4, "variants": 20})
    during = handler.stream
    live(_block(1, 4))
    logging.getLogger().warning("a log line")
    live({"event": "stage", "stage": "measure", "detail": "41 probes"})

    assert during is not screen
    assert handler.stream is screen
    assert sys.stderr is screen
    assert "1 of 4 blocks" in screen.getvalue()
    assert "a log line\n" in screen.getvalue().replace("\r", "")
    assert "measure: 41 probes" in screen.getvalue()
    live.close()
    live.close()


def test_finish_without_start_is_harmless():
    """Closing a listener that heard nothing prints nothing."""
    live, paper, _ = _plain()
    live.finish()

    assert paper.getvalue() == ""


@pytest.mark.parametrize("verb", ["update", "__call__"])
def test_both_names_hear(verb):
    """`update` is the same as calling."""
    live, paper, _ = _plain()
    getattr(live, verb)({"event": "warning", "message": "x"})

    assert paper.getvalue() == "warning: x\n"
