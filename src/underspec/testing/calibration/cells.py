"""The cells of the calibration table: which worlds, how many studies, what is promised there."""

import math
from dataclasses import dataclass
from typing import Literal

from underspec.testing.worlds import Auc, Boundary, Crowd, Mirror, Null, Plain, Pocket, World
from underspec.testing.worlds.effects import Effects

__all__ = ["SHAPES", "Cell", "cells"]

SHAPES: dict[Effects, str] = {
    "normal": "normal",
    "exponential": "exponential",
    "t5": "t, 5 df",
    "even": "two kinds 50/50",
    "uneven": "two kinds 85/15",
}
"""How shapes of effects are written."""

_LAB, _FIELD = 0.01, 0.02
_NORMAL, _OTHER, _FALSE, _POWER = 0.93, 0.88, 0.05, 0.9


@dataclass(frozen=True)
class Cell:
    """One row of the table.

    Attributes:
        name: unique, a path in the tree of streams.
        kind: whether intervals are held against the truth (``coverage``; ``kept`` where half the
            holdout has selected a pool first), studies with a false call are counted (``false``), or
            right calls are (``power``).
        what: the row's title.
        world: where studies come from.
        k: variants.
        n: examples a probe.
        studies: how many are drawn.
        selection: whether half the holdout selects and the other is reported.
        target: least coverage or power, largest share of studies with a false call; None where
            nothing is promised.
        promise: which sentence of the summary the cell belongs to.
    """

    name: str
    kind: Literal["coverage", "kept", "false", "power"]
    what: str
    world: World
    k: int
    n: int
    studies: int
    selection: bool = False
    target: float | None = None
    promise: str = ""


def cells() -> tuple[Cell, ...]:
    """Return all cells, in the order of the page."""
    return (*_normal(), *_shaped(), *_images(), *_auc(), *_kept(), *_false(), *_power())


def _plain(
    k: int, n: int, shape: Effects = "normal", *, rows: int = 1, shared: bool = False
) -> Plain:
    """Return a spread of 2 points at an accuracy of .85, over 1 point at .92 in the lab."""
    return Plain(
        _FIELD,
        _LAB,
        accuracy=0.85,
        shape=shape,
        holdout_shape=shape,
        probes=1,
        crowd=Crowd(variants=k, images=n, rows=rows, shared=shared),
    )


def _covered(
    name: str, what: str, world: World, k: int, n: int, studies: int, *, normal: bool
) -> Cell:
    promise = "coverage, normal effects"
    target: float | None = _NORMAL
    if not normal:
        promise = "coverage, other effects" if k >= 20 else ""
        target = _OTHER if k >= 20 else None
    return Cell(name, "coverage", what, world, k, n, studies, target=target, promise=promise)


def _normal() -> list[Cell]:
    return [
        _covered(
            f"normal-k{k}-n{n}",
            "normal",
            _plain(k, n),
            k,
            n,
            4000 if n < 10_000 else 2000,
            normal=True,
        )
        for k in (10, 20, 50)
        for n in (300, 2000, 10_000)
    ]


def _shaped() -> list[Cell]:
    shapes = [shape for shape in SHAPES if shape != "normal"]
    grid = [(shape, k, 2000) for shape in shapes for k in (20, 50)]
    grid += [("uneven", 10, 2000), ("uneven", 20, 300), ("exponential", 20, 300)]
    return [
        _covered(f"{shape}-k{k}-n{n}", SHAPES[shape], _plain(k, n, shape), k, n, 4000, normal=False)
        for shape, k, n in sorted(grid, key=lambda one: list(SHAPES).index(one[0]))
    ]


def _images() -> list[Cell]:
    found = [
        _covered(
            f"shared-k20-n{n}",
            "normal, holdout's images again",
            _plain(20, n, shared=True),
            20,
            n,
            4000,
            normal=True,
        )
        for n in (300, 2000)
    ]
    clustered = _plain(20, 300, rows=4, shared=True)
    found.append(
        _covered(
            "rows-k20-n1200",
            "normal, four rows an image",
            clustered,
            20,
            1200,
            4000,
            normal=True,
        )
    )
    for k in (20, 50):
        world = Pocket(crowd=Crowd(variants=k, images=300))
        what = "uniform, on 5 % of images alone"
        found.append(_covered(f"pocket-k{k}-n300", what, world, k, 300, 4000, normal=False))
    return found


