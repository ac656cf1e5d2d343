"""Who trains: everything that is held equal between variants, and how one of them is fitted."""

from underspec.core.registry import Registry
from underspec.train._protocol import Trainer

__all__ = ["get", "names", "table"]

registry: Registry[Trainer] = Registry(
    "underspec.train",
    sklearn="sklearn.trainer:SklearnTrainer",
    torch="torch.trainer:TorchTrainer",
    torch_images="torch.images.trainer:ImagesTrainer",
)
get = registry.get
names = registry.names
table = registry.table
