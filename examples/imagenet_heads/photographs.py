"""Ask the real classifier about six real photographs, clean and distorted: is it the one it says?

The photographs come with scikit-learn and scikit-image (`pip install scikit-image`; without it only
the first two are asked).
"""

import sys

import numpy as np
import torch
from lite0 import load
from PIL import Image

import underspec as us
from underspec.core.streams import stream

# ImageNet-1k classes that are right for each picture: more than one where breeds are alike.
RIGHT = {
    "china": {"palace": (698,), "other temples and towers": (663, 832)},
    "flower": {"daisy": (985,)},
    "chelsea": {"cats": (281, 282, 283, 284, 285)},
    "coffee": {"espresso": (967,), "cup": (968,)},
    "rocket": {"missile": (657,), "projectile": (744,), "space shuttle": (812,)},
    "stereo_motorcycle": {"moped": (665,), "motor scooter": (670,)},
}


def photographs() -> dict[str, np.ndarray]:
    """Return name to pixels, uint8 [224, 224, 3], as the network was trained to be shown them."""
    from sklearn.datasets import load_sample_images

    china, flower = load_sample_images().images
    found = {"china": china, "flower": flower}
    try:
        from skimage import data
    except ImportError:
        print("scikit-image is not installed: two photographs instead of six.", file=sys.stderr)
    else:
        found |= {name: getattr(data, name)() for name in ("chelsea", "coffee", "rocket")}
        found["stereo_motorcycle"] = data.stereo_motorcycle()[0]
    return {name: prepared(pixels) for name, pixels in found.items()}


def prepared(pixels: np.ndarray) -> np.ndarray:
    """Return the middle of a picture: 87.5 % of its shorter side, at 224 pixels."""
    height, width = pixels.shape[:2]
    side = int(0.875 * min(height, width))
    top, left = (height - side) // 2, (width - side) // 2
    square = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.asarray(square.resize((224, 224), Image.Resampling.BICUBIC))


def main() -> int:
    """Print what the network sees; exit 1 unless it knows every clean photograph."""
    network, images = load(), photographs()
    names = list(images)
    pictures = us.data.of(np.stack(list(images.values())), np.arange(len(names)), ids=names)

    def asked(inputs: np.ndarray) -> list[bool]:
        pixels = torch.from_numpy(inputs.transpose(0, 3, 1, 2).astype(np.float32))
        with torch.inference_mode():
            best = network(pixels).argmax(dim=1).tolist()
        return [
            any(b in ids for ids in RIGHT[n].values()) for n, b in zip(names, best, strict=True)
        ]

    clean = asked(pictures.inputs)
    for name, right in zip(names, clean, strict=True):
        print(f"{name}: {'known' if right else 'NOT known'}")
    for test in ("contrast", "pixelate", "gaussian_noise", "brightness", "motion_blur"):
        rows = us.stress.get(test, like="imagenet_c")(pictures, stream(1, "photographs"))
        still = [f"{sum(asked(probe.data.inputs))}/{len(names)}" for probe in rows]
        print(f"{test}, severities 1 to 5: known {', '.join(still)}")
    return 0 if all(clean) else 1


if __name__ == "__main__":
    raise SystemExit(main())
