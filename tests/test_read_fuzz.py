"""Every layout against a naive lookup: labels, order, totals and cells of random tables, and damaged bytes."""

import csv
import io
import random
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gvckit as gk
from fixtures import texts
from fixtures.messy import coded_rows, joined_rows, to_csv, to_xlsx, two_level_rows

REGIONS = ["AUS", "CHN", "USA", "ROW", "AT", "FR"]
CODES = ["A01", "B02", "C10_12", "D", "NA", "01"]


@st.composite
def tables(draw, regions=REGIONS, codes=CODES, categories=("HFCE", "GFCF", "INVNT"), decimals=3):
    """A small table with zeros, negative inventories, and labels such as NA and 01."""
    r = draw(st.lists(st.sampled_from(regions), min_size=2, max_size=4, unique=True))
    s = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=4, unique=True))
    f = list(categories)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = len(r) * len(s)
    z = np.round(rng.lognormal(2, 2, (n, n)), decimals) * (rng.random((n, n)) > draw(st.sampled_from([0, 0.4])))
    y = np.round(rng.lognormal(3, 1, (n, len(r) * len(f))), decimals)
    y[:, len(f) - 1 :: len(f)] *= np.where(rng.random((n, len(r))) > 0.5, 1, -0.01)
    y[:, 0] += z.sum(1) + z.sum(0)  # nobody is idle
    return gk.Mrio.from_arrays(z, np.round(y, decimals + 2), r, s, f, year=2015, unit="million USD")


def shuffled(rows, head, left, rng, keep=()):
    """Rows and columns of a matrix in another order; those of the names in ``keep`` stay where they are."""
    body = [k for k in range(head, len(rows)) if rows[k][0] not in keep]
    columns = list(range(left, len(rows[0])))
    rng.shuffle(body)
    rng.shuffle(columns)
    order = [*range(head), *body, *(k for k in range(head, len(rows)) if rows[k][0] in keep)]
    return [[rows[k][c] for c in [*range(left), *columns]] for k in order]


def same_cells(got, want):
    """Every cell by its labels."""
    assert set(got.regions) == set(want.regions)
    np.testing.assert_array_equal(got.Z.loc[want.Z.index, want.Z.columns], want.Z)
    np.testing.assert_array_equal(got.Y.loc[want.Y.index, want.Y.columns], want.Y)


