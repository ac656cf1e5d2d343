"""PAD-UFES-20: clinical pictures taken with smartphones, with skin types."""

from dataclasses import dataclass

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.images.skin.photographs import Table, examples, first_there, prepared

__all__ = ["PadUfes20"]

CLASSES = ("ACK", "BCC", "MEL", "NEV", "SCC", "SEK")
_CLUSTERS = ("patient_id", "lesion_id")
_TYPES = {"1": "I", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "": "unknown"}


@dataclass(frozen=True)
class PadUfes20(Reader):
    """PAD-UFES-20 as published: a table, and pictures in the folder ``images`` or in parts of it.

    ``metadata.csv`` with the columns ``patient_id``, ``lesion_id``, ``img_id`` (such as
    ``PAT_46_881_14.png``), ``diagnostic`` and ``fitspatrick``, which is spelled so; the latter is empty
    for many. Groups: ``skin_type`` (I to VI, or unknown) and, where the table has them, ``gender``,
    ``region`` and ``biopsed``. Part the set with the reader `split`, which keeps patients together.

    Attributes:
        root: holds the table and, somewhere below, the pictures.
        resize: pixels of the shorter side after scaling; None to scale nothing.
        crop: pixels of each side of the middle that is kept.
        cluster: what counts as one thing, ``patient_id`` or ``lesion_id``.
        notice: licence and attribution for reports.
    """

    root: str
    resize: int | None
    crop: int
    cluster: str = "patient_id"
    notice: str | None = None

    def __post_init__(self) -> None:
        if self.cluster not in _CLUSTERS:
            raise UsageError(one_of("cluster of pad_ufes20", self.cluster, _CLUSTERS))
        prepared(self.resize, self.crop)

    def __call__(self) -> Data:
        """Read the table and look for the files; reads no picture.

        Raises:
            UsageError: the table, a column or a file is missing, or a skin type is none.
        """
        what = "PAD-UFES-20"
        table = Table(first_there(self.root, what, ("metadata.csv",)))
        types = []
        for row, text in enumerate(table.column("fitspatrick"), start=2):
            if text.removesuffix(".0") not in _TYPES:
                raise UsageError(
                    f"Row {row} of '{table.path}' has the skin type '{text}'; they go from 1 to 6, or are empty."
                )
            types.append(_TYPES[text.removesuffix(".0")])
        return examples(
            self.root,
            what,
            prepared(self.resize, self.crop),
            names=table.column("img_id"),
            labels=table.column("diagnostic"),
            classes=CLASSES,
            clusters=table.column(self.cluster),
            groups={"skin_type": types, **table.groups("gender", "region", "biopsed")},
        )
