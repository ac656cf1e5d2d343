"""Where a training starts: weights from a file or an earlier training, and how its last layer is drawn."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from underspec.core.errors import UsageError
from underspec.core.records import Variant
from underspec.core.streams import Stream
from underspec.train.sources import source_stream

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "HEADS",
    "digest_of",
    "draw_head",
    "last_layer",
    "read_weights",
    "started",
    "take_over",
]

HEADS = ("default", "zero", "uniform", "normal")

_DEVIATION = 0.01  # of a normal head
_AT_A_TIME = 1 << 20
_WITHIN = ("state_dict", "model", "model_state_dict")  # where training scripts keep the weights
_PREFIXES = ("module.", "_orig_mod.")  # what PyTorch's wrappers put before each name
_DIGESTS: dict[tuple[str, int, int], str] = {}


def started(
    module: "nn.Module",
    variant: Variant,
    classes: int,
    head: str = "default",
    tensors: "Mapping[str, Tensor] | None" = None,
    said: str = "",
) -> str | None:
    """Put a variant's start into a module that was built with its `init`, in place.

    All that fits is taken over but the last layer, which is drawn anew: by the source `head` where
    that is varied, by `init` otherwise.

    Args:
        module: on the CPU.
        variant: whose sources `init` and `head` draw.
        classes: number of logits.
        head: one of `HEADS`.
        tensors: weights by name; None where the training starts from scratch.
        said: what they are, such as ``the weights in 'a.safetensors'``.

    Returns:
        What did not fit, in one sentence, None where all did.

    Raises:
        UsageError: nothing fits, the model has no last layer, or `init` would change nothing.
    """
    left = () if tensors is None else take_over(module, tensors, classes, said)
    if head != "default" or "head" in variant.seeds:
        own = source_stream(variant, "head")
        stream = own if "head" in variant.seeds else source_stream(variant, "init").child("head")
        draw_head(last_layer(module, classes)[1], head, stream)
    if tensors is None:
        return None
    if not left and head == "zero" and "init" in variant.seeds and "head" not in variant.values:
        raise UsageError(
            "The source 'init' would change nothing: the last layer starts at zero and all others are taken "
            "over. Write head: uniform or normal, or vary another source."
        )
    if not left:
        return None
    more = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return f"Of the model's tensors, these do not fit {said} and start anew: {', '.join(left[:3])}{more}."


def last_layer(module: "nn.Module", classes: int) -> "tuple[str, nn.Linear]":
    """Return name and layer of the last ``nn.Linear`` of a module.

    Raises:
        UsageError: there is none, or it does not give one logit a class.
    """
    from torch import nn

    found = [(name, m) for name, m in module.named_modules() if isinstance(m, nn.Linear)]
    if not found:
        raise UsageError(
            "The model has no nn.Linear to be its last layer, so `head`, `weights` and `pretrain` have nothing "
            "to work on. Give it one, or leave them out."
        )
    name, layer = found[-1]
    if layer.out_features != classes:
        raise UsageError(
            f"The last nn.Linear of the model, '{name}', gives {layer.out_features} numbers, not one for each of "
            f"the {classes} classes. Define the layer of the logits last."
        )
    return name, layer


def draw_head(layer: "nn.Linear", head: str, stream: Stream) -> None:
    """Draw a layer's initial weights in place.

    Args:
        layer: the last one.
        head: ``default`` (as the layer draws itself), ``zero``, ``uniform`` (within the inverse root
            of the number of inputs) or ``normal`` (deviation 0.01); the bias of all but the first
            is 0.
        stream: of the draws.
    """
    import torch
    from torch import nn

    if head == "default":
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(stream.seed())
            layer.reset_parameters()
        return
    generator = torch.Generator().manual_seed(stream.seed())
    with torch.no_grad():
        if layer.bias is not None:
            layer.bias.zero_()
        if head == "zero":
            layer.weight.zero_()
        elif head == "uniform":
            bound = layer.in_features**-0.5
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
        else:
            nn.init.normal_(layer.weight, std=_DEVIATION, generator=generator)


def take_over(
    module: "nn.Module", tensors: "Mapping[str, Tensor]", classes: int, said: str
) -> tuple[str, ...]:
    """Copy weights of equal name and shape into a module, all but its last layer.

    Args:
        module: on the CPU.
        tensors: weights by name.
        classes: number of logits.
        said: what they are.

    Returns:
        Names of the module's other weights that found none.

    Raises:
        UsageError: nothing fits, or there is no last layer.
    """
    import torch

    place = last_layer(module, classes)[0]
    head = {f"{place}.{name}".removeprefix(".") for name in ("weight", "bias")}
    wanted = {name: t for name, t in module.state_dict().items() if name not in head}
    fits = [n for n, t in wanted.items() if n in tensors and tensors[n].shape == t.shape]
    if not fits:
        some = ", ".join(list(tensors)[:3]) or "nothing"
        raise UsageError(
            f"Nothing in {said} fits the model: it has {', '.join(list(wanted)[:3])} ..., there is {some} ... "
            "Give weights of the same model."
        )
    with torch.no_grad():
        for name in fits:
            wanted[name].copy_(tensors[name])
    known = set(fits)
    return tuple(n for n in wanted if n not in known and not n.endswith("num_batches_tracked"))


def read_weights(path: str) -> "dict[str, Tensor]":
    """Return the tensors of a safetensors file, or of one that PyTorch wrote, by name.

    Nothing in the file is run: PyTorch reads it with ``weights_only=True``.

    Raises:
        UsageError: the file is missing, damaged or holds something else.
    """
    import torch

    place = Path(path).expanduser()
    digest_of(path)
    try:
        if place.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(place))
        held: Any = torch.load(place, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001  whatever a damaged file makes its reader raise
        line = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        raise UsageError(
            f"The weights in '{path}' cannot be read ({type(error).__name__}: {line}). Give a safetensors file, "
            "or a PyTorch file that holds tensors alone."
        ) from None
    for name in _WITHIN:
        if isinstance(held, Mapping) and isinstance(held.get(name), Mapping):
            held = held[name]
    tensors = (
        {str(k): v for k, v in held.items() if isinstance(v, torch.Tensor)}
        if isinstance(held, Mapping)
        else {}
    )
    for prefix in _PREFIXES:
        if tensors and all(name.startswith(prefix) for name in tensors):
            tensors = {name.removeprefix(prefix): value for name, value in tensors.items()}
    if not tensors:
        raise UsageError(f"'{path}' holds no tensors by name. Give a file of a model's state_dict.")
    return tensors


def digest_of(path: str) -> str:
    """Return the sha256 of a file, read once a process while it stays as it is.

    Raises:
        UsageError: there is no such file.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        raise UsageError(f"There is no file '{path}' to read weights from.")
    stat = place.stat()
    key = (str(place.absolute()), stat.st_size, stat.st_mtime_ns)
    if key not in _DIGESTS:
        state = hashlib.sha256()
        with place.open("rb") as file:
            while part := file.read(_AT_A_TIME):
                state.update(part)
        _DIGESTS[key] = state.hexdigest()
    return _DIGESTS[key]
