import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import gvckit as gk
from strategies import tables


@given(tables())
def test_no_error_is_the_published_measure_exactly(t):
    bands = gk.table_bands(t, gk.participation, 3, 0.0, progress=False)
    assert np.array_equal(bands.draws, np.broadcast_to(bands.published, bands.draws.shape))
    assert gk.perturb(t, 0.0) == gk.Mrio.from_arrays(
        t.arrays.z, t.given.y, t.regions, t.sectors, t.categories, year=t.year, unit=t.unit
    )


def test_draws_are_the_same_for_any_number_of_workers(sample):
    runs = [
        gk.table_bands(sample, gk.participation, 12, 0.1, seed=4, workers=w, progress=False, level="region")
        for w in (1, 3)
    ]
    np.testing.assert_allclose(runs[0].draws, runs[1].draws, rtol=1e-12)
    other = gk.table_bands(sample, gk.participation, 12, 0.1, seed=5, progress=False, level="region")
    assert not np.allclose(runs[0].draws, other.draws)
    one = gk.perturb(sample, 0.1, number=7, seed=4)
    np.testing.assert_allclose(gk.participation(one, level="region"), runs[0].draws[7], rtol=1e-12)


def test_a_balanced_draw_keeps_totals_signs_and_zeros(sample):
    drawn = gk.perturb(sample, 0.2, tolerance=1e-8)
    np.testing.assert_allclose(drawn.x, sample.x, atol=1e-7 * sample.x.max())
    np.testing.assert_allclose(drawn.va, sample.va, atol=1e-6 * sample.x.max())
    assert (np.sign(drawn.given.y) == np.sign(sample.given.y)).all()
    assert np.abs(drawn.arrays.z - sample.arrays.z).max() > 0
    free = gk.perturb(sample, 0.2, balance=False)
    assert np.abs(free.x - sample.x).max() > 1
    # Log-normal of mean 1: the sum stays, but for its own standard error.
    standard = 0.2 * np.sqrt((sample.arrays.z**2).sum())
    assert abs(free.arrays.z.sum() - sample.arrays.z.sum()) < 4 * standard


def test_errors_by_size_by_cell_and_by_frame(sample):
    rule = gk.CellError(reference=1000, at_reference=0.1, slope=0.2, largest=0.3)
    sd = rule.of(np.array([[1000.0, 1e6, 0.001, 0.0, -1000.0]]))
    np.testing.assert_allclose(sd, [[0.1, 0.1 * 1000**-0.2, 0.3, 0.0, 0.1]])
    small = gk.perturb(sample, rule, balance=False)
    there = sample.arrays.z > 0
    rel, big = np.abs(np.log(small.arrays.z[there] / sample.arrays.z[there])), sample.arrays.z[there] > 1e5
    assert rel[big].mean() < rel[~big].mean()
    only = (sample.Z * 0).to_numpy().copy()
    only[0, 1] = 0.5
    for z_error in (only, pd.DataFrame(only, sample.Z.index, sample.Z.columns).iloc[::-1]):
        drawn = gk.perturb(sample, (z_error, 0.0), balance=False)
        assert np.argwhere(drawn.arrays.z != sample.arrays.z).tolist() == [[0, 1]]
        np.testing.assert_array_equal(drawn.given.y, sample.given.y)


def test_bands_cover_the_truth_as_often_as_they_claim():
    rng = np.random.default_rng(2)
    truth = gk.Mrio.from_arrays(rng.lognormal(1, 1, (6, 6)), rng.lognormal(4, 1, (6, 2)), ["A", "B"], ["x", "y", "z"])
    want = gk.participation(truth, level="region").to_numpy()
    inside = []
    for k in range(150):
        published = gk.perturb(truth, 0.1, number=k, seed=99, balance=False)
        bands = gk.table_bands(
            published, gk.participation, 200, 0.1, seed=k, balance=False, progress=False, level="region"
        )
        low, high = np.quantile(bands.draws, [0.05, 0.95], axis=0)
        inside.append((low <= want) & (want <= high))
    coverage = np.mean(inside, axis=0)
    assert (coverage > 0.8).all()
    assert (coverage < 0.97).all()
    assert coverage.mean() == pytest.approx(0.9, abs=0.05)


def test_tables_are_drawn_apart_with_the_same_seed():
    rng = np.random.default_rng(5)
    z, y = rng.lognormal(1, 1, (8, 8)), rng.lognormal(4, 1, (8, 2))
    one = gk.Mrio.from_arrays(z, y, ["A", "B"], list("pqrs"))
    two = gk.Mrio.from_arrays(1.1 * z, 1.1 * y, ["A", "B"], list("pqrs"))
    bands = [gk.table_bands(t, gk.participation, 300, 0.2, progress=False, level="region") for t in (one, two)]
    apart = bands[1].minus(bands[0]).sd()["gvc"]
    alone = (bands[0].sd() ** 2 + bands[1].sd() ** 2)["gvc"] ** 0.5
    np.testing.assert_allclose(apart, alone, rtol=0.2)


