"""The examples on which equally ranked variants disagree most, as pictures."""

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Findings, ProbeFinding
from underspec.core.lazy import Lazy
from underspec.core.records import Answers, Booleans, Data
from underspec.core.store import Store
from underspec.core.streams import deciding
from underspec.report import Exhibit
from underspec.stress._protocol import Stress
from underspec.study.canonical import digest
from underspec.study.measuring import Answered
from underspec.study.probing import make_probes

__all__ = ["read_exhibits", "write_exhibits"]

_PROBES, _EACH = 5, 6
_INDEX = "exhibits/index.json"


def are_images(inputs: Any) -> bool:
    """Say whether inputs can be shown: [examples, height, width] with or without channels.

    Three axes of floats that are not all in 0..1 are records [examples, steps, columns].
    """
    if not isinstance(inputs, np.ndarray | Lazy):
        return False
    if inputs.ndim == 3 and isinstance(inputs, np.ndarray) and inputs.dtype.kind == "f":
        return bool((inputs >= 0).all() and (inputs <= 1).all())
    return inputs.ndim == 3 or (inputs.ndim == 4 and inputs.shape[3] in (1, 3))


def picture(image: NDArray[Any]) -> bytes:
    """Return one image, uint8 or float in 0..1, as PNG."""
    from PIL import Image

    pixels = image if image.dtype == np.uint8 else np.clip(image * 255, 0, 255).astype(np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _worth_showing(findings: Findings) -> list[ProbeFinding]:
    """Return the probes that part most, one a family, those with a verdict first."""
    first = [p for p in findings.probes if p.metric == findings.study.metric]
    # The two sides of a pair are no picture of one thing.
    parted = [
        p for p in first if p.kind not in ("holdout", "contrastive") and p.gap.value is not None
    ]
    # A group's pictures are the clean ones, so they show less than distorted ones do.
    parted = [p for p in parted if p.kind != "stratified"] or parted
    parted.sort(
        key=lambda p: (p.verdict not in ("underspecified", "both"), -(p.gap.value or 0.0), p.name)
    )
    families: dict[str, ProbeFinding] = {}
    for probe in parted:
        families.setdefault(probe.family, probe)
    return list(families.values())[:_PROBES]


def _votes(answers: NDArray[np.int32], classes: Sequence[str]) -> dict[str, int]:
    counted = Counter(answers.tolist())
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return {classes[code] if code < len(classes) else str(code): n for code, n in ranked}


def _disagreement(answers: Answers) -> NDArray[np.float64]:
    """Return the chance that two variants differ, for each example."""
    k = len(answers)
    agree = sum(((answers == code).sum(axis=0) / k) ** 2 for code in np.unique(answers))
    return 1.0 - np.asarray(agree, dtype=np.float64)


def write_exhibits(
    store: Store,
    findings: Findings,
    answered: Mapping[str, Answered],
    stress: Sequence[Stress],
    holdout: Data,
    seed: int,
) -> None:
    """Choose the examples and write their pictures; earlier ones go.

    Args:
        store: the study folder.
        findings: of the study.
        answered: probe name to predictions, of at least `shown(findings)` and the holdout.
        stress: stress tests, to make the pictures again.
        holdout: undistorted examples.
        seed: root of all randomness.
    """
    store.remove("exhibits")
    wanted = {probe.name for probe in _worth_showing(findings)}
    kept = set(findings.pool.kept)
    if len(kept) < 2:
        return
    clean = {identity: at for at, identity in enumerate(holdout.ids.tolist())}
    home = answered["holdout"].predictions
    members = np.array([v in kept for v in home.variants])
    rows: list[dict[str, Any]] = []
    for member in stress:
        if not wanted:
            break
        for probe in make_probes(member, holdout, seed):
            # What may not be tuned on may not be passed on either, as the licences go.
            showable = probe.may_choose and are_images(probe.data.inputs)
            if probe.name not in wanted or not showable:
                continue
            said = answered[probe.name].predictions.answers[members]
            for at in _most_disputed(said, deciding(seed, probe.data.clusters)):
                identity = str(probe.data.ids[at])
                origin = clean.get(identity)
                rows.append(
                    {
                        "probe": probe.name,
                        "example": identity,
                        "label": _name(probe.data, int(probe.data.labels[at])),
                        "votes": _votes(said[:, at], probe.data.classes),
                        "clean_votes": None
                        if origin is None
                        else _votes(home.answers[members][:, origin], holdout.classes),
                        "png": _put(store, _one(probe.data.inputs, at)),
                        "clean_png": None
                        if origin is None
                        else _put(store, _one(holdout.inputs, origin)),
                    }
                )
    order = {probe.name: at for at, probe in enumerate(_worth_showing(findings))}
    rows.sort(key=lambda row: order[row["probe"]])
    store.write(_INDEX, json.dumps(rows, indent=1).encode())


def _most_disputed(said: Answers, decides: Booleans) -> list[int]:
    contested = _disagreement(said)
    contested[decides] = -1.0
    return [int(at) for at in np.argsort(-contested, kind="stable")[:_EACH] if contested[at] > 0]


def _name(data: Data, code: int) -> str:
    return data.classes[code] if code < len(data.classes) else str(code)


def _one(inputs: Any, at: int) -> NDArray[Any]:
    one: NDArray[Any] = np.asarray(inputs[at : at + 1])[0]
    return one


def _put(store: Store, image: NDArray[Any]) -> str:
    content = picture(image)
    name = f"exhibits/{digest(content.hex())}.png"
    if not store.exists(name):
        store.write(name, content)
    return name


def shown(findings: Findings) -> set[str]:
    """Return the names of the probes that exhibits are taken from."""
    return {probe.name for probe in _worth_showing(findings)}


def read_exhibits(store: Store) -> tuple[Exhibit, ...]:
    """Return the exhibits of a study, none where there are none."""
    if not store.exists(_INDEX):
        return ()
    return tuple(
        Exhibit(
            **{
                **row,
                "png": store.read(row["png"]) if row["png"] else None,
                "clean_png": store.read(row["clean_png"]) if row["clean_png"] else None,
            }
        )
        for row in json.loads(store.read(_INDEX))
    )
