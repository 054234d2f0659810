"""The paper's tables and figures on the embedded table: `gvckit reproduce`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gvckit.dependence import dependence
from gvckit.draws import CellError, table_bands
from gvckit.exports import decompose_exports
from gvckit.extraction import decouple
from gvckit.files import replacing, write_frame
from gvckit.groups import MEDIUM_HIGH, sum_sectors, technology_groups
from gvckit.labels import is_aggregate, share
from gvckit.lengths import position
from gvckit.network import TradeNetwork, hubs, network, regionalisation
from gvckit.options import Direction, Kind
from gvckit.panel import panel
from gvckit.participation import participation
from gvckit.sample import load_sample, sample_years
from gvckit.table import Mrio
from gvckit.tiva import tiva
from gvckit.uncertainty import Uncertainty

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

#: The pair that the paper is about.
PAIR = ("CHN", "USA")
KINDS: tuple[Kind, Kind, Kind] = ("traditional", "simple", "complex")
#: The paper's three networks: name in files, and the sample's sector (None: all).
NETWORK_SECTORS = {
    "whole_economy": None,
    "ict": "Electrical and optical equipment",
    "motor_vehicles": "Transport equipment",
}
#: Whose position the paper follows; electronics are part of electrical and optical equipment in this table.
POSITION_SECTORS = ("Electrical and optical equipment", "Machinery", "Transport equipment")
#: Draws behind the bands of the index, and the relative error that each input is given in them.
INDEX_DRAWS, INPUT_ERROR = 10_000, 0.05
#: Draws of each table, and the error of its cells that is assumed: published tables give none.
TABLE_DRAWS, CELL_ERROR = 60, CellError(reference=1000, at_reference=0.2, slope=0.2, largest=0.5)
#: The first sectors of the sample are goods: agriculture, mining and manufacturing.
GOODS = 10
NETWORK_TITLES = {"whole_economy": "whole economy", "ict": "ICT", "motor_vehicles": "motor vehicles"}
DIRECTIONS: tuple[Direction, Direction] = ("forward", "backward")


def reproduce(output: Path, progress: bool = True) -> Iterator[Path]:
    """Write tables and figures to a folder, and name each file when it is complete.

    Parameters
    ----------
    output : Path
        Folder; made if it isn't there.
    progress : bool, default True
        Show a progress bar for each measure.

    Yields
    ------
    Path
    """
    tables = {year: load_sample(year) for year in sample_years()}
    yield from _participation(output, tables, progress)
    yield from _bands(output, tables, progress)
    yield from _networks(output, tables, progress)
    yield from _exports(output, tables, progress)
    yield from _index(output, tables)
    yield from _decoupling(output, tables, progress)


def _participation(output: Path, tables: dict[int, Mrio], progress: bool) -> Iterator[Path]:
    """Participation by region, sector and year, and the paper's figure of China's manufacturing."""
    manufacturing: dict[Direction, pd.DataFrame] = {}
    for direction in DIRECTIONS:
        levels = panel(participation, tables, progress=progress, direction=direction)
        yield write_frame(levels, output / f"participation_{direction}_sector.csv")
        regions = levels.groupby(level=["year", "region"], sort=False).sum()
        yield write_frame(regions, output / f"participation_{direction}_region.csv")
        manufacturing[direction] = medium_high_shares(levels, next(iter(tables.values())))
    both = pd.concat(manufacturing, names=["direction"])
    yield write_frame(both, output / "participation_medium_high_technology.csv")
    yield write_figure(_figure(manufacturing), output / "participation_medium_high_technology.png")


def _bands(output: Path, tables: dict[int, Mrio], progress: bool) -> Iterator[Path]:
    """How sure participation is, if the cells of the table have errors."""
    from gvckit import plot
    from gvckit.plot.style import source_line

    found = {
        year: table_bands(
            t, participation, TABLE_DRAWS, CELL_ERROR, seed=year, progress=progress, level="region", shares=True
        )
        for year, t in tables.items()
    }
    frame = pd.concat({year: bands.quantiles().loc[list(PAIR)] for year, bands in found.items()}, names=["year"])
    yield write_frame(_flat(frame), output / "participation_bands.csv")
    first, last = min(found), max(found)
    change = found[last].minus(found[first])
    spread = _flat(change.quantiles().loc[list(PAIR)])
    sure = change.share_positive().loc[list(PAIR)].add_suffix("_share_positive")
    yield write_frame(spread.join(sure), output / f"participation_change_{first}_{last}_bands.csv")
    ax = plot.bands(
        frame, PAIR, title=f"Forward GVC participation, if cells have errors ({CELL_ERROR.at_reference:.0%} of a cell "
        f"of {CELL_ERROR.reference:,.0f} million USD)", ylabel="Share of value added (%)",
    )  # fmt: skip
    source_line(ax, tables[first].attrs)
    yield write_figure(ax.figure, output / "participation_bands.png")


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns (term, quantile) with one name each, as a csv wants them."""
    names = [f"{key[0]}_q{key[1]:g}" for key in frame.columns.to_flat_index()]
    return frame.set_axis(pd.Index(names), axis=1)


