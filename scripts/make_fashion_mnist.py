"""Make the bundled subset of Fashion-MNIST from the official IDX files.

    python scripts/make_fashion_mnist.py FOLDER [--check]

FOLDER holds the four official files, gzipped or not; the Debian package ``dataset-fashion-mnist``
puts them in ``/usr/share/datasets/fashion-mnist``. The images of each class with the smallest
sha256 of their id are taken, so the subset depends on nothing but the official files. The arrays
are the same everywhere; the bytes of the archive are the same for the same version of zlib.
"""

import argparse
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np

from underspec.data.bundled import PARTS, Bundled, provenance
from underspec.data.checksum import checksum
from underspec.data.idx import PREFIXES, Idx, read_idx

FOLDER = Path(__file__).parents[1] / "src" / "underspec" / "data" / "bundled"
PER_CLASS = {"train": 1200, "holdout": 500}
CLASSES = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip


def official(folder: Path) -> dict[str, str]:
    """Return the sha256 of each official file's array, whatever its compression."""
    found = {}
    for prefix in PREFIXES.values():
        for kind in ("images-idx3", "labels-idx1"):
            name = f"{prefix}-{kind}-ubyte"
            path = next(p for p in (folder / name, folder / f"{name}.gz") if p.is_file())
            found[name] = hashlib.sha256(read_idx(path).tobytes()).hexdigest()
    return found


def chosen(part: str, labels: np.ndarray) -> np.ndarray:
    """Return the places taken of one official file, ascending, each class alike."""
    marks = np.asarray(
        [
            hashlib.sha256(f"fashion_mnist:{PREFIXES[part]}-{i:05d}".encode()).hexdigest()
            for i in range(len(labels))
        ]
    )
    taken = []
    for label in range(10):
        rows = np.flatnonzero(labels == label)
        taken.append(rows[np.argsort(marks[rows], kind="stable")][: PER_CLASS[part]])
    return np.sort(np.concatenate(taken))


def archive(arrays: dict[str, np.ndarray]) -> bytes:
    """Return an .npz file without a time in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, array in arrays.items():
            body = io.BytesIO()
            np.lib.format.write_array(body, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, body.getvalue(), compresslevel=9)
    return out.getvalue()


def make(folder: Path) -> None:
    """Write the archive and its provenance."""
    arrays: dict[str, np.ndarray] = {}
    parts = {}
    for part in PARTS:
        data = Idx(str(folder), part)()
        places = chosen(part, data.labels)
        arrays[f"{part}_images"] = np.ascontiguousarray(data.inputs[places, ..., 0])
        arrays[f"{part}_labels"] = data.labels[places].astype(np.uint8)
        arrays[f"{part}_places"] = places.astype(np.int32)
        parts[part] = {
            "prefix": PREFIXES[part],
            "examples": len(places),
            "per_class": PER_CLASS[part],
            "checksum": checksum(data.take(places)),
        }
    packed = archive(arrays)
    (FOLDER / "fashion_mnist.npz").write_bytes(packed)
    record = {
        "name": "Fashion-MNIST, a subset",
        "source": "https://github.com/zalandoresearch/fashion-mnist",
        "through": "Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1",
        "paper": "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for "
        "Benchmarking Machine Learning Algorithms, arXiv:1708.07747, 2017",
        "licence": "MIT",
        "copyright": "2017 Zalando SE, https://tech.zalando.com",
        "notice": "Fashion-MNIST (a subset), Copyright 2017 Zalando SE, MIT licence, "
        "https://github.com/zalandoresearch/fashion-mnist.",
        "selection": "of each class the images with the smallest sha256 of "
        "'fashion_mnist:<id>', in the order of the official file",
        "made_by": "scripts/make_fashion_mnist.py",
        "official_sha256": official(folder),
        "classes": CLASSES,
        "parts": parts,
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (FOLDER / "fashion_mnist.json").write_text(text, encoding="utf-8")
    print(f"fashion_mnist.npz: {len(packed) / 1e6:.2f} MB")


def check(folder: Path) -> int:
    """Compare the bundled arrays with the official files, and say what differs."""
    origin, wrong = provenance("fashion_mnist"), []
    if official(folder) != origin["official_sha256"]:
        wrong.append("the official files are not those of the provenance")
    for part in PARTS:
        whole = Idx(str(folder), part)()
        remade = checksum(whole.take(chosen(part, whole.labels)))
        recorded = origin["parts"][part]["checksum"]
        if not remade == recorded == checksum(Bundled("fashion_mnist", part)()):
            wrong.append(f"part '{part}' differs from what the official files give")
    print("; ".join(wrong) or "fashion_mnist.npz is what the official files give")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder of the official IDX files")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    sys.exit(check(arguments.folder) if arguments.check else make(arguments.folder))
