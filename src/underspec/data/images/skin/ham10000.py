"""HAM10000: dermatoscopic pictures of pigmented lesions, from four sources."""

from dataclasses import dataclass

from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.skin.photographs import Table, examples, first_there, prepared

__all__ = ["Ham10000"]

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


@dataclass(frozen=True)
class Ham10000(Reader):
    """HAM10000 as published: a table, and the pictures in one folder or in parts.

    ``HAM10000_metadata`` or ``HAM10000_metadata.csv`` with the columns ``lesion_id``, ``image_id``,
    ``dx``, ``dx_type``, ``sex``, ``localization``; pictures ``<image_id>.jpg`` below the root, as in
    ``HAM10000_images_part_1``. A cluster is a lesion, of which many were photographed more than once:
    part the set with the reader `split`, which keeps them together. Groups: ``source`` (of the
    column ``dataset``, which the version of the Harvard Dataverse has and others lack), ``dx_type``,
    ``sex`` and ``localization``.

    Attributes:
        root: holds the table and, somewhere below, the pictures.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    notice: str | None = None

    def __post_init__(self) -> None:
        prepared(self.resize, self.crop)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing, or a diagnosis is unknown.
        """
        what = "HAM10000"
        table = Table(first_there(self.root, what, ("HAM10000_metadata.csv", "HAM10000_metadata")))
        source = table.groups("dataset")
        return examples(
            self.root,
            what,
            prepared(self.resize, self.crop),
            names=table.column("image_id"),
            labels=table.column("dx"),
            classes=CLASSES,
            clusters=table.column("lesion_id"),
            groups={
                **({"source": source["dataset"]} if source else {}),
                **table.groups("dx_type", "sex", "localization"),
            },
        )
