"""Classes of published sets, as lists in plain text."""

from functools import cache
from importlib.resources import files

__all__ = ["lines"]


@cache
def lines(name: str) -> tuple[str, ...]:
    """Return the lines of the list `name`: ``cifar_10``, ``cifar_100`` or ``objectnet``."""
    return tuple(files(__name__).joinpath(f"{name}.txt").read_text("utf-8").splitlines())
