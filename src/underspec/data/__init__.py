"""Readers of data sets, and examples from plain arrays."""

from underspec.core.registry import Registry
from underspec.data._protocol import Reader as Reader
from underspec.data.arrays import agree as agree
from underspec.data.arrays import checked as checked
from underspec.data.arrays import of as of
from underspec.data.checksum import checksum as checksum

__all__ = ["Reader", "agree", "checked", "checksum", "get", "load", "names", "of", "table"]

registry: Registry[Reader] = Registry(
    "underspec.data",
    bundled="bundled:Bundled",
    call="call:Call",
    cifar="images.cifar:Cifar",
    domain_folders="images.domain_folders:DomainFolders",
    files="files:Files",
    idx="idx:Idx",
    image_folder="images.image_folder:ImageFolder",
    imagenet="images.ilsvrc:ImageNet",
    manifest="images.manifest:Manifest",
    medmnist="images.medmnist:MedMnist",
    sklearn_digits="digits:Digits",
    synthetic_poses="synthetic.poses.reader:SyntheticPoses",
)

names = registry.names
table = registry.table
load = registry.load
get = registry.get
