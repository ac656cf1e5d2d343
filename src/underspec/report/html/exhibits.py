"""Examples on which equally ranked variants disagree most, with their votes."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from underspec.report._protocol import Exhibit
from underspec.report.html.scale import share
from underspec.report.shown import Shown, plain

__all__ = ["Card", "Deck", "Picture", "Vote", "deck"]

_PNG = b"\x89PNG\r\n\x1a\n"
_BARS = 4


@dataclass(frozen=True)
class Vote:
    """One answer: how many variants gave it, and whether it is right."""

    answer: str
    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class Picture:
    """One side of an exhibit: the picture, where there is one, and the votes on it."""

    caption: str
    source: str
    votes: tuple[Vote, ...]
    more: int


@dataclass(frozen=True)
class Card:
    """One exhibit, the clean side first."""

    probe: str
    example: str
    label: str
    sides: tuple[Picture, ...]


@dataclass(frozen=True)
class Deck:
    """The exhibits; `left_out` pictures would have made the file too big."""

    first: tuple[Card, ...]
    rest: tuple[Card, ...]
    left_out: int


def deck(exhibits: Sequence[Exhibit], seen: Shown, budget: int, first: int = 9) -> Deck:
    """Return the exhibits of probes that may be shown, with pictures up to `budget` bytes."""
    cards, left_out = [], 0
    for exhibit in _varied(exhibits[:60], seen):
        clean, distorted = _uri(exhibit.clean_png), _uri(exhibit.png)
        if len(clean) + len(distorted) > budget:
            left_out += bool(clean) + bool(distorted)
            clean = distorted = ""
        budget -= len(clean) + len(distorted)
        sides = []
        if exhibit.clean_votes is not None or clean:
            sides.append(_side("clean", clean, exhibit.clean_votes or {}, exhibit.label))
        sides.append(_side("as stressed", distorted, exhibit.votes, exhibit.label))
        cards.append(
            Card(
                probe=plain(seen.titles.get(exhibit.probe, exhibit.probe), 60),
                example=plain(exhibit.example, 40),
                label=plain(exhibit.label, 40),
                sides=tuple(sides),
            )
        )
    return Deck(tuple(cards[:first]), tuple(cards[first:]), left_out)


def _varied(exhibits: Sequence[Exhibit], seen: Shown) -> list[Exhibit]:
    """Return the exhibits that may be shown: the first of each probe, then the second of each."""
    turns: list[tuple[int, Exhibit]] = []
    met: dict[str, int] = {}
    for exhibit in exhibits:
        if exhibit.probe in seen.names:
            met[exhibit.probe] = met.get(exhibit.probe, 0) + 1
            turns.append((met[exhibit.probe], exhibit))
    return [exhibit for _, exhibit in sorted(turns, key=lambda turn: turn[0])]


def _side(caption: str, source: str, votes: Mapping[str, int], label: str) -> Picture:
    whole = sum(votes.values())
    ranked = sorted(votes.items(), key=lambda vote: -vote[1])
    return Picture(
        caption=caption,
        source=source,
        votes=tuple(
            Vote(plain(answer, 40), count, share(count, whole), answer == label)
            for answer, count in ranked[:_BARS]
        ),
        more=max(len(ranked) - _BARS, 0),
    )


def _uri(png: bytes | None) -> str:
    # Anything else than a PNG, such as SVG, is not put into a page.
    if png is None or not png.startswith(_PNG):
        return ""
    return "data:image/png;base64," + base64.b64encode(png).decode()
