"""AlexNet's errors on ImageNet-C, by which corruption errors are divided.

Hendrycks & Dietterich, *Benchmarking Neural Network Robustness to Common Corruptions and
Perturbations* (ICLR 2019), appendix C, as the ``robustness_metrics`` package gives them. The paper
publishes none for CIFAR-10-C, CIFAR-100-C or Tiny-ImageNet-C.
"""

__all__ = ["CLEAN", "ERRORS"]

CLEAN = 0.4348
"""Share of wrong answers on the ImageNet validation set."""

ERRORS = {
    "gaussian_noise": 0.886,
    "shot_noise": 0.894,
    "impulse_noise": 0.923,
    "defocus_blur": 0.820,
    "glass_blur": 0.826,
    "motion_blur": 0.786,
    "zoom_blur": 0.798,
    "snow": 0.867,
    "frost": 0.827,
    "fog": 0.819,
    "brightness": 0.565,
    "contrast": 0.853,
    "elastic_transform": 0.646,
    "pixelate": 0.718,
    "jpeg_compression": 0.607,
}
"""Share of wrong answers on each test corruption, averaged over its five severities."""
