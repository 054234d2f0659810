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
        t.arrays.z, t.arrays_by_category, t.regions, t.sectors, t.categories, year=t.year, unit=t.unit
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
    assert (np.sign(drawn.arrays_by_category) == np.sign(sample.arrays_by_category)).all()
    assert np.abs(drawn.arrays.z - sample.arrays.z).max() > 0
    free = gk.perturb(sample, 0.2, balance=False)
    assert np.abs(free.x - sample.x).max() > 1
    # Log-normal of mean 1: the mean over cells stays.
    assert free.arrays.z.sum() == pytest.approx(sample.arrays.z.sum(), rel=0.02)


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
        np.testing.assert_array_equal(drawn.arrays_by_category, sample.arrays_by_category)


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
    with pytest.raises(gk.ShapeError, match="errors of Z have shape"):
        gk.perturb(sample, (np.zeros(3), 0.1))
    with pytest.raises(gk.OptionError, match="positive reference"):
        gk.CellError(reference=0)
    with pytest.raises(gk.OptionError, match="one or more"):
        gk.table_bands(sample, gk.participation, 0)
    with pytest.raises(gk.ShapeError, match="sd"):
        gk.core.disturb(np.ones((2, 2)), np.ones((2, 3)), 0, 0, None, 1e-6, 10)
