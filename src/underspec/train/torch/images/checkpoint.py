"""Where a training stands, on disk: written whole or not at all, and told from any other training."""

import contextlib
import hashlib
import inspect
import io
import json
import os
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch

from underspec.core.errors import StudyError
from underspec.core.records import Variant
from underspec.train.torch.build import factory_of
from underspec.train.torch.images.trainer import ImagesTrainer
from underspec.train.torch.start import digest_of

__all__ = ["Checkpoint", "DamagedError", "Standing", "key_of"]

_FORMAT = 1
_DIGEST = hashlib.sha256().digest_size
_OLD = 3600  # seconds after which nobody still writes a file


class DamagedError(Exception):
    """A checkpoint is there and cannot be used; the message says why."""


@dataclass(frozen=True, eq=False)
class Standing:
    """All that a training needs to go on.

    Attributes:
        epoch: under way, from 0.
        step: steps of it that are done.
        model: the module's state.
        optimiser: its state; empty where `finished`.
        random: state of PyTorch's generator on the CPU, and on the GPU if it trains there.
        seconds: wall seconds so far.
        finished: whether the training is over.
        failed: why it diverged, empty where it did not.
    """

    epoch: int
    step: int
    model: dict[str, Any]
    optimiser: dict[str, Any]
    random: list[torch.Tensor]
    seconds: float
    finished: bool = False
    failed: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """The file of one training.

    Attributes:
        path: of the file.
        key: tells the training.
    """

    path: Path
    key: str

    @classmethod
    def of(cls, folder: str | None, key: str) -> "Checkpoint":
        """Return the checkpoint of a training.

        Args:
            folder: of checkpoints; the one in the user's cache where None.
            key: see `key_of`.
        """
        place = _cache() if folder is None else Path(folder).expanduser()
        return cls(place / f"{key[:32]}.checkpoint", key)

    def write(self, standing: Standing) -> None:
        """Replace the file by where the training stands now.

        Raises:
            StudyError: it cannot be written.
        """
        stored = io.BytesIO()
        held = {name.name: getattr(standing, name.name) for name in fields(standing)}
        torch.save({"format": _FORMAT, "key": self.key, **held}, stored)
        content = stored.getvalue()
        # Two processes on one training write the same, but not into one file at a time.
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(hashlib.sha256(content).digest())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
            raise StudyError(
                f"The checkpoint '{self.path}' cannot be written: {error.strerror or error}. Give another "
                "folder: checkpoints."
            ) from None

    def read(self) -> Standing | None:
        """Return where the training stood; None where it never began.

        Raises:
            DamagedError: the file cannot be used.
        """
        try:
            raw = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise DamagedError(f"it cannot be read ({error.strerror or error})") from None
        digest, content = raw[:_DIGEST], raw[_DIGEST:]
        if hashlib.sha256(content).digest() != digest:
            raise DamagedError("its bytes are not those that were written")
        try:
            # As it is on disk, so that nothing but tensors and plain values is made of it.
            held = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
            told, key = held.pop("format"), held.pop("key")
            standing = Standing(**held)
        except Exception as error:  # noqa: BLE001  a file may hold anything
            raise DamagedError(f"it is no checkpoint ({type(error).__name__})") from None
        if told != _FORMAT or key != self.key:
            raise DamagedError("it is of another training or format")
        return standing

    def remove(self) -> None:
        """Remove the file, and what killed processes left half written of it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        for beside in self.path.parent.glob(f"{self.path.name}.*"):
            with contextlib.suppress(OSError):
                if time.time() - beside.stat().st_mtime > _OLD:
                    beside.unlink()


def key_of(settings: ImagesTrainer, variant: Variant, checksum: str, place: str) -> str:
    """Return a hash of all that decides a training.

    Args:
        settings: the trainer with the variant's values put in.
        variant: its seeds and values count, its id does not.
        checksum: of the training data.
        place: kind of device.
    """
    weights = settings.weights
    parts = {
        "format": _FORMAT,
        "settings": repr(settings),
        "model": _code(settings),
        "weights": None if weights is None else digest_of(weights),
        "variant": {k: v for k, v in asdict(variant).items() if k != "id"},
        "data": checksum,
        "place": f"{place}-{settings.numbers(place)}",
    }
    text = json.dumps(parts, sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _code(settings: ImagesTrainer) -> str:
    """Return a hash of the file that makes the model, empty where it has none."""
    try:
        file = inspect.getsourcefile(factory_of(settings.model))
    except TypeError:
        return ""
    if file is None or not Path(file).is_file():
        return ""
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "underspec" / "checkpoints"