def _networks(output: Path, tables: dict[int, Mrio], progress: bool) -> Iterator[Path]:
    """The paper's first figure: networks of the first and the last year, hubs, shares within regional groups."""
    years = (min(tables), max(tables))
    for name, sector in NETWORK_SECTORS.items():
        options: dict[str, Any] = {"sector": sector, "exclude": aggregates(tables[years[0]])}
        grid = [[network(tables[year], kind, backbone="top", k=2, **options) for kind in KINDS] for year in years]
        yield write_figure(_network_figure(grid, name), output / f"networks_{name}.png")
        ranked = {
            kind: panel(hubs, {year: tables[year] for year in years}, progress=False, kind=kind, **options)
            for kind in KINDS
        }
        yield write_frame(pd.concat(ranked, names=["kind"]), output / f"hubs_{name}.csv")
        shares = {kind: panel(regionalisation, tables, progress=progress, kind=kind, **options) for kind in KINDS}
        yield write_frame(pd.concat(shares, names=["kind"]), output / f"regionalisation_{name}.csv")


def _exports(output: Path, tables: dict[int, Mrio], progress: bool) -> Iterator[Path]:
    """Position of the pair's machinery industries, exports of the pair, and their imported inputs over the years."""
    from gvckit import plot
    from gvckit.plot.style import source_line

    where = panel(position, tables, progress=progress)
    yield write_frame(where, output / "position_sector.csv")
    ax = plot.position(where, POSITION_SECTORS, PAIR, title="Position in global value chains")
    source_line(ax, where.attrs)
    yield write_figure(ax.figure, output / "position.png")

    years = (min(tables), max(tables))
    parts = {year: decompose_exports(tables[year], "wwz", "bilateral").loc[[PAIR, PAIR[::-1]]] for year in years}
    pair = pd.concat(parts, names=["year"]).reorder_levels(["region", "partner", "year"]).sort_index(level=[0, 1, 2])
    yield write_frame(pair, output / "exports_pair_wwz.csv")
    pair.index = pd.Index([f"{a} to {b}\n{year}" for a, b, year in pair.index], name="exports")
    pair.attrs["method"] = "wwz"
    ax = plot.exports(pair, title="Exports between China and the United States, by origin of value added")
    ax.tick_params(axis="x", rotation=0)
    source_line(ax, tables[years[0]].attrs)
    yield write_figure(ax.figure, output / "exports_pair_wwz.png")

    goods = list(tables[years[0]].sectors[:GOODS])
    inputs = panel(tiva, tables, progress=progress, sectors=goods)
    yield write_frame(inputs, output / "imported_inputs_in_goods_exports.csv")


def _index(output: Path, tables: dict[int, Mrio]) -> Iterator[Path]:
    """The paper's Table 1 as far as the data go: the index with its bands and pillars, and both sides of it."""
    import matplotlib.pyplot as plt

    from gvckit import plot, schemes
    from gvckit.plot.style import source_line

    inputs = schemes.china_us_inputs(tables)
    yield write_frame(inputs, output / "dependence_index_inputs.csv")
    spread = Uncertainty(draws=INDEX_DRAWS, error=INPUT_ERROR)
    versions: dict[str, dict[str, Any]] = {"table": {}, "goods": {"trade": "goods", "tariffs": "all_partners"}}
    for name, options in versions.items():
        found = schemes.china_us_index(inputs, uncertainty=spread, **options)
        yield write_frame(found.to_frame(), output / f"dependence_index_{name}.csv")
        _, ax = plt.subplots(figsize=(7, 5.6), layout="constrained")
        plot.timeline(plot.fan(found, ax=ax), schemes.us_policies())
        source_line(ax, inputs.attrs)
        yield write_figure(ax.figure, output / f"dependence_index_{name}.png")
        ax = plot.pillars(found)
        source_line(ax, inputs.attrs)
        yield write_figure(ax.figure, output / f"dependence_index_{name}_pillars.png")
    sides = schemes.china_us_asymmetry(inputs)
    yield write_frame(sides, output / "dependence_asymmetry.csv")
    yield write_figure(_asymmetry_figure(sides), output / "dependence_asymmetry.png")


