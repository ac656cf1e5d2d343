"""Draw docs/stress.md: every image stress test at all its severities, on one photograph."""

import inspect
from dataclasses import fields
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from sklearn.datasets import load_sample_image

from underspec import data, stress
from underspec.core.records import Data, Probe
from underspec.core.streams import stream
from underspec.stress.images.corruption import Corruption

ROOT = Path(__file__).parent.parent
FOLDER = "docs/stress"
SIDE, GAP, LINE = 224, 4, 16
POSES = ("rotate", "perspective", "scale", "translate", "occlude", "background")
TESTED = (
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur",
    "zoom_blur", "snow", "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate",
    "jpeg_compression",
)  # fmt: skip
VALIDATION = ("speckle_noise", "gaussian_blur", "spatter", "saturate")


_HEAD = """# Image stress tests

Drawn by `make docs`, with the defaults of each. What a stress test does, its constants and its parameters are
printed from the code. Families end in `-gen` because the published files went through a JPEG, and these did not.

The photograph is *flower.jpg* of scikit-learn's sample images, CC BY 2.0, by danielbuechele as its notice says, cropped.
Where a plain background is needed, the picture is of Fashion-MNIST (MIT, © Zalando SE).

Tests of groups, tables and records have [a page of their own](tables.md).
"""


def photograph() -> Data:
    """Return one photograph of a flower, uint8 [1, 224, 224, 3]; the second row is its mirror."""
    pixels = load_sample_image("flower.jpg")
    top, left = 0, 107
    square = Image.fromarray(pixels[top : top + 427, left : left + 427])
    small = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    return data.of(np.stack([small, small[:, ::-1]]), [0, 1], ids=["flower", "mirrored"])


def plain_object() -> Data:
    """Return a picture with a plain background, for the stress tests that want one."""
    holdout = data.get("bundled", part="holdout")()
    rows = np.flatnonzero(holdout.labels == 9)[:2]
    big = holdout.inputs[rows].repeat(8, axis=1).repeat(8, axis=2).repeat(3, axis=3)
    return data.of(big, [0, 1], ids=["boot", "other"])


def sheet(clean: np.ndarray, probes: list[Probe]) -> Image.Image:
    """Return the clean picture and one a probe, side by side with their names."""
    tiles = [("clean", clean), *((p.name, p.data.inputs[0]) for p in probes)]
    width = len(tiles) * SIDE + (len(tiles) - 1) * GAP
    page = Image.new("RGB", (width, SIDE + LINE), "white")
    pen = ImageDraw.Draw(page)
    for at, (name, pixels) in enumerate(tiles):
        page.paste(Image.fromarray(pixels), (at * (SIDE + GAP), LINE))
        pen.text((at * (SIDE + GAP) + 2, 2), name, fill="black")
    return page


def draw() -> None:
    """Draw one sheet a stress test."""
    (ROOT / FOLDER).mkdir(parents=True, exist_ok=True)
    photo, plain = photograph(), plain_object()
    for name in (*TESTED, *VALIDATION, *POSES):
        source = plain if name == "background" else photo
        probes = list(stress.get(name)(source, stream(20, "gallery")))
        sheet(source.inputs[0], probes).save(ROOT / picture(name), quality=78, method=6)


def picture(name: str) -> str:
    """Return where the sheet of a stress test lies."""
    return f"{FOLDER}/{name}.webp"


def section(name: str) -> list[str]:
    """Return the lines of one stress test."""
    cls = stress.load(name)
    text = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    parameters = ", ".join(f"`{f.name}={f.default!r}`" for f in fields(cls) if f.init)
    lines = [f"### {name}", "", f"![{name}](stress/{name}.webp)", "", text, ""]
    if issubclass(cls, Corruption):
        rows = [
            f"| {side} px | {' | '.join(f'`{c}`' for c in table)} |"
            for side, table in zip((32, 64, 224), cls.constants, strict=True)
        ]
        lines += ["| constants | 1 | 2 | 3 | 4 | 5 |", "|---|---|---|---|---|---|", *rows, ""]
    return [*lines, f"Parameters: {parameters}.", ""]


def page() -> str:
    """Return docs/stress.md; draws nothing."""
    parts = (
        ("Corruptions of ImageNet-C, made afresh: the test set", TESTED),
        ("The four that ImageNet-C keeps for tuning (validation)", VALIDATION),
        ("Poses", POSES),
    )
    lines = [_HEAD]
    for title, names in parts:
        lines += [f"## {title}", ""]
        for name in names:
            lines += section(name)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    draw()
    print(FOLDER)
