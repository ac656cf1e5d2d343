"""Archives are unpacked into a folder of their own, or not at all."""

import io
import random
import tarfile
import zipfile

import pytest

from underspec.core.errors import UsageError
from underspec.data.images.archive import unpack


def tar(path, *members, mode="w"):
    with tarfile.open(path, mode) as held:
        for name, body, link in members:
            info = tarfile.TarInfo(name)
            if link is not None:
                info.type, info.linkname = tarfile.SYMTYPE, link
                held.addfile(info)
            else:
                info.size = len(body)
                held.addfile(info, io.BytesIO(body))
    return path


def zipped(path, *names):
    with zipfile.ZipFile(path, "w") as held:
        for name in names:
            held.writestr(name, b"x")
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_unpacked(tmp_path, mode):
    """Compressed or not, with links that stay within."""
    archive = tar(
        tmp_path / "a.tar", ("c/1.txt", b"one", None), ("c/2.txt", b"", "1.txt"), mode=mode
    )
    made = unpack(archive, tmp_path / "out")
    assert made == tmp_path / "out"
    assert (made / "c" / "1.txt").read_bytes() == (made / "c" / "2.txt").read_bytes() == b"one"


def test_a_zip_is_unpacked(tmp_path):
    """Into an empty folder as well."""
    (tmp_path / "out").mkdir()
    made = unpack(zipped(tmp_path / "a.zip", "c/1.txt"), tmp_path / "out")
    assert (made / "c" / "1.txt").read_bytes() == b"x"


@pytest.mark.parametrize(
    "name", ["../up.txt", "c/../../up.txt", "/abs.txt", "..\\up.txt", "C:/up.txt"]
)
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_entry_outside_its_root_is_refused(tmp_path, kind, name):
    """Nothing at all is written, neither inside nor outside."""
    path = tmp_path / f"a.{kind}"
    if kind == "tar":
        tar(path, ("good.txt", b"x", None), (name, b"x", None))
    else:
        zipped(path, "good.txt", name)
    with pytest.raises(UsageError, match=r"an entry outside its root.*Nothing was written"):
        unpack(path, tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_links_that_lead_out_are_refused(tmp_path):
    """A link could be written through afterwards."""
    archive = tar(tmp_path / "a.tar", ("good.txt", b"x", None), ("link", b"", "../.."))
    with pytest.raises(UsageError, match=r"not unpacked: .*Nothing was written"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out" / "good.txt").exists()


def test_other_files_and_full_folders_are_refused(tmp_path):
    """And nothing that is there is overwritten."""
    (tmp_path / "a.tar").write_bytes(b"not a tar")
    with pytest.raises(UsageError, match="no tar or zip archive"):
        unpack(tmp_path / "a.tar", tmp_path / "out")
    with pytest.raises(UsageError, match="There is no archive"):
        unpack(tmp_path / "b.tar", tmp_path / "out")
    good = zipped(tmp_path / "a.zip", "x")
    with pytest.raises(UsageError, match="not an empty folder"):
        unpack(good, tmp_path)
    raw = tar(tmp_path / "c.tar.gz", ("x", bytes(range(256)) * 90, None), mode="w:gz").read_bytes()
    (tmp_path / "c.tar.gz").write_bytes(raw[:-90])
    with pytest.raises(UsageError, match=r"c\.tar\.gz' (cannot be unpacked|is no tar)"):
        unpack(tmp_path / "c.tar.gz", tmp_path / "out")


def flipped(path, at):
    """Change two bytes of a file."""
    raw = bytearray(path.read_bytes())
    raw[at] ^= 255
    raw[at + 1] ^= 255
    path.write_bytes(raw)
    return path


def zip_of_method(path, flags=0, method=0):
    """Write a zip of two files, of which the second claims flags and a method."""
    zipped(path, "a/good.txt", "b.txt")
    raw = bytearray(path.read_bytes())
    local, central = raw.rindex(b"PK\x03\x04"), raw.rindex(b"PK\x01\x02")
    raw[local + 6], raw[local + 8] = flags, method
    raw[central + 8], raw[central + 10] = flags, method
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("form", ["gz", "bz2", "xz"])
def test_damage_within_a_compressed_tar_is_found(tmp_path, form):
    """Also where its blocks can still be read, so that only the checksum at the end tells."""
    noise = random.Random(0).randbytes(300_000)
    path = tmp_path / "a.tar"
    tar(path, ("x", noise, None), ("y", b"abc", None), mode=f"w:{form}")
    assert (unpack(path, tmp_path / "good") / "x").read_bytes() == noise
    with pytest.raises(UsageError, match=r"a\.tar' (cannot be unpacked: .*\w|.* is damaged)\.$"):
        unpack(flipped(path, 150_000), tmp_path / "bad")
    assert not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    ("flags", "method", "says"),
    [(1, 0, "is encrypted"), (0, 99, "method is not supported")],
)
@pytest.mark.parametrize("there", [False, True])
def test_a_zip_that_cannot_be_read_leaves_nothing_behind(tmp_path, flags, method, says, there):
    """Of the entries before the one that fails, nor folders made for it; a folder given stays."""
    path = zip_of_method(tmp_path / "a.zip", flags, method)
    target = tmp_path / "new" / "out"
    if there:
        target.mkdir(parents=True)
    with pytest.raises(UsageError, match=says):
        unpack(path, target)
    assert list((tmp_path / "new").rglob("*")) == ([target] if there else [])
    assert (tmp_path / "new").exists() == there


def test_a_zip_of_wrong_checksum_leaves_nothing_behind(tmp_path):
    """Which shows after most of it is written."""
    path = zipped(tmp_path / "a.zip", "a.txt", "b.txt")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"b.txt") + 5] ^= 1
    path.write_bytes(raw)
    with pytest.raises(UsageError, match="Bad CRC"):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
