"""A user's own examples, such as those of another site, as a stress test."""

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.names import NAME, part
from underspec.core.records import Data, Kind, Probe
from underspec.core.streams import Stream
from underspec.data.call import Call
from underspec.data.checksum import checksum
from underspec.data.inner import Written, deepest, named_classes, read
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.suited import apart, paired, rows_only, shared, suited

__all__ = ["Files"]

_SEVERITY = re.compile(r"(.+)-([0-9]+(?:\.[0-9]+)?)")
_COLUMNS = ("label", "target", "id", "cluster", "groups", "weight", "drop", "inputs")


class _Source(NamedTuple):
    """What becomes one probe.

    Attributes:
        name: of the probe.
        title: how reports write it.
        place: its file, or what reads it.
    """

    name: str
    title: str
    place: Any


@dataclass(frozen=True)
class Files(Stress):
    """Examples that were collected elsewhere or later, each file a probe.

    Give `path` for tables and archives, which are read as `underspec.data`'s `files` reads them, or
    `data` for what any reader brings. Classes are matched to the holdout's by name and may be a part
    of them, even one alone. Examples must have the shape of the holdout's; columns of a table that
    are all numbers have no names any more, so that their order must be the holdout's: say it by
    `inputs`.

    Examples with the id or cluster of a holdout's are taken for the same thing: noise that both
    share cancels; `notes` says how many. Ids count that are given: in a column or an archive, or by
    a function. Rows without one, and files that a reader names by their place, are examples of their
    own, ``<probe>/<row>`` and ``<probe>/<class>/<file>``, unless `paired` says otherwise.

    Attributes:
        name: of the probe, such as ``site_b``, or ``fog-3`` of severity 3; with several files, of
            their family.
        path: a ``.csv``, ``.tsv``, ``.parquet`` or ``.npz`` file; or several, as a pattern with
            ``*``, a list, or ``{name: file}``: then probes are named ``<name>-<file>``.
        data: instead of `path`: ``{reader: {parameter: value}}``, or, in Python, a reader or `Data`.
        label: column of the class; needed for tables, this or `target`.
        id: column that names each example.
        cluster: column of what was sampled as one thing, such as the patient.
        groups: columns to keep as groups.
        drop: columns to leave out.
        inputs: the input columns, in the holdout's order; all that are left where None.
        paired: row for row these are the holdout's examples, changed: they get its ids and clusters.
        may_choose: False where these examples must not help to choose what is shipped.
        title: how reports write it; the name where empty.
        examples: use so many examples; all where None.
        weight: column of how much each example counts in metrics; all alike where None.
        target: instead of `label`, for regression: column of the number to predict.
    """

    kind: ClassVar[Kind] = "shifted"
    modality: ClassVar[str] = "any"
    source: ClassVar[str] = "yours"
    name: str
    path: str | tuple[str, ...] | Mapping[str, str] | None = None
    data: Any = None
    label: str | None = None
    id: str | None = None
    cluster: str | None = None
    groups: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = None
    paired: bool = False
    may_choose: bool = True
    title: str = ""
    examples: int | None = None
    weight: str | None = None
    target: str | None = None

    def __post_init__(self) -> None:
        self._check_types()
        if not NAME.fullmatch(self.name) or (self._many and part(self.name) != self.name):
            raise UsageError(
                f"'{self.name}' cannot name a probe: use small letters, digits and _"
                + (
                    ", such as site."
                    if self._many
                    else ", and at most a hyphen with a severity, such as site_b or fog-3."
                )
            )
        if (self.path is None) == (self.data is None):
            raise UsageError(
                f"Where are the examples of '{self.name}'? Give path: <file>, or data: {{reader: ...}}, "
                "one of the two."
            )
        named = [name for name in _COLUMNS if getattr(self, name)]
        if self.data is not None and named:
            raise UsageError(f"A reader names its own columns; leave out {', '.join(named)}.")
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Read the files and yield a probe each.

        Raises:
            UsageError: a file cannot be read, or its examples do not suit the holdout's.
        """
        graded = None if self._many else _SEVERITY.fullmatch(self.name)
        for source in self._sources():
            try:
                own = self._suited(source, data)
            except UsageError as error:
                if type(error) is not UsageError:  # a missing extra says how to get it
                    raise
                raise UsageError(f"The stress test '{source.name}': {error}") from None
            yield Probe(
                name=source.name,
                kind=self.kind,
                family=graded[1] if graded else self.name.partition("-")[0],
                severity=float(graded[2]) if graded else None,
                data=chosen(own, self.examples, key),
                title=source.title,
                may_choose=self.may_choose,
            )

    def notes(self, data: Data, /) -> tuple[str, ...]:
        """Say how many examples count as the holdout's own, and how many only look so."""
        said = []
        for source in () if self.paired else self._sources():
            own = self._read(source, data)
            given, total = self._given(source, own), len(own)
            alike = 0 if given or rows_only(own) else int(np.isin(own.ids, data.ids).sum())
            same = shared(own if given else apart(own, source.name), data)
            if alike > same:
                said.append(
                    f"{source.name}: {alike:,} of {total:,} examples have ids, or file names, that held-out ones have "
                    "too. They count as other examples; where they are the same ones, changed, say paired: "
                    "true or give ids."
                )
            if same:
                said.append(
                    f"{source.name}: {same:,} of {total:,} examples have the id or cluster of a held-out one "
                    "and count as the same thing, changed."
                )
        return tuple(said)

    def fingerprint(self) -> str:
        """Return a hash of the files, or of what the reader brings."""
        parts = []
        for source in self._sources():
            if self.data is not None:
                said = checksum(self._read(source, None))
            elif Path(source.place).is_file():
                with Path(source.place).open("rb") as file:
                    said = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                said = "missing"
            parts.append((source.name, said))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _check_types(self) -> None:
        if not isinstance(self.name, str):
            raise UsageError(f"'name' of files is a text, such as site_b; got {self.name!r}.")
        given: Any = self.path
        if isinstance(given, Mapping):
            files = list(given.values())
        else:
            files = list(given) if isinstance(given, list | tuple) else [given]
        wrong = [file for file in files if not isinstance(file, str)]
        if given is not None and wrong:
            raise UsageError(
                f"'path' of '{self.name}' is a file, a list of files, or {{name: file}}, each written as "
                f"text; got {wrong[0]!r}."
            )

    @property
    def _many(self) -> bool:
        return self.path is not None and not (isinstance(self.path, str) and "*" not in self.path)

    def _sources(self) -> list[_Source]:
        title = self.title or self.name
        if not self._many:
            return [_Source(self.name, title, self.data if self.path is None else self.path)]
        if isinstance(self.path, Mapping):
            named = dict(self.path)
        else:
            files = [self.path] if isinstance(self.path, str) else list(self.path or ())
            found = [str(f) for text in files for f in (_matching(text) if "*" in text else [text])]
            named = {Path(file.removesuffix(".gz")).stem: file for file in found}
            if len(named) < len(found):
                raise UsageError(
                    f"Two files of '{self.name}' have one name. Name them: path: {{north: <file>, ...}}."
                )
        if not named:
            raise UsageError(f"No file matches '{self.path}', which is to be '{self.name}'.")
        return [
            _Source(f"{self.name}-{part(name)}", f"{title}, {name}", file)
            for name, file in named.items()
        ]

    def _suited(self, source: _Source, holdout: Data) -> Data:
        read = self._read(source, holdout)
        own = suited(read, holdout)
        if self.paired:
            return paired(own, holdout)
        return own if self._given(source, read) else apart(own, source.name)

    def _given(self, source: _Source, own: Data) -> bool:
        """Say whether somebody gave the examples ids, which a reader may also make up."""
        if self.path is not None:
            return self.id is not None or "ids" in _arrays(source.place)
        place = deepest(source.place, self._what)
        if isinstance(place, Written):
            reader, parameters = place
        else:
            reader = "call" if isinstance(place, Data | Call) else ""
            parameters = {name: getattr(place, name, None) for name in ("id", "path")}
        if reader == "call":
            return not rows_only(own)
        return parameters.get("id") is not None or "ids" in _arrays(parameters.get("path"))

    def _read(self, source: _Source, holdout: Data | None) -> Data:
        """Return the examples as they are read, classes as the holdout names them where it can be."""
        given = source.place
        if self.data is None:
            columns = {name: getattr(self, name) for name in _COLUMNS}
            given = {"files": {"path": source.place, **columns}}
        if not isinstance(given, Mapping):
            return read(given, self._what)
        _, parameters = deepest(given, self._what)
        named = "classes" in parameters or "classes" in _arrays(parameters.get("path"))
        if holdout is not None and not named:
            given = named_classes(given, holdout.classes, self._what)
        return read(given, self._what)

    @property
    def _what(self) -> str:
        return f"The data of '{self.name}'"


def _matching(pattern: str) -> list[Path]:
    whole = Path(pattern)
    return sorted(Path(whole.anchor or ".").glob(str(whole.relative_to(whole.anchor))))


def _arrays(path: Any) -> set[str]:
    """Return the names of the arrays in an archive; none where the file is no archive."""
    if not isinstance(path, str | Path):
        return set()
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return set()  # if it is a broken one, its reader says so
