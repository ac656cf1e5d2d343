"""Where variants part: stress tests, each a maker of probes."""

from underspec.core.registry import Registry
from underspec.stress._protocol import Stress as Stress

__all__ = ["Stress", "get", "load", "names", "table"]

registry: Registry[Stress] = Registry(
    "underspec.stress",
    brightness="images.weather:Brightness",
    by_group="by_group:ByGroup",
    contrast="images.digital:Contrast",
    gaussian_noise="images.noise:GaussianNoise",
    motion_blur="images.blur:MotionBlur",
    pixelate="images.digital:Pixelate",
    rotate="images.pose:Rotate",
)

names = registry.names
table = registry.table
load = registry.load
get = registry.get
