"""What makes two studies the same, and what is said when they are not."""

import dataclasses
from typing import Any

from underspec.core.errors import StudyError
from underspec.core.records import Data
from underspec.data.checksum import checksum
from underspec.study.canonical import code_digest, digest, plain
from underspec.study.study import Study

__all__ = ["identity", "recipe_id", "refuse_other"]


def identity(study: Study, train: Data, holdout: Data) -> dict[str, Any]:
    """Return everything that decides what is trained, by name."""
    trainer = study.recipe.trainer
    return {
        "trainer": _deciding(trainer),
        "code": code_digest(trainer),
        "train": checksum(train),
        "holdout": checksum(holdout),
        "seed": study.seed,
        "sources": plain(study.sources),
        "design": study.layout,
        "strategy": trainer.strategy,
    }


def _deciding(trainer: Any) -> Any:
    """Return the trainer's parameters, but for fields that say they decide no number."""
    told = plain(trainer)
    if not dataclasses.is_dataclass(trainer):
        return told
    idle = {f.name for f in dataclasses.fields(trainer) if not f.metadata.get("decides", True)}
    return {
        name: {key: value for key, value in of.items() if key not in idle}
        for name, of in told.items()
    }


def recipe_id(parts: dict[str, Any]) -> str:
    """Return the hash of an identity."""
    return digest(parts)


def refuse_other(before: dict[str, Any], now: dict[str, Any], accept_code_change: bool) -> None:
    """Refuse to go on with a folder that holds another recipe.

    Raises:
        StudyError: something that decides what is trained has changed.
    """
    changed = [key for key in now if before.get(key) != now[key]]
    if accept_code_change and changed == ["code"]:
        return
    if changed == ["code"]:
        raise StudyError(
            "The trainer's code has changed since this study began, so old and new variants would mix. "
            "Give another --out, or --accept-code-change to mix them and have it recorded."
        )
    if changed:
        key = changed[0]
        raise StudyError(
            f"This folder holds a study with another {_words(key)}: it was {_short(before.get(key))}, now "
            f"it is {_short(now[key])}. Give another --out, or undo the change."
        )


def _words(key: str) -> str:
    return {"train": "training set", "code": "trainer's code"}.get(key, key)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "..."