def naive(path, header, left, separator=","):
    """Cells of a csv by the texts of their labels."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file, delimiter=separator))
    found = {}
    for line in lines[header:]:
        for col in range(left, len(line)):
            found[(*line[:left], *(lines[k][col] for k in range(header)))] = float(line[col] or 0)
    return found


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@settings(max_examples=25)
@given(t=tables(), seed=st.integers(0, 999), separator=st.sampled_from(",;\t"), output=st.booleans())
def test_joined_labels_in_any_order(tmp_path_factory, t, seed, separator, output):
    rows = shuffled(joined_rows(t, output, below=True), 1, 1, random.Random(seed))
    path = to_csv(tmp_path_factory.mktemp("j") / "ICIO_2015.csv", rows, separator)
    got = gk.read(path)
    same_cells(got, t)
    cells = naive(path, 1, 1, separator)
    for r, s in got.Z.index:
        for p, c in [*got.Z.columns, *got.Y.columns]:
            frame = got.Z if (p, c) in got.Z.columns else got.Y
            assert frame.loc[(r, s), (p, c)] == cells[f"{r}_{s}", f"{p}_{c}"]
    assert (got.given.x is not None) == output
    np.testing.assert_allclose(got.extensions["value_added"].loc["VA", t.va.index], t.va, rtol=1e-12)


@settings(max_examples=25)
@given(t=tables(), seed=st.integers(0, 999), totals=st.booleans(), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_two_levels_in_any_order(tmp_path_factory, t, seed, totals, suffix):
    rows = two_level_rows(t)
    if totals:
        for k, row in enumerate(rows):
            row.append(["", "Total"][k] if k < 2 else t.arrays.x[k - 2])
        rows.append(["World", "", *np.hstack([t.arrays.z, t.given.y]).sum(0), t.arrays.x.sum()])
    rows = shuffled(rows, 2, 2, random.Random(seed))
    folder = tmp_path_factory.mktemp("t")
    path = to_csv(folder / "a.csv", rows) if suffix == ".csv" else to_xlsx(folder / "a.xlsx", {"a": rows})
    got = gk.read_table(path, year=2015, unit="million USD")
    same_cells(got, t)
    assert set(got.categories) == set(t.categories)


@settings(max_examples=20)
@given(t=tables(codes=["a", "b", "c"]), seed=st.integers(0, 999))
def test_coded_sheets_in_any_order(tmp_path_factory, t, seed):
    rows = coded_rows(t)
    path = to_xlsx(
        tmp_path_factory.mktemp("c") / "2015.xlsx", {"t": [*rows[:3], *shuffled(rows[3:], 2, 2, random.Random(seed))]}
    )
    got = gk.read(path)
    codes = {code: f"c{k + 1}" for k, code in enumerate(t.sectors)}
    finals = dict(zip(t.categories, ("HFCE", "NPISH", "GGFC"), strict=True))
    want = t.Z.rename(codes, axis=0, level=1).rename(codes, axis=1, level=1)
    got_z = got.Z.rename({"ROW": "ROW"}, axis=0)
    np.testing.assert_array_equal(got_z.loc[want.index, want.columns], want)
    y = t.Y.rename(codes, axis=0, level=1).rename(finals, axis=1, level=1)
    np.testing.assert_array_equal(got.Y.loc[y.index, y.columns], y)


@settings(max_examples=25)
@given(t=tables(), seed=st.integers(0, 999), keep=st.booleans())
def test_lists_in_any_order_and_in_their_own(tmp_path_factory, t, seed, keep):
    path = tmp_path_factory.mktemp("l") / "list.csv"
    frame = t.to_long(zeros=keep)
    frame.to_csv(path, index=False)
    got = gk.read_table(path, "flat", year=2015, unit="million USD")
    same_cells(got, t)
    if keep:
        assert (got.regions, got.sectors, got.categories) == (t.regions, t.sectors, t.categories)
    frame.sample(frac=1, random_state=seed).to_csv(path, index=False)
    same_cells(gk.read_table(path, "flat", year=2015, unit="million USD"), t)


@settings(max_examples=20)
@given(
    t=tables(["AT", "FIGW1", "FR"], ["A01", "B02"], ("GGFC", "HFCE", "NPISH", "GFCF", "INVNT")),
    seed=st.integers(0, 999),
    flat=st.booleans(),
)
def test_figaro_in_any_order(tmp_path_factory, t, seed, flat):
    path = tmp_path_factory.mktemp("f") / "figaro_2015.csv"
    rng = random.Random(seed)
    if flat:
        rows = texts.figaro_flat_rows(t)
        body = rows[1:]
        rng.shuffle(body)
        rows = [rows[0], *body]
    else:
        rows = shuffled(texts.figaro_rows(t), 1, 1, rng)
    got = gk.read(texts.write_rows(path, rows))
    same_cells(got.aggregate(regions={"ROW": "FIGW1"}) if "ROW" in got.regions else got, t)


CHANGES = ["row label", "column label", "row lost", "column lost", "row twice", "column twice", "demand lost"]


@settings(max_examples=60)
@given(t=tables(codes=["A01", "B02", "C03"]), change=st.sampled_from(CHANGES), seed=st.integers(0, 999))
def test_a_label_on_one_side_alone_is_refused(tmp_path_factory, t, change, seed):
    rows, rng = joined_rows(t, below=True), random.Random(seed)
    n = len(t.x)
    k, c = rng.randrange(1, n + 1), rng.randrange(1, n + 1)
    d = rng.randrange(n + 1, len(rows[0]))
    if change == "row label":
        rows[k][0] += "x"
    elif change == "column label":
        rows[0][c] += "x"
    elif change == "row lost":
        del rows[k]
    elif change == "row twice":
        rows.insert(k, list(rows[k]))
    else:
        at = d if change == "demand lost" else c
        for row in rows:
            row.insert(at, row[at]) if "twice" in change else row.pop(at)
    with pytest.raises(gk.ReadError):
        gk.read_table(to_csv(tmp_path_factory.mktemp("x") / "x.csv", rows), labels="_")


# ---- damage ------------------------------------------------------------------------------------------------------


def mutated(data, rng):
    """Bytes with one to three faults."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at, kind = rng.randrange(max(len(data), 1)), rng.randrange(5)
        if kind == 0:
            del data[at:]
        elif kind == 1 and data:
            data[at % len(data)] = rng.randrange(256)
        elif kind == 2:
            del data[at : at + rng.randint(1, 40)]
        elif kind == 3:
            data[at:at] = data[at : at + rng.randint(1, 40)]
        elif data:
            other = rng.randrange(len(data))
            data[at % len(data)], data[other] = data[other], data[at % len(data)]
    return bytes(data)


