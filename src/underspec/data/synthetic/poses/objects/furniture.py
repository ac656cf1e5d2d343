"""Chair, table and lamp."""

from underspec.core.records import Floats
from underspec.data.synthetic.poses.mesh import Mesh, box, joined, revolve
from underspec.data.synthetic.poses.objects.parts import BODY, DARK, PLAIN, between

__all__ = ["chair", "lamp", "table"]


def _legs(x: Floats, y: Floats, high: Floats, thick: Floats, part: int) -> list[Mesh]:
    """Return four legs with their outer edges at x and y, from the floor up."""
    return [
        box(
            [x - thick if right else -x, y - thick if far else -y, 0],
            [x if right else thick - x, y if far else thick - y, high],
            part,
        )
        for right in (False, True)
        for far in (False, True)
    ]


def chair(draws: Floats) -> Mesh:
    """Return a seat on four legs with a back of two posts and three slats, seen from its front left."""
    deep, high, back, thick, gap = between(
        draws, (0.85, 1.05), (0.9, 1.2), (1.2, 1.6), (0.14, 0.2), (0.1, 0.22)
    )
    seat = box([-0.9 + 0 * deep, -deep, high], [0.9, deep, high + 0.18], BODY)
    top = high + 0.18 + back
    posts = [
        box([low, deep - thick, high], [low + thick, deep, top], PLAIN)
        for low in (-0.9, 0.9 - thick)
    ]
    step = back / 3
    slats = [
        box(
            [-0.9 + 0 * deep, deep - 0.8 * thick, high + 0.18 + step * k + gap],
            [0.9, deep - 0.2 * thick, high + 0.18 + step * (k + 1)],
            BODY,
        )
        for k in range(3)
    ]
    return joined([seat, *_legs(0.9 + 0 * deep, deep, high, thick, PLAIN), *posts, *slats])


def table(draws: Floats) -> Mesh:
    """Return a top, wider than deep, with an apron on four legs."""
    deep, high, top, thick, inset = between(
        draws, (0.75, 1.1), (1.0, 1.4), (0.1, 0.17), (0.12, 0.2), (0.05, 0.22)
    )
    board = box([-1.5 + 0 * deep, -deep, high], [1.5, deep, high + top], BODY)
    x, y = 1.5 - inset, deep - inset
    apron = box([-x, -y, high - 0.16], [x, y, high], PLAIN)
    return joined([board, apron, *_legs(x, y, high, thick, PLAIN)])


def lamp(draws: Floats) -> Mesh:
    """Return a shade, open above and below, on a pole with a round foot."""
    pole, foot, low, high, tall = between(
        draws, (1.2, 1.9), (0.5, 0.75), (0.85, 1.1), (0.4, 0.7), (0.8, 1.15)
    )
    base = revolve([0, foot, 0.9 * foot, 0.09, 0], [0, 0, 0.14, 0.2, 0.2], part=DARK)
    stem = revolve([0.08 + 0 * pole, 0.08], [0.15, pole + 0.6 * tall], sides=6, part=DARK)
    shade = revolve([low, high], [pole, pole + tall], sides=16, part=BODY)
    return joined([base, stem, shade])
