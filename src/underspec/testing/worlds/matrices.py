"""Right and wrong answers for variants of given true accuracy: the probit model of all worlds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from underspec.core.records import Floats
from underspec.core.streams import Stream
from underspec.measure import Evidence
from underspec.testing.worlds._protocol import Drawn, Truth

__all__ = ["Crowd", "study"]


@dataclass(frozen=True)
class Crowd:
    """Sizes and images of a synthetic study.

    Attributes:
        variants: variants trained.
        images: images a probe; each is one cluster.
        rows: examples made of each image.
        difficulty: how far images differ in difficulty, in units of a variant's own luck with one;
            the larger, the more the variants err on the same images.
        shared: whether probes use the holdout's images.
        same: correlation of difficulty, and of each variant's luck, between shared images.
    """

    variants: int = 50
    images: int = 2500
    rows: int = 1
    difficulty: float = 1.5
    shared: bool = False
    same: float = 0.5


def study(
    crowd: Crowd,
    key: Stream,
    holdout: tuple[Floats, Truth],
    probes: Mapping[str, tuple[Floats, Truth]],
) -> Drawn:
    """Return a study whose variants have these true accuracies.

    Variant v of true accuracy A is right on an example where
    ``sqrt(1 + s²) Φ⁻¹(A) + s difficulty + luck > 0``: right with probability A over examples, more
    or less with the others as s says. Rows of one image share half of difficulty and luck.

    Args:
        crowd: sizes and images.
        key: stream of this study.
        holdout: true accuracies [variants], or of each variant on each example [variants, examples],
            and what is true of the holdout.
        probes: the same by name.
    """
    ids = tuple(f"v{v:03d}" for v in range(crowd.variants))
    base = _latent(crowd, key.child("holdout"))

    def evidence(name: str, accuracies: Floats, latent: tuple[Floats, Floats]) -> Evidence:
        prefix = "holdout" if crowd.shared or name == "holdout" else name
        names = np.array([f"{prefix}-{image}" for image in range(crowd.images)])
        return Evidence(
            name=name,
            title=name,
            kind="holdout" if name == "holdout" else "shifted",
            family=name,
            severity=None,
            variants=ids,
            contributions=_right(accuracies, crowd.difficulty, latent),
            clusters=np.repeat(names, crowd.rows),
        )

    def lazily() -> Iterator[Evidence]:
        for name, (accuracies, _) in probes.items():
            own = _latent(crowd, key.child("probe", name))
            if crowd.shared:
                old, new = np.sqrt(crowd.same), np.sqrt(1 - crowd.same)
                own = old * base[0] + new * own[0], old * base[1] + new * own[1]
            yield evidence(name, accuracies, own)

    return Drawn(
        holdout=evidence("holdout", holdout[0], base),
        probes=lazily(),
        holdout_truth=holdout[1],
        truths={name: truth for name, (_, truth) in probes.items()},
    )


def _latent(crowd: Crowd, key: Stream) -> tuple[Floats, Floats]:
    """Return difficulty [examples] and each variant's luck [variants, examples], standard normal."""
    generator = key.generator()
    n = crowd.images * crowd.rows
    difficulty, luck = generator.standard_normal(n), generator.standard_normal((crowd.variants, n))
    if crowd.rows == 1:
        return difficulty, luck
    common = generator.standard_normal((crowd.variants + 1, crowd.images)).repeat(
        crowd.rows, axis=1
    )
    return (difficulty + common[0]) * np.sqrt(0.5), (luck + common[1:]) * np.sqrt(0.5)


def _right(accuracies: Floats, spread: float, latent: tuple[Floats, Floats]) -> Floats:
    from scipy.special import ndtri

    difficulty, luck = latent
    skill = np.sqrt(1 + spread**2) * ndtri(accuracies)
    skill = skill[:, None] if skill.ndim == 1 else skill
    right: Floats = (luck + spread * difficulty > -skill).astype(np.float64)
    return right
