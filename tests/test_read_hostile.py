"""Interrupts, bombs and pipes: nothing is swallowed, waited for, or unfolded without end."""

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile

import numpy as np
import pytest
import xlsxwriter

import gvckit as gk
from fixtures.messy import coded_rows, joined_rows, small, to_csv, to_xlsx


def interrupting(after):
    """Press Ctrl-C on this process so many seconds from now; again later, as Python loses one in a finaliser."""
    pressed = threading.Event()

    def press():
        wait = after
        while not pressed.wait(wait):
            os.kill(os.getpid(), signal.SIGINT)
            wait = 5.0

    threading.Thread(target=press, daemon=True).start()
    return pressed


def big(regions=24, sectors=20):
    rng = np.random.default_rng(1)
    n = regions * sectors
    return gk.Mrio.from_arrays(
        rng.random((n, n)), 100 * rng.random((n, 2 * regions)), [f"R{k:02d}" for k in range(regions)],
        [f"c{k + 1}" for k in range(sectors)], ["HFCE", "GFCF"], year=2015, unit="million USD",
    )  # fmt: skip


# Callbacks of the garbage collector, as hypothesis has one, lose what is raised in them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["scanner", "calamine", "text"])
def test_ctrl_c_travels_through_unchanged(tmp_path, kind):
    """Reading goes on until the signal comes, whenever that is: what is raised is always the interrupt."""
    t = big()
    if kind == "text":
        path = to_csv(tmp_path / "ICIO_2015.csv", joined_rows(t, output=True))
    else:
        rows = coded_rows(t)
        if kind == "calamine":
            rows[0] = ["Multiregional Input-Output Table 2015"]
        path = to_xlsx(tmp_path / "adb.xlsx", {"t": rows})
        if kind == "calamine":
            without_plain_cells(path)
    gk.read(path)
    interrupted = 0
    for k in range(6):
        pressed = interrupting(0.01 + 0.02 * k)
        try:
            while True:
                gk.read(path)
        except KeyboardInterrupt:
            interrupted += 1
        finally:
            pressed.set()
    assert interrupted == 6


def without_plain_cells(path):
    """A comment before the first cell: the scanner leaves such a sheet to calamine."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b"<sheetData>", b"<sheetData><!-- -->", 1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def zip_of(path, member, pieces):
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(member, "w", force_zip64=True) as out,
    ):
        for piece in pieces:
            out.write(piece)
    return path


def memory_of(code):
    """Peak memory in MB of a new process that runs some code, and what it prints."""
    # The high-water mark of this program: ru_maxrss begins with that of the process which started it.
    told = "print(int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0]) // 1024)"
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{told}"], capture_output=True, text=True, timeout=120, check=True
    )
    *said, peak = run.stdout.strip().split("\n")
    return int(peak), "\n".join(said)


READ = "import gvckit as gk\ntry:\n    gk.read({path!r})\nexcept gk.ReadError as error:\n    print(error)"


def test_an_endless_member_is_given_up(tmp_path):
    zeros = b"AUS_A01," + b"0," * (1 << 19) + b"\n"
    path = zip_of(tmp_path / "2015.zip", "2015.csv", [b"," + b"AUS_A01,AUS_HFCE," * 4 + b"\n", *[zeros] * 600])
    assert path.stat().st_size < 2 << 20
    peak, said = memory_of(READ.format(path=str(path)))
    assert "GVCKIT_READ_LIMIT" in said
    assert peak < 4000


def test_texts_of_gigabytes_in_a_small_workbook_are_given_up(tmp_path):
    path = to_xlsx(tmp_path / "bomb.xlsx", {"t": coded_rows(small())})
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members["xl/sharedStrings.xml"]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as out:
            out.write(b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">')
            for _ in range(300):
                out.write(b"<si><t>a</t></si>" * 61_000)
            out.write(b"</sst>")
    peak, said = memory_of(READ.format(path=str(path)))
    assert "unfolds to more than" in said
    assert "GVCKIT_READ_LIMIT" in said
    assert peak < 1500


def test_a_cell_at_the_far_corner_is_refused(tmp_path):
    rows = coded_rows(small(("AUS", "CHN")))
    far = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(far))
    sheet = book.add_worksheet("t")
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            if cell is not None:
                sheet.write(i, j, cell)
    sheet.write_number("XFD19001", 1.0)
    book.close()
    peak, said = memory_of(READ.format(path=str(far)))
    assert "sheet 't', cell XFD19001: lies far from the other numbers of the sheet" in said
    assert peak < 500


def test_the_limit_can_be_raised_and_must_be_a_number(tmp_path, monkeypatch):
    path = zip_of(
        tmp_path / "2015.zip", "2015_SML.csv", [to_csv(tmp_path / "a.csv", joined_rows(small(), True)).read_bytes()]
    )
    monkeypatch.setenv("GVCKIT_READ_LIMIT", "1e-9")
    with pytest.raises(gk.ReadError, match="set the environment variable GVCKIT_READ_LIMIT="):
        gk.read(path)
    monkeypatch.setenv("GVCKIT_READ_LIMIT", "much")
    with pytest.raises(gk.ReadError, match=r'GVCKIT_READ_LIMIT="much": a factor such as 4 is wanted'):
        gk.read(path)
    monkeypatch.setenv("GVCKIT_READ_LIMIT", "2")
    assert gk.read(path).regions == ["AUS", "CHN"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    start = time.monotonic()
    for read in (gk.read, gk.read_adb, gk.read_wiod, gk.read_icio, gk.read_figaro, gk.read_eora26, gk.read_exiobase3,
                 gk.read_table):  # fmt: skip
        for path in (pipe, "/dev/zero"):
            with pytest.raises(gk.ReadError, match="is a pipe or a device, not a file"):
                read(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "2015.csv")
    to_csv(folder / "2016_SML.csv", joined_rows(small(), True))
    assert list(gk.read_years(folder)) == [2016]
    assert time.monotonic() - start < 5


def test_years_that_are_none_are_nothing_to_read(tmp_path):
    for folder in (None, tmp_path):
        with pytest.raises(gk.OptionError, match="years is empty"):
            gk.read_years(folder, years=[])