def _auc() -> list[Cell]:
    found = []
    rows = (
        (0.10, 0.98, 300, "near-identical variants"),
        (0.10, 0.50, 2000, "unlike variants"),
        (0.05, 0.90, 2000, "alike variants"),
    )
    for share, same, n, what in rows:
        world = Auc(
            spread=_FIELD,
            holdout_spread=_LAB,
            mean=0.85,
            holdout_mean=0.9,
            positives=share,
            same=same,
            variants=20,
            images=n,
        )
        name = f"auc-{round(100 * share)}-{round(100 * same)}-k20-n{n}"
        title = f"AUC, normal, {share:.0%} positives, {what}"
        found.append(_covered(name, title, world, 20, n, 1000, normal=True))
    return found


def _kept() -> list[Cell]:
    found = []
    for alike in (0.0, 0.5, 1.0):
        world = Plain(
            _FIELD,
            _LAB,
            accuracy=0.85,
            alike=alike,
            epsilon=_LAB,
            probes=1,
            crowd=Crowd(variants=20, images=10_000),
        )
        found.append(
            Cell(
                f"kept-alike{round(100 * alike)}",
                "kept",
                f"lab and field correlated {alike:g}",
                world,
                20,
                10_000,
                2000,
                selection=True,
                target=_NORMAL,
                promise="coverage, kept pools",
            )
        )
    return found


def _false() -> list[Cell]:
    probes, images, k, studies = 15, 3000, 50, 1000
    crowd = Crowd(variants=k, images=images)
    promised = "false calls, promised worlds"
    rest = "false calls, worlds not promised"
    rows: list[tuple[str, str, World, int, bool]] = [
        ("null", "null", Null(probes=probes, crowd=crowd), k, True),
        ("mirror-sample", "mirror, sampled again", Mirror("sample", probes=probes, crowd=crowd), k, True),
        ("mirror-changed", "mirror, images changed", Mirror("changed", probes=probes, crowd=crowd), k, True),
    ]  # fmt: skip
    edges: dict[Literal["gap", "ratio"], str] = {"gap": "gap = epsilon", "ratio": "ratio = r0"}
    shapes: tuple[Effects, ...] = ("normal", "exponential", "t5", "uneven")
    for edge, said in edges.items():
        for shape in shapes:
            world = Boundary(edge, shape, shape, probes=probes, crowd=crowd)
            what = f"boundary, {said}, {SHAPES[shape]}"
            rows.append((f"boundary-{edge}-{shape}", what, world, k, shape != "uneven"))
    fewer = Boundary("gap", "uneven", "uneven", probes=probes, crowd=Crowd(20, images))
    rows.append(
        ("boundary-gap-uneven-k20", "boundary, gap = epsilon, two kinds 85/15", fewer, 20, False)
    )
    mixed = Boundary("ratio", "normal", "exponential", probes=probes, crowd=crowd)
    what = "boundary, ratio = r0, exponential in the lab, normal in the field"
    rows.append(("boundary-ratio-exponential-normal", what, mixed, k, True))
    return [
        Cell(
            name,
            "false",
            what,
            world,
            count,
            images,
            studies,
            selection=True,
            target=_FALSE if held else None,
            promise=promised if held else rest,
        )
        for name, what, world, count, held in rows
    ]


def _power() -> list[Cell]:
    found = []
    for reliability in (0.9, 0.5):
        n = _images_for(reliability)
        world = Plain(
            3 * _LAB,
            _LAB,
            accuracy=0.85,
            holdout_accuracy=0.85,
            epsilon=1.25 * _LAB,
            probes=1,
            parts=True,
            crowd=Crowd(variants=20, images=n),
        )
        held = reliability >= 0.9
        found.append(
            Cell(
                f"power-{round(100 * reliability)}",
                "power",
                f"ratio 3, reliability {reliability:g} in the lab",
                world,
                20,
                n,
                4000,
                target=_POWER if held else None,
                promise="power" if held else "",
            )
        )
    return found


def _images_for(reliability: float, accuracy: float = 0.85) -> int:
    """Return how many images give the holdout this reliability.

    The noise of one answer is ``A - E p²`` with p the chance of a right one given the image. Both
    answers to an image are right with the bivariate normal probability Φ₂(z, z; s²/(1 + s²)), so
    the noise is twice Owen's T.
    """
    from scipy.special import ndtri, owens_t

    common = Crowd().difficulty ** 2 / (1 + Crowd().difficulty ** 2)
    noise = 2 * float(owens_t(ndtri(accuracy), math.sqrt((1 - common) / (1 + common))))
    return round(noise / (_LAB**2 * (1 - reliability) / reliability))
