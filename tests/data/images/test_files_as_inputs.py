"""Image files stand where an array would, and are read when they are needed."""

import os
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy, chunks
from underspec.core.records import Data
from underspec.data import checksum
from underspec.data.images import files
from underspec.data.images.files import ImageFiles
from underspec.data.images.preparation import Preparation

SMALL = Preparation(resize=16, crop=12)


@pytest.fixture
def paths(tree):
    root = tree(*(f"{i:02d}.png" for i in range(11)))
    return [str(path) for path in sorted(root.iterdir())]


def eager(paths):
    return np.stack([np.asarray(SMALL(Image.open(path))) for path in paths])


@pytest.mark.parametrize("count", ["1", "3"])
def test_lazy_equals_eager_whatever_the_threads_rows_and_chunks(paths, monkeypatch, count):
    """Every way of reading gives the same pictures in the order asked for."""
    monkeypatch.setenv("OMP_NUM_THREADS", count)
    lazy, expected = Lazy.of(ImageFiles(paths, SMALL)), eager(paths)
    assert lazy.shape == expected.shape == (11, 12, 12, 3)
    assert lazy.dtype == np.uint8
    assert np.array_equal(np.asarray(lazy), expected)
    some = np.asarray([7, 2, 2, 10])
    assert np.array_equal(np.asarray(lazy[some]), expected[some])
    assert np.array_equal(np.asarray(lazy[3:9][::2]), expected[3:9][::2])
    for limit in (1, 12 * 12 * 3 * 4, 1 << 20):
        parts = list(chunks(lazy, limit))
        assert np.array_equal(np.concatenate([part.inputs for part in parts]), expected)
    assert np.asarray(lazy[np.zeros(11, dtype=bool)]).shape == (0, 12, 12, 3)


def test_one_channel_has_its_axis(paths):
    """Grey levels come as [height, width, 1]."""
    made = np.asarray(Lazy.of(ImageFiles(paths, SMALL, channels=1)))
    assert made.shape == (11, 12, 12, 1)
    assert np.array_equal(made[4, ..., 0], np.asarray(SMALL(Image.open(paths[4]).convert("L"))))


def test_nothing_is_read_before_it_is_needed(paths, monkeypatch):
    """Making and cutting inputs opens no file; a part opens the files of the part, each once."""
    opened = []
    original = files.decoded
    monkeypatch.setattr(
        files, "decoded", lambda path, channels: (opened.append(path), original(path, channels))[1]
    )
    lazy = Lazy.of(ImageFiles(paths, SMALL))[2:9]
    assert (len(lazy), opened) == (7, [])
    np.asarray(lazy[np.asarray([3, 1])])
    assert sorted(opened) == [paths[3], paths[5]]


def test_memory_is_bounded_by_what_is_asked_for(tree):
    """60 pictures of 400 x 300 in chunks of 4 never take more than a chunk and two pictures."""
    root = tree()
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(root / "a.png")
    lazy = Lazy.of(ImageFiles([str(root / "a.png")] * 60, Preparation(None, 200)))
    one, whole = 200 * 200 * 3, 60 * 200 * 200 * 3
    next(iter(chunks(lazy, 4 * one)))
    tracemalloc.start()
    for part in chunks(lazy, 4 * one):
        assert part.inputs.nbytes == 4 * one
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The chunk being read and the one before it, a file and its picture's bytes a thread.
    assert peak < 8 * one + 4 * noise.nbytes < whole


def digest(paths, preparation=SMALL, channels=3):
    return Lazy.of(ImageFiles(paths, preparation, channels)).digest()


def test_the_digest_sees_bytes_order_and_preparation(paths, tmp_path):
    """And neither the folder, the file's name nor its date."""
    first = digest(paths)
    assert digest(paths) == first
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    names = [shutil.copy(path, moved / f"x{i}.png") for i, path in enumerate(paths)]
    os.utime(names[0], (1, 1))
    assert digest(names) == first
    assert digest(paths[::-1]) != first
    assert digest(paths[:-1]) != first
    assert digest(paths, Preparation(resize=16, crop=11)) != first
    assert digest(paths, Preparation(resize=16, crop=12, border=1)) != first
    assert digest(paths, channels=1) != first


def test_the_digest_changes_with_one_byte(paths):
    """Also where the length stays, and although the file was hashed before."""
    first = digest(paths)
    with Path(paths[3]).open("r+b") as file:
        file.seek(-20, os.SEEK_END)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(paths[3], ns=(1, 1))
    assert digest(paths) != first


