"""The earlier training itself, done once a worker for all variants that start from it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import torch

from underspec.core.errors import UsageError
from underspec.core.records import Data, Variant
from underspec.core.streams import Stream
from underspec.data import checksum
from underspec.train.sources import source_stream
from underspec.train.torch.bench import Bench, laid_out
from underspec.train.torch.build import built, placed, quiet_machine
from underspec.train.torch.each import train_each
from underspec.train.torch.feed import Feed, Share
from underspec.train.torch.pretrain import Pretrain
from underspec.train.torch.representation import Representation
from underspec.train.torch.start import read_weights
from underspec.train.torch.trainer import TorchTrainer

__all__ = ["Diverged", "Starts"]

_KEPT = 4
_STREAMS = ("init", "order", "augment", "dropout")
_known: OrderedDict[tuple[Any, ...], dict[str, torch.Tensor]] = OrderedDict()


class Diverged(Exception):  # noqa: N818  an outcome, not a fault
    """The earlier training did not end well; the text says where."""


class Starts:
    """What the variants of a block start from; files and data are read once, where asked for.

    Args:
        trainer: its settings.
        data: what the variants are trained on afterwards.
        device: where to train.
    """

    def __init__(self, trainer: TorchTrainer, data: Data, device: torch.device) -> None:
        self._trainer, self._data, self._device = trainer, data, device

    @property
    def said(self) -> str:
        """What the weights to start from are, for messages."""
        if self._trainer.weights is not None:
            return f"the weights in '{self._trainer.weights}'"
        return "the weights that were trained before"

    def tensors(
        self, settings: TorchTrainer, variant: Variant
    ) -> Mapping[str, torch.Tensor] | None:
        """Return the weights that a variant starts from, None where it starts from scratch.

        Args:
            settings: the trainer with the variant's values put in.
            variant: whose source `pretrain` seeds the earlier training.

        Raises:
            UsageError: the file or the data does not suit.
            Diverged: the earlier training did.
        """
        if settings.weights is not None:
            return self._file
        if settings.pretrain is None:
            return None
        stream = source_stream(variant, "pretrain")
        # Only what the earlier training sees, so that variants that differ elsewhere share it.
        settings = replace(
            self._trainer,
            model_parameters=settings.model_parameters,
            representation=settings.representation,
            epochs=Pretrain.parse(settings.pretrain).epochs,
            pretrain=None,
            head="default",
            sample="bootstrap",
            stacking="auto",
        )
        key = (repr(settings), settings.model, self._before[1], stream.path, str(self._device))
        if key in _known:
            _known.move_to_end(key)
        else:
            _known[key] = _trained(settings, stream, self._bench)
            while len(_known) > _KEPT:
                _known.popitem(last=False)
        return _known[key]

    @cached_property
    def _file(self) -> Mapping[str, torch.Tensor]:
        return read_weights(str(self._trainer.weights))

    @cached_property
    def _before(self) -> tuple[Data, str]:
        data = Pretrain.parse(self._trainer.pretrain).read()
        return data, checksum(data)

    @cached_property
    def _bench(self) -> Bench:
        data = self._before[0]
        one, two = np.shape(data.inputs)[1:], np.shape(self._data.inputs)[1:]
        if one != two or (
            data.columns and self._data.columns and data.columns != self._data.columns
        ):
            raise UsageError(
                f"The data of pretrain has examples of shape {list(one)}, the study's have {list(two)}: give the "
                "same shape, and columns of the same names in the same order."
            )
        return laid_out(self._trainer, data, self._device)


def _trained(settings: TorchTrainer, stream: Stream, bench: Bench) -> dict[str, torch.Tensor]:
    own = Variant("pretrained", {name: stream.child(name).seed() for name in _STREAMS})
    representation = Representation.parse(settings.representation)
    rows = np.arange(len(bench.labels))
    share = Share(own, rows, bench.scaling(representation, rows))
    examples, _ = bench.laid(representation)
    feed = Feed(examples, bench.labels, [share], settings.augment, settings.batch)
    module = built(
        settings.model, settings.model_parameters, bench.shape(representation), bench.classes, own
    )
    module = placed(module, bench.device)
    # Within the training of a variant, whose own draws it must not move.
    with quiet_machine(bench.device, source_stream(own, "dropout").seed()):
        reason = train_each(settings, module, feed, bench.device)
    if reason is not None:
        raise Diverged(reason)
    return {name: values.detach().cpu().clone() for name, values in module.state_dict().items()}
