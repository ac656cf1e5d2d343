"""The columns of the exchange format: which there are, which a file has, which it must have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from underspec.core.errors import UsageError, one_of

__all__ = ["KEYS", "Form", "Layout", "layout"]

Form: TypeAlias = Literal["prediction", "score", "scores"]

KEYS = ("probe", "variant", "example", "label")
_VALUES = ("prediction", "score", "score_0")
_OPTIONAL = ("cluster", "group", "weight", "pair", "side")
_SCORE = re.compile(r"score_([0-9]{1,6})")
_SOURCE = re.compile(r"source_.+")
_KNOWN = (*KEYS, *_VALUES, *_OPTIONAL, "source_<name>")


@dataclass(frozen=True)
class Layout:
    """The columns of one file.

    Attributes:
        form: how the predictions are given.
        values: columns that hold them; ``score_0 ...`` in the order of the classes.
        optional: those of ``cluster``, ``group``, ``weight``, ``pair`` and ``side`` that are there.
        sources: ``source_<name>`` columns.
        labelled: whether there is a ``label``, which a file of contrastive probes alone may lack.
    """

    form: Form
    values: tuple[str, ...]
    optional: tuple[str, ...]
    sources: tuple[str, ...]
    labelled: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """All columns but those that hold predictions."""
        known = KEYS if self.labelled else KEYS[:-1]
        return (*known, *self.optional, *self.sources)


def layout(names: Sequence[str], file: str) -> Layout:
    """Return the layout of a file with these columns.

    Raises:
        UsageError: a column is unknown, missing, doubled or contradicts another.
    """
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{file} has the column {name!r} twice: keep one.")
        known = name in _KNOWN or _SCORE.fullmatch(name) or _SOURCE.fullmatch(name)
        if not known or name == "source_<name>":
            raise UsageError(f"{file}: " + one_of("column of the exchange format", name, _KNOWN))
    for one, other in (("pair", "side"), ("side", "pair")):
        if one in names and other not in names:
            raise UsageError(
                f"{file} has the column '{one}' but not '{other}': which two examples are a pair takes both, side "
                "0 for the one as it is and 1 for the one edited."
            )
    for name in KEYS:
        if name not in names and (name != "label" or "pair" not in names):
            why = ": every metric needs the true class of each example" if name == "label" else ""
            raise UsageError(
                f"{file} lacks the column '{name}'{why}. It has: {', '.join(names) or 'none'}."
            )
    form, values = _values(names, file)
    return Layout(
        form=form,
        values=values,
        optional=tuple(name for name in _OPTIONAL if name in names),
        sources=tuple(name for name in names if _SOURCE.fullmatch(name)),
        labelled="label" in names,
    )


def _values(names: Sequence[str], file: str) -> tuple[Form, tuple[str, ...]]:
    scores = [name for name in names if _SCORE.fullmatch(name)]
    given = [name for name in ("prediction", "score") if name in names] + scores[:1]
    if len(given) != 1:
        got = "has " + " and ".join(f"'{name}'" for name in given) if given else "has none of them"
        raise UsageError(
            f"{file} must hold predictions in one form, as 'prediction', as 'score', or as "
            f"'score_0', 'score_1' and so on, but {got}."
        )
    if not scores:
        return ("prediction" if given == ["prediction"] else "score"), (given[0],)
    if len(scores) == 1:
        raise UsageError(
            f"{file} has one class only, '{scores[0]}': give a score for each class, or 'score' "
            "for the probability of class 1 of two."
        )
    wanted = tuple(f"score_{c}" for c in range(len(scores)))
    for name in wanted:
        if name not in scores:
            raise UsageError(
                f"{file} has {len(scores)} score columns but lacks '{name}': they must run from "
                f"'score_0' to '{wanted[-1]}'."
            )
    return "scores", wanted
