"""Files as people keep them (`fixtures.messy`): each is read right or refused by name."""

import re
import warnings

import numpy as np
import pytest

import gvckit as gk
from fixtures.messy import CASES


def agrees(got, want):
    """Every cell by its labels, whatever the order."""
    assert set(got.regions) == set(want.regions)
    assert set(got.sectors) == set(want.sectors) or len(got.sectors) == len(want.sectors)
    sectors = dict(zip(got.sectors, want.sectors, strict=True)) if set(got.sectors) != set(want.sectors) else {}
    z = got.Z.rename(sectors, axis=0, level=1).rename(sectors, axis=1, level=1)
    y = got.Y.rename(sectors, axis=0, level=1)
    np.testing.assert_allclose(z.loc[want.Z.index, want.Z.columns], want.Z, rtol=1e-12)
    np.testing.assert_allclose(y.loc[want.Y.index, want.Y.columns], want.Y, rtol=1e-12)
    assert (got.year, got.unit) == (want.year, want.unit)


@pytest.mark.parametrize("name", CASES)
def test_messy_files(tmp_path, name):
    case = CASES[name]
    path = case.write(tmp_path)
    if case.error is not None:
        with pytest.raises(gk.ReadError, match=case.error) as caught:
            case.read(path)
        assert caught.value.path is not None
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        table = case.read(path)
    said = [str(warning.message) for warning in told if issubclass(warning.category, gk.GvcWarning)]
    if case.warns is None:
        assert said == []
    else:
        assert any(re.search(case.warns, text) for text in said), said
    agrees(table, case.table)
    if case.note is not None:
        assert any(re.search(case.note, note) for note in table.notes), table.notes


def test_there_are_about_sixty_of_them():
    assert len(CASES) >= 60