def _asymmetry_figure(sides: pd.DataFrame) -> Figure:
    import matplotlib.pyplot as plt

    from gvckit import plot
    from gvckit.plot.style import source_line

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    plot.asymmetry(
        sides, percent=True, ax=left, title="Bilateral trade over own value added", ylabel="Trade over value added"
    )
    plot.asymmetry(sides, PAIR, ax=right, title=sides.attrs["title"], ylabel="Index")
    figure.suptitle("Who depends more: China and the United States", fontsize=12)
    source_line(left, sides.attrs)
    return figure


def _decoupling(output: Path, tables: dict[int, Mrio], progress: bool) -> Iterator[Path]:
    """Dependence of the pair by year, and what both lose as they stop trading in the last year."""
    import matplotlib.pyplot as plt

    from gvckit import plot
    from gvckit.plot.style import source_line

    by_year = panel(dependence, tables, progress=progress, a=PAIR[0], b=PAIR[1])
    yield write_frame(by_year, output / "dependence_pair.csv")
    last = max(tables)
    curve = decouple(tables[last], *PAIR)
    yield write_frame(curve, output / "decoupling.csv")
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
    plot.decoupling(curve, ax=left, title="As a share of own value added")
    plot.decoupling(curve, column="per_dollar", ax=right, title="Per dollar of trade that is cut")
    figure.suptitle(f"China and the United States stop trading, step by step, {last} (nobody finds another partner)")
    source_line(left, curve.attrs)
    yield write_figure(figure, output / "decoupling.png")


def aggregates(t: Mrio) -> list[str]:
    """Regions that are sums of economies, and so no hub: the rest of the world."""
    return [region for region in t.regions if is_aggregate(region)]


def _network_figure(grid: list[list[TradeNetwork]], name: str) -> Figure:
    from gvckit import plot

    years = " and ".join(str(row[0].attrs["year"]) for row in grid)
    axes = plot.networks(grid, title=f"Networks of value-added trade: {NETWORK_TITLES[name]}, {years}")
    figure: Figure = axes[0, 0].figure
    return figure


def medium_high_shares(levels: pd.DataFrame, t: Mrio) -> pd.DataFrame:
    """Participation shares of medium- and high-technology manufacturing by year and region."""
    sums = sum_sectors(levels, technology_groups(t))
    groups = sums[sums.index.get_level_values("sector") == MEDIUM_HIGH].droplevel("sector")
    shares = share(groups, groups["total"])
    whole = "value added" if levels.attrs.get("direction") == "forward" else "final goods output"
    shares.attrs.update(levels.attrs)
    shares.attrs["unit"] = f"share of {whole}"
    return shares


def _figure(shares: dict[Direction, pd.DataFrame]) -> Figure:
    import matplotlib.pyplot as plt

    from gvckit import plot
    from gvckit.plot.style import source_line

    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    headings = {
        "forward": "Forward: where its value added goes",
        "backward": "Backward: what its final goods are made of",
    }
    for ax, direction in zip(axes, DIRECTIONS, strict=True):
        plot.participation(shares[direction], PAIR, ax=ax, title=headings[direction])
    figure.suptitle("Medium- and high-technology manufacturing of China and the United States", fontsize=12)
    source_line(axes[0], shares["forward"].attrs)
    return figure


def write_figure(figure: Figure | SubFigure, path: Path) -> Path:
    """Write a figure for print, and close it."""
    import matplotlib.pyplot as plt

    whole = figure.get_figure(root=True)
    assert whole is not None
    with replacing(path) as temporary:
        whole.savefig(temporary, dpi=200)
    plt.close(whole)
    return path
