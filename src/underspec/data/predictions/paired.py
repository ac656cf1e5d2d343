"""The columns `pair` and `side`: whether they make pairs, and who may lack a label."""

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Pairs

__all__ = ["first_ids", "fit_pairs", "pairs_of"]


def pairs_of(pair: NDArray[np.str_], side: NDArray[np.str_]) -> Pairs | None:
    """Return the pairs of a probe, None where it has none.

    Args:
        pair: as the files write it, empty for none, [examples].
        side: likewise.
    """
    return Pairs(pair, side.astype(np.int8)) if (pair != "").any() else None


def first_ids(pairs: Pairs, ids: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return for each example the id of its pair's reference."""
    rows = pairs.side == 0
    first = dict(zip(pairs.pair[rows].tolist(), ids[rows].tolist(), strict=True))
    return np.array([first[name] for name in pairs.pair.tolist()])


def fit_pairs(
    title: str,
    pair: NDArray[np.str_],
    side: NDArray[np.str_],
    ids: NDArray[np.str_],
    lacks: Booleans,
    *,
    holdout: bool,
) -> bool:
    """Say whether a probe is one of pairs.

    Args:
        title: of the probe.
        pair: as the files write it, [examples].
        side: likewise.
        ids: of the examples.
        lacks: which have no label.
        holdout: whether the probe is the holdout.

    Raises:
        UsageError: its sides make no pairs, it is the holdout, or it has none and lacks labels.
    """
    if not ((pair != "") | (side != "")).any():
        if lacks.any():
            raise UsageError(
                f"{lacks.sum()} of the {len(lacks)} examples of probe {title!r} have no label, such as "
                f"{str(ids[lacks][0])!r}: only a contrastive probe, with 'pair' and 'side', does without."
            )
        return False
    if holdout:
        raise UsageError(
            f"The holdout {title!r} has pairs: it is what pairs are an edit of. Leave 'pair' and 'side' empty "
            "there."
        )
    wrong = np.flatnonzero((pair == "") | ~np.isin(side, ("0", "1")))
    if len(wrong):
        raise UsageError(
            f"{len(wrong)} of the {len(pair)} examples of the contrastive probe {title!r} have no pair with a side "
            f"of 0 or 1, such as {str(ids[wrong[0]])!r}: give each example both."
        )
    try:
        pairs_of(pair, side)
    except UsageError as error:
        raise UsageError(f"Probe {title!r}: {error}") from None
    return True
