"""Ten everyday objects, each a function from an instance's own draws to its mesh.

A draw is from 0 to 1; `DRAWS` of them make an instance. Upright, seen from the front.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from underspec.core.records import Floats
from underspec.data.synthetic.poses.mesh import Mesh
from underspec.data.synthetic.poses.objects.furniture import chair, lamp, table
from underspec.data.synthetic.poses.objects.things import boot, hammer, umbrella
from underspec.data.synthetic.poses.objects.vessels import bottle, bowl, mug, teapot

__all__ = ["CLASSES", "DRAWS", "OBJECTS"]

DRAWS = 10
"""Numbers that make the shape of an instance."""

OBJECTS: Mapping[str, Callable[[Floats], Mesh]] = MappingProxyType(
    {
        "boot": boot,
        "bottle": bottle,
        "bowl": bowl,
        "chair": chair,
        "hammer": hammer,
        "lamp": lamp,
        "mug": mug,
        "table": table,
        "teapot": teapot,
        "umbrella": umbrella,
    }
)
"""Name to builder: draws [instances, DRAWS] to a mesh of as many instances."""

CLASSES = tuple(OBJECTS)
"""Names of the classes in the order of their codes."""
