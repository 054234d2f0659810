"""Trade elasticities by sector: from the literature, for the embedded tables and those that map to them."""

from __future__ import annotations

from functools import cache

import pandas as pd

from gvckit.errors import LabelError
from gvckit.table.data import Table, expect_table
from gvckit.table.groups import sector_mapping
from gvckit.table.records import records


def trade_elasticities(t: Table) -> pd.Series:
    """Trade elasticities theta of Caliendo and Parro (2015) for the sectors of a table.

    Parameters
    ----------
    t : Mrio
        One of the embedded tables, or one whose sectors `sector_mapping` knows (they get their group's mean).

    Returns
    -------
    Series
        By sector, for ``counterfactual(t, elasticity=...)``. ``attrs["not_estimated"]`` lists the sectors (services,
        and transport equipment of WIOD) whose number is the one that the data of the paper have for all services.

    Raises
    ------
    LabelError
        Sectors of another classification: write a mapping of sector to elasticity.

    Notes
    -----
    Caliendo and Parro (2015), Review of Economic Studies 82(1), as the R package cp2015 has them: plain means where a
    group holds several of their sectors. They are of 1993 and dispersed (1.45 to 64.85): see `welfare_bands`.
    """
    expect_table(t)
    known = _known()
    if all(("icio", sector) in known for sector in t.sectors):
        found = {sector: known["icio", sector] for sector in t.sectors}
    else:
        try:
            found = {sector: known["wiod", group] for sector, group in sector_mapping(t).items()}
        except LabelError as error:
            raise LabelError(f"no elasticities for these sectors, pass a mapping of your own: {error}") from error
    index = pd.Index(t.sectors, name="sector")
    series = pd.Series([found[sector][0] for sector in t.sectors], index=index, name="elasticity")
    series.attrs.update(
        measure="trade_elasticities",
        source="Caliendo and Parro (2015), Review of Economic Studies 82(1)",
        not_estimated=[sector for sector in t.sectors if not found[sector][1]],
    )
    return series


@cache
def _known() -> dict[tuple[str, str], tuple[float, bool]]:
    """Elasticity, and whether it is an estimate, by table and sector group."""
    rows = records("gvckit.models", "elasticities.csv")
    return {(row["table"], row["sector"]): (float(row["theta"]), row["estimated"] == "yes") for row in rows}
