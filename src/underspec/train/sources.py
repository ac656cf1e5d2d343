"""What the sources of variation mean for the rows that a variant is trained on."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data, Variant
from underspec.core.streams import Stream, stream

__all__ = ["check_sample", "check_sources", "classes_of", "sampled_rows", "source_stream"]


def source_stream(variant: Variant, source: str) -> Stream:
    """Return the stream of one source; a source that is not varied is the same for all variants."""
    if source in variant.seeds:
        return stream(variant.seeds[source], "train", source)
    return stream(0, "train", source, "fixed")


def check_sources(
    trainer: str,
    variant: Variant,
    known: Mapping[str, str],
    seeded: Collection[str],
    valued: Collection[str],
) -> None:
    """Refuse a source that the trainer does not know, or a seed for a value or the reverse.

    Args:
        trainer: what the study file calls the trainer.
        variant: any variant of the study; all have the same sources.
        known: the trainer's `sources`.
        seeded: those of them that may be seeds.
        valued: those of them that may be values.

    Raises:
        UsageError: a source does not suit the trainer.
    """
    for source in (*variant.seeds, *variant.values):
        if source not in known:
            raise UsageError(one_of(f"source of the trainer '{trainer}'", source, known))
    for source in variant.seeds:
        if source not in seeded:
            raise UsageError(
                f"The source '{source}' of the trainer '{trainer}' takes values, not seeds. List "
                f"them: {{{source}: [..., ...]}}."
            )
    for source in variant.values:
        if source not in valued:
            raise UsageError(
                f"The source '{source}' of the trainer '{trainer}' takes seeds, not values. Write its "
                f"name alone: {source}."
            )


def check_sample(sample: object) -> None:
    """Refuse what is neither ``bootstrap``, ``all`` nor a share of the rows.

    Raises:
        UsageError: `sample` is none of these.
    """
    if sample in ("bootstrap", "all"):
        return
    if isinstance(sample, int | float) and not isinstance(sample, bool) and 0 < sample <= 1:
        return
    raise UsageError(
        f"sample must be 'bootstrap', 'all' or a share of the training rows above 0 and up to 1. "
        f"Got {sample!r}."
    )


def sampled_rows(data: Data, variant: Variant, sample: str | float) -> NDArray[np.intp]:
    """Return the rows that the variant is trained on, in the order of the data.

    All rows where `sample` is not varied. Clusters are drawn whole, so that what was sampled as
    one thing stays together; where they are the examples themselves, rows are drawn.

    Args:
        data: the training data.
        variant: its source `sample` is a seed (draws what `sample` says) or a value (``bootstrap``,
            ``all`` or a share, drawn by the stream that all variants share).
        sample: what a seed draws.

    Returns:
        Positions in `data`, ascending; rows drawn twice stand twice.

    Raises:
        UsageError: the value is no sample.
    """
    if "sample" not in variant.seeds and "sample" not in variant.values:
        return np.arange(len(data))
    drawn = variant.values.get("sample", sample)
    check_sample(drawn)
    if drawn == "all":
        return np.arange(len(data))
    generator = source_stream(variant, "sample").generator()
    names, cluster = np.unique(data.clusters, return_inverse=True)
    if drawn == "bootstrap":
        times = np.bincount(generator.integers(len(names), size=len(names)), minlength=len(names))
    else:
        count = max(1, round(float(drawn) * len(names)))
        times = np.zeros(len(names), dtype=np.intp)
        times[generator.choice(len(names), size=count, replace=False)] = 1
    return np.repeat(np.arange(len(data)), times[cluster])


def classes_of(data: Data) -> int:
    """Return the number of class codes.

    Raises:
        UsageError: there is no example, or a label is negative or no class.
    """
    if data.regression:
        raise UsageError("This trainer is for classes, but the labels are numbers to predict.")
    if len(data) == 0:
        raise UsageError("The training data has no examples.")
    if int(data.labels.min()) < 0:
        raise UsageError(
            f"Labels must be class codes from 0. Got {int(data.labels.min())}; recode the labels."
        )
    return max(len(data.classes), int(data.labels.max()) + 1)
