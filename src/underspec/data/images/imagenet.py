"""Which classes ImageNet and the sets after it have, by their public identifiers (WordNet ids)."""

from functools import cache
from importlib.resources import files

from underspec.core.errors import UsageError, one_of

__all__ = ["SUBSETS", "subset", "wnids"]

SUBSETS = ("imagenet_a", "imagenet_r")


@cache
def wnids() -> tuple[str, ...]:
    """Return the 1,000 classes of ImageNet (ILSVRC2012) in the order of their class codes.

    It is also the order of the text.
    """
    return _listed("imagenet")


@cache
def subset(name: str) -> tuple[int, ...]:
    """Return the class codes (0..999) of the 200 classes of ``imagenet_a`` or ``imagenet_r``.

    Raises:
        UsageError: there is no such list.
    """
    if name not in SUBSETS:
        raise UsageError(one_of("list of ImageNet classes", name, SUBSETS))
    code = {wnid: at for at, wnid in enumerate(wnids())}
    return tuple(code[wnid] for wnid in _listed(name))


def _listed(name: str) -> tuple[str, ...]:
    text = files("underspec.data.images").joinpath("lists", f"{name}.txt").read_text("utf-8")
    return tuple(text.split())
