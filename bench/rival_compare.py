"""How far our corruptions are from the rivals', by photographs; used by the tests and by the docs page.

Deterministic corruptions are compared pixel by pixel, random ones by what their pixels are like on
average over many draws: moments of the picture and of the change, the spectrum of the change, how much
of it lies across, and how far the picture is moved.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from bench.rival_client import Rivals
from bench.rival_constants import FROST_SHRUNK, published
from bench.rival_photos import as_data, photographs
from numpy.typing import NDArray
from scipy.fft import rfft2

from underspec import stress
from underspec.core.streams import stream

Images: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.float64]

DETERMINISTIC = (
    "contrast",
    "brightness",
    "saturate",
    "pixelate",
    "jpeg_compression",
    "defocus_blur",
    "gaussian_blur",
    "zoom_blur",
)
RANDOM = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "speckle_noise",
    "glass_blur",
    "motion_blur",
    "snow",
    "frost",
    "fog",
    "spatter",
    "elastic_transform",
)
SIDES = (224, 64, 32)
SEVERITIES = (1, 2, 3, 4, 5)

GREY_LEVELS = 2.0
"""What a deterministic corruption may differ by, in the mean over pixels."""

ERRORS = 5.0
"""Standard errors, of the difference of two averages, that random ones may differ by beyond tolerance."""


def reference(name: str) -> str:
    """Return the rival that does what the published code does, for this corruption.

    All of the published constants and steps are in one of the three; `docs/fidelity.md` says why which.
    """
    return "corrupt_tta" if name in ("elastic_transform", "frost") else "imagecorruptions"


def draws(side: int) -> int:
    """Return how often each photograph is corrupted anew by a random corruption."""
    return {224: 64, 64: 128, 32: 256}[side]


def theirs(rivals: Rivals, name: str, side: int, severity: int, times: int = 1) -> Images:
    """Return the photographs as the reference corrupts them, with the constants of this side."""
    constant = published(side, name, severity)
    return rivals.corrupt(
        photographs(side),
        reference(name),
        name,
        severity,
        draws=times,
        constant=constant,
        shrink=FROST_SHRUNK.get(side) if name == "frost" else None,
    )


def ours(name: str, side: int, severity: int, times: int = 1) -> Images:
    """Return the photographs as we corrupt them, uint8 [times, photographs, height, width, 3]."""
    clean = photographs(side)
    data = as_data(np.tile(clean, (times, 1, 1, 1)))
    member = stress.get(name, severities=(severity,))
    (probe,) = member(data, stream(20, "stress"))
    made: Images = np.asarray(probe.data.inputs)
    return made.reshape(times, *clean.shape)


def apart(a: Images, b: Images) -> float:
    """Return the mean absolute difference in grey levels."""
    return float(np.abs(a.astype(np.float64) - b).mean())


Unit: TypeAlias = Literal["levels", "levels²", "share", "pixels"]


@dataclass(frozen=True)
class Quantity:
    """What random corruptions are compared by.

    Attributes:
        name: what it is.
        unit: of the value.
        relative: tolerance in parts of the rival's value.
        absolute: tolerance in the unit, added.
        loose: for frost, whose texture is another: tolerance in the unit.
        factor: for frost: tolerance in parts of the rival's value, up, or down by one over it.
    """

    name: str
    unit: Unit
    relative: float
    absolute: float
    loose: float = 0.0
    factor: float = 1.0


# Half a level of the mean is the published code's cut to whole levels, where ours rounds.
MEAN = Quantity("mean change", "levels", 0.0, 0.75, loose=12.0)
SPREAD = Quantity("sd of the picture", "levels", 0.02, 0.25, factor=1.25)
CHANGE = Quantity("sd of the change", "levels", 0.02, 0.25, factor=1.25)
MOMENTS = (MEAN, SPREAD, CHANGE)
BAND = Quantity("power of the change in an octave", "levels²", 0.10, 0.05, factor=3.0)
ACROSS = Quantity("share of the power that lies across", "share", 0.0, 0.02, loose=0.1)
LEFT = Quantity("picture moved to the left", "pixels", 0.0, 0.05, loose=0.15)
UP = Quantity("picture moved up", "pixels", 0.0, 0.05, loose=0.15)


def quantities(clean: Images, made: Images) -> dict[str, tuple[Quantity, Floats]]:
    """Return each quantity by a name of its own, with its values [draws, photographs].

    Args:
        clean: uint8 [photographs, side, side, channels].
        made: uint8 [draws, photographs, side, side, channels].
    """
    base = clean.astype(np.float32)
    side = clean.shape[1]
    slope_x = (np.roll(base, -1, 2) - np.roll(base, 1, 2)) / 2
    slope_y = (np.roll(base, -1, 1) - np.roll(base, 1, 1)) / 2
    inner = (slice(None), slice(1, -1), slice(1, -1))
    weights = _frequencies(side)
    rows: dict[str, list[Floats]] = {}

    def note(name: str, value: Floats) -> None:
        rows.setdefault(name, []).append(value)

    for draw in made:
        change = draw - base
        note("mean", change.mean(axis=(1, 2, 3), dtype=np.float64))
        note("spread", draw.std(axis=(1, 2, 3), dtype=np.float64))
        note("change", change.std(axis=(1, 2, 3), dtype=np.float64))
        power = np.square(np.abs(rfft2(change, axes=(1, 2)))).mean(axis=3) / side**4
        *bands, across = (power.reshape(len(base), -1) @ weights).T
        for b, value in enumerate(bands):
            note(f"band {b}", value)
        note("across", across / np.maximum(sum(bands), 1e-9))
        for name, slope in (("left", slope_x), ("up", slope_y)):
            steep = (slope[inner] ** 2).sum(axis=(1, 2, 3), dtype=np.float64)
            note(name, (slope[inner] * change[inner]).sum(axis=(1, 2, 3), dtype=np.float64) / steep)
    kinds = {"mean": MEAN, "spread": SPREAD, "change": CHANGE, "across": ACROSS}
    kinds |= {"left": LEFT, "up": UP}
    return {name: (kinds.get(name, BAND), np.stack(values)) for name, values in rows.items()}


def _frequencies(side: int) -> Floats:
    # Columns: the octaves by distance from 0 in cycles a picture (what lies beyond the highest whole
    # circle counts to the last one), then all that is nearer to the horizontal axis. A row a frequency
    # of a real transform, in which most stand for two.
    x = np.arange(side // 2 + 1)
    y = np.abs(np.fft.fftfreq(side) * side)[:, None]
    distance = np.hypot(x, y)
    band = np.full(distance.shape, -1)
    band[distance > 0] = np.floor(np.log2(distance[distance > 0])).astype(int)
    last = math.floor(math.log2(side / 2))
    times = np.where((x == 0) | (x == side / 2), 1.0, 2.0)
    columns = [(np.minimum(band, last) == b) * times for b in range(last + 1)]
    columns.append((x > y) * times)
    return np.stack(columns, axis=-1).reshape(distance.size, -1)


@dataclass(frozen=True)
class Likeness:
    """One quantity of one corruption at one severity, averaged over photographs and draws.

    Attributes:
        name: of the quantity, such as ``band 3`` (8 to 16 cycles a picture).
        quantity: with its unit and tolerance.
        ours: our average.
        theirs: the rival's.
        bound: what the two may differ by; where `logarithmic`, what the logarithm of their ratio may.
        logarithmic: whether the ratio is bounded and not the difference.
    """

    name: str
    quantity: Quantity
    ours: float
    theirs: float
    bound: float
    logarithmic: bool = False

    @property
    def used(self) -> float:
        """Return the difference in parts of the bound: above 1, the two are not alike."""
        away = abs(math.log(self.ratio)) if self.logarithmic else abs(self.ours - self.theirs)
        return away / self.bound

    @property
    def ratio(self) -> float:
        """Return ours in parts of theirs."""
        return self.ours / self.theirs if self.theirs else math.inf


def likenesses(clean: Images, us: Images, them: Images, loose: bool = False) -> list[Likeness]:
    """Compare two sets of draws, uint8 [draws, photographs, side, side, channels].

    The bound is `ERRORS` standard errors of the difference, as the rival's draws of one photograph
    vary around their own average, and the quantity's tolerance on top.

    Args:
        clean: the photographs.
        us: our draws, or another rival's.
        them: the draws that the bound is derived from.
        loose: take the wide tolerances.
    """
    found = []
    mine = quantities(clean, us)
    for name, (quantity, values) in quantities(clean, them).items():
        times, photos = values.shape
        variance = values.var(axis=0, ddof=1).sum() / photos**2
        errors = ERRORS * math.sqrt(variance * (1 / times + 1 / len(us)))
        our, their = float(mine[name][1].mean()), float(values.mean())
        tolerance = quantity.relative * abs(their) + quantity.absolute
        found.append(
            Likeness(name, quantity, our, their, errors + (quantity.loose if loose else tolerance))
            if not loose or quantity.factor == 1
            else Likeness(name, quantity, our, their, math.log(quantity.factor), logarithmic=True)
        )
    return found


def is_loose(name: str) -> bool:
    """Say whether a corruption is only loosely that of the published code."""
    return name == "frost"
