"""What a study folder says it holds: `study.yaml`, checked before anything is changed."""

import json
from typing import Any

import yaml

from underspec.core.errors import StudyError, UsageError
from underspec.core.records import Data
from underspec.core.store import Store
from underspec.study import layout
from underspec.study.canonical import code_digest
from underspec.study.identity import identity, refuse_other
from underspec.study.study import Study
from underspec.train._protocol import Noticed

__all__ = ["check", "compose", "forget", "read_json", "read_record", "refuse_occupied", "settle"]

_EARLY = {"events", "probes", "driver.json"}
"""What a process that was stopped early may have left."""


def refuse_occupied(store: Store) -> None:
    """Leave a folder alone that holds something else than a study.

    Raises:
        UsageError: it is a file, or holds other things.
    """
    if store.local is not None and store.local.is_file():
        raise UsageError(f"--out {store} is a file. Give a folder.")
    names = store.names()
    if names and not store.exists(layout.STUDY) and set(names) - _EARLY:
        raise UsageError(
            f"The folder {store} is not empty and holds no study (it has '{names[0]}'). Give another --out."
        )


def compose(study: Study, train: Data, holdout: Data) -> dict[str, Any]:
    """Return what `study.yaml` says of a study."""
    readers = (study.recipe.train, study.recipe.holdout)
    notices = [r.notice for r in readers if not isinstance(r, Data) and r.notice]
    if isinstance(study.recipe.trainer, Noticed) and study.recipe.trainer.notice:
        notices.append(study.recipe.trainer.notice)
    judges = (*study.metrics.values(), study.near_equal, *study.choosers.values())
    return {
        "passed": json.loads(json.dumps(study.passed, default=str)),
        "resolved": study.resolved(),
        "identity": identity(study, train, holdout),
        "judges": [code_digest(judge) for judge in judges],
        "notices": list(dict.fromkeys(notices)),
    }


def read_record(store: Store) -> dict[str, Any]:
    """Return what `study.yaml` says.

    Raises:
        StudyError: there is none, or it is damaged.
    """
    try:
        record = yaml.safe_load(store.read(layout.STUDY))
        return {**record, "resolved": record["resolved"], "identity": record["identity"]}
    except FileNotFoundError:
        raise StudyError(f"{store} holds no study: there is no {layout.STUDY}.") from None
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        raise StudyError(
            f"{layout.STUDY} in {store} is damaged, so nobody can tell which study this is. Give another "
            "--out, or restore the file."
        ) from None


def read_json(store: Store, name: str) -> dict[str, Any]:
    """Return a JSON file that can be done without: empty where it is missing or damaged."""
    try:
        found = json.loads(store.read(name))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def check(store: Store, record: dict[str, Any], trained: bool, accept_code_change: bool) -> None:
    """Refuse a folder that holds another study; nothing is written.

    Args:
        store: the study folder.
        record: from `compose`.
        trained: whether the folder has variants; without any it is free to become another study.
        accept_code_change: whether to go on with other code.

    Raises:
        StudyError: the folder holds another study.
    """
    if store.exists(layout.STUDY) and trained:
        refuse_other(read_record(store)["identity"], record["identity"], accept_code_change)


def settle(store: Store, record: dict[str, Any]) -> None:
    """Write down what is asked; findings of anything else go first."""
    told = ("resolved", "judges", "identity")
    before = read_record(store) if store.exists(layout.STUDY) else {}
    if any(before.get(key) != record[key] for key in told):
        forget(store)
    text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=100)
    if not store.exists(layout.STUDY) or store.read(layout.STUDY).decode() != text:
        store.write(layout.STUDY, text.encode())


def forget(store: Store) -> None:
    """Remove findings and report, before what they were made from changes."""
    store.remove(layout.FINDINGS)
    store.remove("report.html")