def test_a_file_is_hashed_once_a_process(paths, monkeypatch):
    """However many probes use it."""
    digest(paths)
    monkeypatch.setattr(files.hashlib, "file_digest", None)
    assert digest(paths[:4]) != digest(paths[4:])


def test_the_checksum_of_data_takes_the_digest(paths):
    """So that a study knows its images without decoding them."""

    def data(paths):
        names = np.asarray([f"{i}" for i in range(len(paths))])
        return Data(Lazy.of(ImageFiles(paths, SMALL)), np.zeros(len(paths), np.int32), names, names)

    assert checksum(data(paths)) == checksum(data(list(paths)))
    assert checksum(data(paths)) != checksum(data(paths[::-1]))


def test_files_that_cannot_be_used_are_counted_and_named(paths):
    """Cut short, no image, gone or too small: all of a read are counted, three are named."""
    Path(paths[1]).write_bytes(Path(paths[1]).read_bytes()[:400])
    Path(paths[4]).write_bytes(b"no image at all")
    Path(paths[6]).unlink()
    Image.new("RGB", (5, 5)).save(paths[8])
    source = ImageFiles(paths, Preparation(None, 12))
    rows = np.arange(11)
    says = r"4 of the 11 images read together cannot be used\. The first 3: .*01\.png.*04\.png.*06\.png"
    with pytest.raises(UsageError, match=says) as caught:
        source.read(rows)
    assert "there is no such file" in str(caught.value)
    assert "no image, or not one of JPEG" in str(caught.value)
    assert "08.png" not in str(caught.value)
    with pytest.raises(UsageError, match=r"1 of the 4 .*08\.png': its 5 x 5 pixels are fewer"):
        source.read(rows[7:])
    assert source.read(rows[9:]).shape == (2, 12, 12, 3)
    with pytest.raises(UsageError, match=r"^1 of 1 images .*06\.png': there is no such file"):
        source.digest(rows[6:7])


def test_a_jpeg_cut_short_is_refused(tmp_path, picture):
    """The missing half is not filled with grey."""
    picture(0, 64, 64).save(tmp_path / "a.jpg", quality=90)
    raw = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(UsageError, match=r"a\.jpg': image file is truncated"):
        ImageFiles([str(tmp_path / "a.jpg")], SMALL).read(np.arange(1))


def test_other_numbers_of_channels_are_refused():
    """There are colours and grey levels."""
    with pytest.raises(UsageError, match="'channels' must be 1 or 3; got 4"):
        ImageFiles([], SMALL, channels=4)


def test_the_representation_does_not_list_the_files(paths):
    """It says how they are prepared."""
    made = repr(ImageFiles(paths, SMALL))
    assert "crop=12" in made
    assert paths[0] not in made


def test_a_whole_set_is_looked_at_when_it_is_hashed(paths, monkeypatch):
    """Before anything is trained, and without decoding: counted over all, three named."""
    Path(paths[0]).write_bytes(b"")
    Path(paths[2]).write_bytes(Path(paths[2]).read_bytes()[:900])
    Image.fromarray(np.full((20, 20), 3000, np.uint16)).save(paths[5])
    Path(paths[7]).write_bytes(b"no image")
    Image.new("RGB", (5, 5)).save(paths[9])
    monkeypatch.setattr(files, "decoded", None)
    says = r"^5 of 11 images cannot be used\. The first 3: .*00\.png.*02\.png.*05\.png"
    with pytest.raises(UsageError, match=says) as caught:
        digest(paths, Preparation(None, 12))
    assert "more than 8 bits a channel" in str(caught.value)
    assert "07.png" not in str(caught.value)
    with pytest.raises(UsageError, match=r"2 of 3 .*07\.png.*09\.png': its 5 x 5 pixels are fewer"):
        digest(paths[7:10], Preparation(None, 12))
    # What is too small for one preparation is not for another, though the file was seen before.
    assert digest(paths[8:]) == digest(paths[8:])


@pytest.mark.parametrize("form", ["jpg", "png", "webp", "bmp", "tif"])
def test_files_cut_short_are_found_and_whole_ones_are_let_be(tmp_path, picture, form):
    """Whatever the format; bytes behind the end of a file do no harm."""
    path = tmp_path / f"a.{form}"
    picture(0, 64, 64).save(path)
    whole = path.read_bytes()
    digest([str(path)])
    for content in (whole + b"\0\0", whole + b"more"):
        path.write_bytes(content)
        assert len(digest([str(path)])) == 64
    for cut in (len(whole) // 2, len(whole) - 60):
        path.write_bytes(whole[:cut])
        with pytest.raises(UsageError, match=f"1 of 1 images cannot be used.*a.{form}"):
            digest([str(path)])
