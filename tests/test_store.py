import json
import os
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
    with pytest.raises(gk.ReadError, match="of version 99: this gvckit reads to 2"):
        gk.Mrio.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path, sample, monkeypatch):
    path = tmp_path / "t.gvc"
    sample.save(path)
    before = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr(np.lib.format, "write_array", fail)
    with pytest.raises(gk.WriteError, match=r"t\.gvc can't be written: disk full") as caught:
        sample.save(path)
    assert isinstance(caught.value, OSError)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["t.gvc"]


def small(**more):
    return gk.Mrio.from_arrays(
        [[1.0, 2.0], [3.0, 4.5]], [[20.0, 3.0], [4.0, 50.0]], ["A", "B"], ["s"],
        va=[5.0, 6.0], x=[26.0, 61.5], year=2000, unit="u", **more,
    )  # fmt: skip


@pytest.mark.parametrize("compress", [True, False])
def test_a_flipped_bit_is_an_error_or_changes_nothing(tmp_path, compress):
    t, path = small(), tmp_path / "t.gvc"
    t.save(path, compress=compress)
    whole = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        directory = archive.start_dir
    rng = np.random.default_rng(1)
    # Every byte of the directory, and some of the rest.
    places = [*range(directory, len(whole)), *rng.integers(0, directory, 150)]
    refused = 0
    for place in places:
        bit = 1 << int(rng.integers(8))
        whole[place] ^= bit
        path.write_bytes(whole)
        whole[place] ^= bit
        try:
            assert gk.Mrio.load(path) == t
        except gk.ReadError:
            refused += 1
    assert refused > len(places) / 4


def version_one(t, path, drop=()):
    """A file as gvckit 0.1 wrote it: the header first, without a list of members."""
    header = {
        "format": "gvckit table", "version": 1, "regions": t.regions, "sectors": t.sectors,
        "categories": t.categories, "meta": {"year": t.year, "unit": t.unit, "source": t.source}, "notes": t.notes,
        "extensions": [],
    }  # fmt: skip
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(header))
        for name, array in t.given.arrays.items():
            if name not in drop:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)


def test_files_of_version_one_are_read_and_a_lost_member_is_seen(tmp_path):
    t, path = small(), tmp_path / "old.gvc"
    version_one(t, path)
    assert gk.Mrio.load(path) == t
    version_one(t, path, drop=["va"])
    assert gk.Mrio.load(path).va.tolist() == [22.0, 55.0]
    version_one(t, path)
    whole = bytearray(path.read_bytes())
    # The name of the member in the directory: va.npy becomes wa.npy.
    whole[whole.rindex(b"va.npy")] ^= 1
    path.write_bytes(whole)
    with pytest.raises(gk.ReadError, match="its directory is not that of the members"):
        gk.Mrio.load(path)
    # A directory without it.
    version_one(t, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.filelist.remove(archive.getinfo("va.npy"))
        archive._didModify = True
    with pytest.raises(gk.ReadError, match="its directory is not that of the members"):
        gk.Mrio.load(path)


def test_a_member_that_is_not_listed_or_not_there_is_an_error(tmp_path):
    t, path = small(), tmp_path / "t.gvc"
    for take, give in (("va", None), (None, "extension0"), ("Y", "Z")):
        t.save(path)
        with zipfile.ZipFile(path) as archive:
            held = {name: archive.read(name) for name in archive.namelist() if name != f"{take}.npy"}
        if give:
            held[f"{give}.npy"] = held["x.npy"]
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in held.items():
                archive.writestr(name, data)
        with pytest.raises(gk.ReadError, match="is damaged"):
            gk.Mrio.load(path)


def test_a_name_of_a_scenario_is_kept(tmp_path):
    t = small().replaced(meta={"scenario": "tariff"})
    t.save(tmp_path / "t.gvc")
    again = gk.Mrio.load(tmp_path / "t.gvc")
    assert again == t
    assert again.given.meta["scenario"] == "tariff"


def test_a_file_that_is_cut_off_says_so(tmp_path, sample):
    path = tmp_path / "t.gvc"
    sample.save(path, compress=False)
    assert gk.Mrio.load(path, mmap=True) == sample
    os.truncate(path, path.stat().st_size // 2)
    for mmap in (True, False):
        with pytest.raises(gk.ReadError, match=r"t\.gvc: .*its end is missing"):
            gk.Mrio.load(path, mmap=mmap)


def test_errors_of_the_system_say_what_was_wanted(tmp_path, sample):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    for path, message in (
        (tmp_path / "folder", "folder can't be written: .*it is a folder"),
        (tmp_path / "file" / "t.gvc", r"t\.gvc can't be written: .*a part of its path is a file"),
        (tmp_path / ("long" * 100), "choose a shorter name"),
    ):
        with pytest.raises(gk.WriteError, match=message) as caught:
            sample.save(path)
        assert isinstance(caught.value, OSError)
    for path in (None, 5, ""):
        with pytest.raises(gk.OptionError, match="the name of a file is wanted"):
            sample.save(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]
