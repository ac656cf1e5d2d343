"""Small trees in exactly the published layouts, and holdouts that go with them."""

import io
import os
import shutil
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from underspec.core.lazy import Lazy
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data.images.imagenet import wnids

KEY = stream(1, "stress")


@dataclass(frozen=True)
class Blank:
    """Black images of any number and size, which take no memory until read."""

    count: int
    side: int
    channels: int = 3
    kind: str = "uint8"

    @property
    def shape(self):
        """Of one image."""
        return (self.side, self.side, self.channels)

    @property
    def dtype(self):
        """As told."""
        return np.dtype(self.kind)

    def __len__(self):
        return self.count

    def read(self, rows):
        """Return black images."""
        return np.zeros((len(rows), *self.shape), self.dtype)

    def digest(self, rows):
        """Return all that decides them."""
        return f"{self!r} {rows.tolist()}"


def blank(count, side, channels=3, kind="uint8"):
    return Lazy.of(Blank(count, side, channels, kind))


def val(number):
    """The name of an ImageNet validation image, counted from 1."""
    return f"ILSVRC2012_val_{number:08d}"


def home(n=1000, classes=None, side=224, labels=None, ids=None, **more):
    """A holdout of `n` examples named as ImageNet's; by default one of each class, last class first."""
    classes = wnids() if classes is None else tuple(classes)
    labels = np.arange(n)[::-1] % len(classes) if labels is None else np.asarray(labels)
    ids = np.asarray([val(i + 1) for i in range(n)] if ids is None else ids, dtype=np.str_)
    given = {"inputs": blank(n, side), "clusters": np.char.add("of ", ids)} | more
    return Data(labels=labels.astype(np.int32), ids=ids, classes=classes, **given)


@cache
def encoded(side, colour, form="JPEG", frame=0):
    """Bytes of a picture of one colour, with a red frame of so many pixels around it."""
    picture = Image.new("RGB", (side + 2 * frame, side + 2 * frame), (255, 0, 0))
    picture.paste(colour, (frame, frame, side + frame, side + frame))
    stored = io.BytesIO()
    picture.save(stored, form, **({"quality": 95} if form == "JPEG" else {}))
    return stored.getvalue()


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def corrupted(root, data, names, severities=(1,), side=None, level=40):
    """Write ``corruption/severity/class/id.JPEG`` for every example; grey levels tell the severity."""
    side = side or data.inputs.shape[1]
    for name in names:
        for severity in severities:
            content = encoded(side, (level * severity,) * 3)
            for identity, label in zip(data.ids.tolist(), data.labels.tolist(), strict=True):
                folder = root / name / str(severity) / data.classes[label]
                put(folder / f"{identity}.JPEG", content)
    return root


def folders(root, images, content):
    """Write a folder for each name, with so many pictures ``0.jpg`` ..."""
    for name, count in images.items():
        for at in range(count):
            put(root / name / f"{at}.jpg", content)
    return root


def linked(source, target):
    """A copy of a tree that may be harmed by removing and adding files."""
    return shutil.copytree(source, target, copy_function=os.link)


def probes(test, data):
    return list(test(data, KEY))
