"""The source `representation`: how examples are resized and scaled before a model sees them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Moments", "Representation", "Scaling", "array_of"]

_KERNELS = ("area", "bicubic", "bilinear", "nearest")
_CHUNK = 512
_FLAT = 1e-9  # a feature that varies less than this share of its mean varies by rounding only


@dataclass(frozen=True)
class Representation:
    """What ``unit``, ``standard``, ``bilinear-32`` or ``unit+bilinear-32`` say.

    Attributes:
        scale: ``unit`` (bytes to 0..1, the rest as it is) or ``standard`` (mean 0 and deviation 1 a
            channel or feature, over the rows that the variant is trained on).
        kernel: of the resizing, empty for none.
        size: side after resizing, in pixels.
    """

    scale: Literal["unit", "standard"] = "standard"
    kernel: str = ""
    size: int = 0

    @classmethod
    def parse(cls, text: str) -> "Representation":
        """Read the text of a study file.

        Raises:
            UsageError: a part of it is neither a scaling nor a kernel with a size.
        """
        scale: Literal["unit", "standard"] = "standard"
        kernel, size = "", 0
        for part in str(text).split("+"):
            name, dash, side = part.partition("-")
            if part == "unit":
                scale = "unit"
            elif part == "standard":
                scale = "standard"
            elif dash and name in _KERNELS and side.isdecimal() and int(side) > 0:
                kernel, size = name, int(side)
            else:
                known = ["unit", "standard", *(f"{kernel}-32" for kernel in _KERNELS)]
                raise UsageError(
                    one_of("representation", part, known) + " Join two of them by '+'."
                )
        return cls(scale, kernel, size)

    def resized(self, images: "Tensor") -> "Tensor":
        """Return images [b, size, size, channels] as floats; as they are where nothing resizes."""
        if not self.kernel:
            return images
        from torch.nn.functional import interpolate

        smooth = self.kernel in ("bilinear", "bicubic")
        # antialias: without it, shrinking would sample single pixels.
        out = interpolate(
            images.permute(0, 3, 1, 2).float(),
            size=(self.size, self.size),
            mode=self.kernel,
            align_corners=False if smooth else None,
            antialias=smooth,
        )
        return out.permute(0, 2, 3, 1).contiguous()


@dataclass(frozen=True, eq=False)
class Scaling:
    """Subtract `mean`, multiply by `inverse`; float32 [channels or features].

    Of records, the inverse is NaN for a column that was never measured in training: the models take
    it as not measured ever after, for they learned nothing of it.
    """

    mean: NDArray[np.float32]
    inverse: NDArray[np.float32]


def array_of(inputs: Any, sequences: bool = False) -> NDArray[Any]:
    """Return what the models see, uint8 or float32.

    Args:
        inputs: as a data set or a probe holds them.
        sequences: whether they are to be records.

    Returns:
        Images [n, height, width, channels], rows [n, features], or records [n, steps, columns].

    Raises:
        UsageError: the inputs are no such array.
    """
    if not isinstance(inputs, np.ndarray) or inputs.dtype.kind not in "uifb":
        got = f"{inputs.dtype} array" if isinstance(inputs, np.ndarray) else type(inputs).__name__
        raise UsageError(
            f"The trainer 'torch' takes arrays of numbers. Got: {got}. Encode it as one, or use the "
            f"trainer 'sklearn' with a pipeline that does."
        )
    if sequences:
        if inputs.ndim != 3 or 0 in inputs.shape[1:]:
            raise UsageError(
                f"This model takes records [examples, steps, columns], with NaN where nothing was "
                f"measured. Got shape {list(inputs.shape)}."
            )
        return inputs.astype(np.float32)
    if inputs.ndim not in (2, 3, 4):
        raise UsageError(
            f"The trainer 'torch' takes rows [n, features] or images [n, height, width] or "
            f"[n, height, width, channels]. Got shape {list(inputs.shape)}."
        )
    if inputs.ndim == 3 and inputs.dtype.kind == "f" and np.isnan(inputs).any():
        raise UsageError(
            "The examples are records with steps in which nothing was measured (NaN), and this model takes "
            "none. Use model: recurrent, or layout: sequences for a model of your own."
        )
    whole = inputs[..., None] if inputs.ndim == 3 else inputs
    return whole if whole.dtype == np.uint8 else whole.astype(np.float32)


class Moments:
    """Sums an example, so that the moments over any rows cost next to nothing.

    Args:
        examples: tensor [n, ..., channels or features].
        holes: whether NaN stands for what was not measured, and counts for nothing.
    """

    def __init__(self, examples: "Tensor", holes: bool = False) -> None:
        n, wide = examples.shape[0], examples.shape[-1]
        self._per_row = examples[0].numel() // wide
        self._holes = holes
        self._measured = np.zeros((n, wide), dtype=np.int64)
        self._first: Floats = np.zeros((n, wide))
        self._second: Floats = np.zeros((n, wide))
        self._shift: Floats = np.zeros(wide)
        for start in range(0, n, _CHUNK):
            part = examples[start : start + _CHUNK].cpu().numpy().astype(np.float64)
            part = part.reshape(len(part), -1, wide)
            missing = np.isnan(part) if holes else None
            if start == 0:
                # Sums of squares about a near mean: large offsets would eat all digits.
                self._shift = part.mean(axis=(0, 1)) if missing is None else _means(part, missing)
            part -= self._shift
            if missing is not None:
                part[missing] = 0.0
                self._measured[start : start + _CHUNK] = (~missing).sum(axis=1)
            self._first[start : start + _CHUNK] = part.sum(axis=1)
            self._second[start : start + _CHUNK] = np.einsum("nkc,nkc->nc", part, part)

    def scaling(self, scale: str, rows: NDArray[np.intp], bytes_in: bool) -> Scaling:
        """Return the scaling over these rows.

        Args:
            scale: ``unit`` or ``standard``.
            rows: those that the variant is trained on.
            bytes_in: whether the values are those of bytes, 0 to 255.
        """
        unit = np.full_like(self._shift, 1 / 255 if bytes_in else 1.0)
        count: Any = len(rows) * self._per_row
        if self._holes:
            measured = self._measured[rows].sum(axis=0)
            unit[measured == 0] = np.nan
            count = np.maximum(measured, 1)
        if scale == "unit":
            return Scaling(np.zeros_like(unit, dtype=np.float32), unit.astype(np.float32))
        mean = self._first[rows].sum(axis=0) / count
        variance = self._second[rows].sum(axis=0) / count - mean**2
        deviation = np.sqrt(np.maximum(variance, 0))
        flat = deviation <= _FLAT * (np.abs(self._shift + mean) + 1e-30)
        inverse = np.where(flat, unit, 1 / np.where(flat, 1.0, deviation))
        return Scaling((self._shift + mean).astype(np.float32), inverse.astype(np.float32))


def _means(part: Floats, missing: NDArray[np.bool_]) -> Floats:
    there = (~missing).sum(axis=(0, 1))
    return np.asarray(np.where(missing, 0.0, part).sum(axis=(0, 1)) / np.maximum(there, 1))
