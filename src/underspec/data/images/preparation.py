"""From a picture of any size to the square that a model sees, as published evaluation does it."""

from dataclasses import dataclass

from PIL import Image

from underspec.core.errors import UsageError

__all__ = ["Preparation", "TooSmallError"]


class TooSmallError(ValueError):
    """A picture is smaller than what is to be cut out of it."""


@dataclass(frozen=True)
class Preparation:
    """Cut the border off, scale the shorter side, cut the middle out.

    Scaling is Pillow's bilinear filter, which averages where it shrinks, and both roundings are
    torchvision's, so that the result is that of its Resize and CenterCrop on the same picture:
    the longer side becomes ``int(resize * long / short)``, the middle starts at
    ``round((side - crop) / 2)``, halves to even.

    Attributes:
        resize: pixels of the shorter side after scaling; None to scale nothing, as for
            ImageNet-C, whose files are scaled and cut already.
        crop: pixels of each side of the middle that is kept.
        border: pixels cut off each side before anything else, as ObjectNet's red frame.
    """

    resize: int | None = 256
    crop: int = 224
    border: int = 0

    def __post_init__(self) -> None:
        least = {"crop": 1, "border": 0} | ({} if self.resize is None else {"resize": 1})
        for name, low in least.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < low:
                raise UsageError(
                    f"'{name}' must be a whole number of pixels from {low}; got {value}."
                )
        if self.resize is not None and self.resize < self.crop:
            raise UsageError(
                f"A crop of {self.crop} pixels cannot be cut out of pictures whose shorter side is "
                f"scaled to {self.resize}: give a resize of {self.crop} or more."
            )

    def __call__(self, picture: Image.Image) -> Image.Image:
        """Return the square of `crop` x `crop` pixels.

        Raises:
            TooSmallError: the picture is smaller than the border or the crop.
        """
        self.check(*picture.size)
        if self.border:
            width, height = picture.size
            picture = picture.crop(
                (self.border, self.border, width - self.border, height - self.border)
            )
        if self.resize is not None:
            size = self._scaled(*picture.size)
            if size != picture.size:
                picture = picture.resize(size, Image.Resampling.BILINEAR)
        width, height = picture.size
        left, top = (round((side - self.crop) / 2) for side in (width, height))
        return picture.crop((left, top, left + self.crop, top + self.crop))

    def check(self, width: int, height: int) -> None:
        """Check that a picture of this size is large enough.

        Raises:
            TooSmallError: it is smaller than the border or the crop.
        """
        inner = (width - 2 * self.border, height - 2 * self.border)
        if min(inner) <= 0:
            raise TooSmallError(
                f"nothing of its {width} x {height} pixels is left without a border of {self.border}"
            )
        if self.resize is None and min(inner) < self.crop:
            raise TooSmallError(
                f"its {inner[0]} x {inner[1]} pixels are fewer than the crop of {self.crop} x "
                f"{self.crop}"
            )

    def _scaled(self, width: int, height: int) -> tuple[int, int]:
        assert self.resize is not None  # noqa: S101 -- for the type checker
        if width <= height:
            return self.resize, int(self.resize * height / width)
        return int(self.resize * width / height), self.resize
