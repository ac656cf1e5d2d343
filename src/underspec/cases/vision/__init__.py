"""Image classifiers under corruptions and in unusual poses, as on ImageNet-C and ObjectNet."""

from underspec.cases._protocol import Case, Layout

__all__ = ["CASE"]

CASE = Case(
    name="vision",
    title="Image classification under corruptions, and in unusual poses",
    says="Classifiers that differ only in their random draws meet distorted pictures, and objects in unusual poses.",
    stand_in=(
        "Real photographs of clothes (Fashion-MNIST, bundled) with corruptions made as ImageNet-C's, and "
        "synthetic everyday objects in the place of ObjectNet's."
    ),
    studies=("study", "poses"),
    quick=("quick",),
    clean=("clean",),
    layouts=(
        Layout(
            "imagenet",
            ("imagenet/train", "imagenet/val", "imagenet-c", "objectnet-1.0"),
            ("real_imagenet", "real_imagenet_heads", "real_imagenet_more"),
            "ImageNet, ImageNet-C and ObjectNet",
        ),
    ),
)
