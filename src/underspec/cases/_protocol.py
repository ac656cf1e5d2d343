"""What a case is: studies that stand ready, on a stand-in and on the real data's own layout."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from underspec.core.errors import UsageError, one_of

__all__ = ["Case", "Layout"]


@dataclass(frozen=True)
class Layout:
    """One published layout of the real data.

    Attributes:
        name: what ``--layout`` calls it.
        looks: paths below the folder given that tell it, all of them; ``*`` as in file names.
        studies: study files for it, without ``.yaml``; the first one is run unless another is named.
        title: the data set in words.
    """

    name: str
    looks: tuple[str, ...]
    studies: tuple[str, ...]
    title: str

    def at(self, root: Path) -> bool:
        """Say whether the data under `root` has this layout."""
        return all(any(root.glob(look)) for look in self.looks)


@dataclass(frozen=True)
class Case:
    """One system of the mission, ready to run.

    A case is a package: its study files lie beside its ``__init__.py``, and hold ``$DATA`` where the
    folder of the real data goes.

    Attributes:
        name: of the package, what ``underspec case`` calls it.
        title: in words.
        says: what the case is about, one sentence.
        stand_in: what stands in for the real data, one sentence; says whether it is synthetic.
        studies: study files of the full form, without ``.yaml``: each is a study of its own.
        quick: study files of the quick form.
        clean: study files of the control, in which nothing should be found; none where there is none.
        layouts: of the real data.
    """

    name: str
    title: str
    says: str
    stand_in: str
    studies: tuple[str, ...] = ("study",)
    quick: tuple[str, ...] = ("quick",)
    clean: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the study files lie."""
        return Path(__file__).parent / self.name

    def path(self, study: str) -> Path:
        """Return a study file."""
        return self.folder / f"{study}.yaml"

    def forms(self) -> dict[str, tuple[str, ...]]:
        """Return the forms that need no data, each with its study files."""
        return {"full": self.studies, "quick": self.quick, "clean": self.clean}

    def layout(self, root: str | Path, name: str | None = None) -> Layout:
        """Return the layout of the data under a folder.

        Args:
            root: the folder.
            name: which layout it is; found out where None.

        Raises:
            UsageError: there is no such folder or layout, or the data has none of them or several.
        """
        known = {layout.name: layout for layout in self.layouts}
        if not known:
            raise UsageError(
                f"The case '{self.name}' runs on data that a package ships, so there is none to give. Leave out "
                "--data."
            )
        if name is not None:
            if name not in known:
                raise UsageError(one_of(f"layout of the case '{self.name}'", name, known))
            return known[name]
        folder = Path(root).expanduser()
        if not folder.is_dir():
            raise UsageError(f"There is no folder '{root}'. Give the one that holds the data.")
        found = [layout for layout in self.layouts if layout.at(folder)]
        if not found:
            raise UsageError(
                f"'{root}' has no layout that the case '{self.name}' knows: {_told(self.layouts)}. Give the folder "
                "that holds these."
            )
        if len(found) > 1:
            raise UsageError(
                f"'{root}' has several layouts that the case '{self.name}' knows: "
                f"{', '.join(layout.name for layout in found)}. Say which one with --layout."
            )
        return found[0]


def _told(layouts: Sequence[Layout]) -> str:
    return "; ".join(f"{one.name} ({', '.join(one.looks)})" for one in layouts)