def test_value_added_that_was_given_and_labels_of_a_sorting_measure(sample):
    t = gk.Mrio.from_arrays(
        sample.arrays.z, sample.given.y, sample.regions, sample.sectors, sample.categories,
        va=0.9 * sample.va.to_numpy(), year=2005,
    )  # fmt: skip
    for balance in (True, False):
        bands = gk.table_bands(t, gk.participation, 20, 0.05, balance=balance, progress=False, level="world")
        low, high = np.quantile(bands.draws, [0, 1], axis=0)
        total = list(bands.published.columns).index("total")
        assert low[0, total] * 0.999 <= bands.published["total"].iloc[0] <= high[0, total] * 1.001

    def ranked(t):
        return gk.participation(t, level="region", shares=True).sort_values("gvc")

    bands = gk.table_bands(sample, ranked, 20, 0.1, progress=False)
    plain = gk.table_bands(sample, gk.participation, 20, 0.1, progress=False, level="region", shares=True)
    pd.testing.assert_frame_equal(bands.sd().sort_index(), plain.sd().sort_index())


def test_bands_and_changes_as_frames():
    bands = {
        y: gk.table_bands(
            gk.load_sample(y), gk.participation, 40, 0.1, seed=y, progress=False, level="region", shares=True
        )
        for y in (1995, 2011)
    }
    frame = bands[2011].quantiles()
    assert frame.columns.names == ["term", "quantile"] or frame.columns.nlevels == 2
    china = frame.loc["CHN", "gvc"]
    assert china[0.05] <= china[0.5] <= china[0.95]
    assert bands[2011].sd().loc["CHN", "gvc"] > 0
    change = bands[2011].minus(bands[1995])
    pd.testing.assert_frame_equal(change.published, bands[2011].published - bands[1995].published)
    assert change.share_positive().loc["CHN", "gvc"] == 1.0
    assert "TableBands of 40 draws" in repr(change)
    with pytest.raises(gk.LabelError, match="other labels"):
        bands[2011].minus(gk.table_bands(gk.load_sample(1995), gk.participation, 40, progress=False))
    with pytest.raises(gk.OptionError, match="between 0 and 1"):
        bands[2011].quantiles([2])


def test_errors_that_can_not_be_meant(sample):
    for error in (-0.1, np.nan, (-sample.Z, 0.1)):
        with pytest.raises(gk.OptionError, match="not negative"):
            gk.perturb(sample, error)
    for error in ("a", sample.Z, (0.1, 0.1, 0.1)):
        with pytest.raises(gk.OptionError, match="a number, a CellError, or a pair"):
            gk.perturb(sample, error)
    with pytest.raises(gk.OptionError, match="seed=-1"):
        gk.perturb(sample, seed=-1)
    with pytest.raises(gk.ShapeError, match="errors of Z have shape"):
        gk.perturb(sample, (np.zeros(3), 0.1))
    for bad in ({"reference": 0}, {"largest": np.inf}, {"slope": "a"}, {"at_reference": np.nan}):
        with pytest.raises(gk.OptionError, match="positive reference"):
            gk.CellError(**bad)
    for draws in (0, 1.5, "many", None, True):
        with pytest.raises(gk.OptionError, match=f"draws={draws!r}: a whole number is needed, one or more"):
            gk.table_bands(sample, gk.participation, draws)
    for options, message in (
        ({"workers": 0.5}, "workers=0.5"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"tolerance": 0}, "tolerance=0: a share"),
        ({"measure": "participation"}, "a function is wanted"),
        ({"measure": lambda t: t.regions}, "gives a list: a frame of numbers is wanted"),
        ({"measure": gk.hubs}, "a frame of numbers is wanted"),
        ({"error": True}, "a number, a CellError, or a pair"),
        ({"error": (x for x in (0.1, 0.1))}, "a number, a CellError, or a pair"),
    ):
        with pytest.raises(gk.OptionError, match=message):
            gk.table_bands(**{"t": sample, "measure": gk.participation, "draws": 2, "progress": False, **options})
    with pytest.raises(gk.TableError):
        gk.table_bands(2005, gk.participation, 2)
    with pytest.raises(gk.LabelError, match=r"errors of Z: .*missing"):
        gk.perturb(sample, (sample.Z.iloc[1:], 0.1))
    with pytest.raises(gk.ShapeError, match="errors of Z"):
        gk.perturb(sample, ("a", 0.1))
    bands = gk.table_bands(sample, gk.upstreamness, 3, progress=False)
    assert bands.quantiles(0.5).shape == (574, 1)
    for q in ("a", [], [1, 2], None):
        with pytest.raises(gk.OptionError, match="between 0 and 1"):
            bands.quantiles(q)
    with pytest.raises(gk.OptionError, match="bands of an earlier table"):
        bands.minus(sample)
    with pytest.raises(gk.ShapeError, match="sd"):
        gk.core.disturb(np.ones((2, 2)), np.ones((2, 3)), 0, 0, None, 1e-6, 10)


@given(tables(max_regions=3, max_sectors=3))
def test_levels_of_a_measure_s_columns_stay_pairs(t):
    def wide(t):
        return pd.concat({"a": gk.participation(t), "b": gk.participation(t, "backward")}, axis=1, names=["side"])

    bands = gk.table_bands(t, wide, 3, 0.1, balance=False, workers=1, progress=False)
    frame = bands.quantiles([0.25, 0.75])
    assert frame.columns.names == ["side", "term", "quantile"]
    want = np.quantile(bands.draws, 0.75, axis=0)
    np.testing.assert_array_equal(frame.xs(0.75, axis=1, level="quantile"), want)