def kinds_of_files(folder):
    """A file of each layout, with how it is read."""
    t = gk.Mrio.from_arrays(
        np.arange(1, 17.0).reshape(4, 4), 100 + np.arange(40.0).reshape(4, 10), ["AUS", "CHN"], ["A01", "B02"],
        ["GGFC", "HFCE", "NPISH", "GFCF", "INVNT"], year=2015, unit="million USD",
    )  # fmt: skip
    flat = folder / "list.csv"
    t.to_long().to_csv(flat, index=False)
    frame = folder / "list.parquet"
    t.to_long().to_parquet(frame)
    return {
        "icio": (texts.write_rows(folder / "ICIO_2015.csv", joined_rows(t, True, True)), gk.read),
        "figaro": (texts.write_rows(folder / "figaro_2015.csv", texts.figaro_rows(t)), gk.read),
        "figaro flat": (texts.write_rows(folder / "flat_2015.csv", texts.figaro_flat_rows(t)), gk.read),
        "own": (to_csv(folder / "own.csv", two_level_rows(t)), gk.read_table),
        "list": (flat, lambda path: gk.read_table(path, "flat")),
        "parquet": (frame, lambda path: gk.read_table(path, "flat")),
        "xlsx": (to_xlsx(folder / "adb.xlsx", {"t": coded_rows(t)}), gk.read),
    }


def attack(path, read, count, rng):
    """Read so many damaged copies; how many were still a table. Anything but a `GvcError` is a failure."""
    good, target, readable = path.read_bytes(), path.with_name(f"damaged{path.suffix}"), 0
    for _ in range(count):
        target.write_bytes(mutated(good, rng))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                t = read(target)
        except gk.GvcError:
            continue
        assert np.isfinite(t.arrays.z).all()
        assert t.labels.rows.is_unique
        readable += 1
    return readable


@pytest.mark.parametrize("kind", ["icio", "figaro", "figaro flat", "own", "list", "parquet", "xlsx"])
def test_damaged_bytes_are_an_error_or_a_table(tmp_path, kind):
    """A sample; `scripts/fuzz_readers.py` makes tens of thousands."""
    path, read = kinds_of_files(tmp_path)[kind]
    assert attack(path, read, 60, random.Random(kind)) < 60


def test_the_naive_lookup_is_what_the_csv_says(tmp_path):
    path = to_csv(tmp_path / "a.csv", [["", "P_a", "P_f"], ["P_a", 1.5, 2.0]])
    assert naive(path, 1, 1) == {("P_a", "P_a"): 1.5, ("P_a", "P_f"): 2.0}
    assert io.StringIO(path.read_text()).readline() == ",P_a,P_f\n"
