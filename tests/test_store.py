import zipfile

import numpy as np
import pytest
from hypothesis import given

import gvckit as gk
from strategies import tables


@given(t=tables())
def test_round_trip(tmp_path_factory, t):
    path = tmp_path_factory.mktemp("store") / "table.gvc"
    for compress in (True, False):
        t.save(path, compress=compress)
        assert gk.Mrio.load(path) == t
        assert gk.read(path) == t
    assert [p.name for p in path.parent.iterdir()] == ["table.gvc"]


def test_given_rows_and_whole_numbers_are_kept(tmp_path, leather):
    t = gk.Mrio.from_arrays(
        np.rint(leather.arrays.z), leather.arrays.y, leather.regions, leather.sectors,
        x=leather.x, va=leather.va / 3, year=1, unit="u", source="s",
    )  # fmt: skip
    t.save(tmp_path / "t")
    assert gk.Mrio.load(tmp_path / "t") == t


def test_damaged_files(tmp_path, sample):
    path = tmp_path / "t.gvc"
    with pytest.raises(gk.ReadError, match="no such file"):
        gk.Mrio.load(path)
    path.write_bytes(b"not a zip")
    with pytest.raises(gk.ReadError, match=r"t\.gvc: is not a table saved by gvckit"):
        gk.Mrio.load(path)
    sample.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(gk.ReadError):
        gk.Mrio.load(path)
    path.write_bytes(whole[:2000] + bytes(200) + whole[2200:])
    with pytest.raises(gk.ReadError):
        gk.Mrio.load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.json", '{"format": "gvckit table", "version": 99}')
    with pytest.raises(gk.ReadError, match="version 1"):
        gk.Mrio.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path, sample, monkeypatch):
    path = tmp_path / "t.gvc"
    sample.save(path)
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(OSError, match="disk full"):
        sample.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.gvc"]
