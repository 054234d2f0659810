"""The paper's tables and figures: `gvckit reproduce`, on the embedded table or on tables of your own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import pandas as pd

from gvckit import plot
from gvckit.many.draws import CellError, table_bands
from gvckit.measures.exports import decompose_exports
from gvckit.measures.participation import participation
from gvckit.mrio import Mrio
from gvckit.options import Direction, FigureFormat
from gvckit.plot.style import source_line
from gvckit.progress import progress_bar
from gvckit.readers.sample import SOURCE, load_sample, sample_years
from gvckit.study import china_us as schemes
from gvckit.study import claims
from gvckit.study.report import write_report
from gvckit.study.results import DIRECTIONS, KINDS, NETWORKS, Results, medium_high_shares
from gvckit.write import replacing, write_frame

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

__all__ = ["medium_high_shares", "reproduce", "write_figure"]

#: Draws of each table, and the error of its cells that is assumed: published tables give none.
TABLE_DRAWS, CELL_ERROR = 60, CellError(reference=1000, at_reference=0.2, slope=0.2, largest=0.5)
#: Tables with more rows are drawn for the first and the last year alone.
DRAW_ALL_YEARS = 1000


def reproduce(
    output: Path,
    progress: bool = True,
    tables: Mapping[int, Mrio] | None = None,
    report: bool = False,
    formats: Sequence[FigureFormat] = (),
) -> Iterator[Path]:
    """Write tables and figures to a folder, and name each file when it is complete.

    Parameters
    ----------
    output : Path
        Folder; made if it isn't there.
    progress : bool, default True
        Show one bar over the parts.
    tables : mapping of year to Mrio, optional
        By default the embedded table, all years. What tables can't answer (no such region or sector) is skipped, with
        a line in the log that says why. Beside the embedded table whole economies are compared with OECD ICIO 2020.
    report : bool, default False
        Also write ``report.html``, one page with all of it.
    formats : sequence of {"pdf", "svg"}
        Of figures, beside png.

    Yields
    ------
    Path
    """
    tables = tables or {year: load_sample(year) for year in sample_years()}
    embedded = all(t.source == SOURCE for t in tables.values())
    results = Results(tables, False, load_sample(database="icio") if embedded else None, formats)
    written = []
    with progress_bar(progress, len(_PARTS) + 1, "reproduce", "part") as bar:
        for part in _PARTS:
            for path in part(output, results):
                written.append(path)
                yield path
            bar.done()
        yield from _claims(output, results, written, report)
        bar.done()


def _claims(output: Path, results: Results, written: Sequence[Path], report: bool) -> Iterator[Path]:
    """Verdicts on the paper's statements, and the report."""
    found, two = claims.by_year(results), results.two_databases
    yield write_frame(found.set_index("claim"), output / "claims_by_year.csv")
    later = None if two is None else claims.by_year(two)
    if later is not None:
        yield write_frame(later.set_index("claim"), output / "claims_two_databases.csv")
    summary = claims.summary(found, later)
    yield write_frame(summary, output / "claims.csv")
    if report:
        yield write_report(results, summary, written, output / "report.html")


def _participation(output: Path, results: Results) -> Iterator[Path]:
    """Participation by region, sector and year, and the paper's figure of China's manufacturing."""
    for direction, levels in results.participation.items():
        yield write_frame(levels, output / f"participation_{direction}_sector.csv")
        regions = levels.groupby(level=["year", "region"], sort=False).sum()
        yield write_frame(regions, output / f"participation_{direction}_region.csv")
    with results.part("participation of medium- and high-technology manufacturing"):
        both = pd.concat(results.medium_high, names=["direction"])
        yield write_frame(both, output / "participation_medium_high_technology.csv")
        figure = _participation_figure(results.medium_high, results.pair)
        yield from _drawn(results, figure, output / "participation_medium_high_technology.png")


def _bands(output: Path, results: Results) -> Iterator[Path]:
    """How sure participation is, if the cells of the table have errors."""
    with results.part("bands of participation"):
        pair = list(results.pair)
        years = list(results.tables) if len(results.table.labels.rows) <= DRAW_ALL_YEARS else results.ends
        found = {
            year: table_bands(
                results.tables[year], participation, TABLE_DRAWS, CELL_ERROR, seed=year, progress=results.progress,
                level="region", shares=True,
            )
            for year in years
        }  # fmt: skip
        frame = pd.concat({year: bands.quantiles().loc[pair] for year, bands in found.items()}, names=["year"])
        yield write_frame(_flat(frame), output / "participation_bands.csv")
        first, last = min(found), max(found)
        if first < last:
            change = found[last].minus(found[first])
            spread = _flat(change.quantiles().loc[pair])
            sure = change.share_positive().loc[pair].add_suffix("_share_positive")
            yield write_frame(spread.join(sure), output / f"participation_change_{first}_{last}_bands.csv")
        error = f"{CELL_ERROR.at_reference:.0%} of a cell of {CELL_ERROR.reference:,.0f} million USD"
        title = f"Forward GVC participation, if cells have errors ({error})"
        ax = plot.bands(frame, pair, title=title, ylabel="Share of value added (%)")
        source_line(ax, results.table.attrs)
        yield from _drawn(results, ax.figure, output / "participation_bands.png")


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns (term, quantile) or (table, region) with one name each, as a csv wants them."""
    keys: list[Any] = frame.columns.to_flat_index().tolist()
    names = [f"{one}_q{other:g}" if isinstance(other, float) else f"{one}_{other}" for one, other in keys]
    return frame.set_axis(pd.Index(names), axis=1)


def _networks(output: Path, results: Results) -> Iterator[Path]:
    """The paper's first figure: networks of the first and the last year, hubs, shares within regional groups."""
    for name, title in NETWORKS.items():
        with results.part(f"networks, {title}"):
            yield from _network(output, results, name, name, f"{title}, {' and '.join(map(str, results.ends))}")
    two = results.two_databases
    if two is not None:
        title = f"whole economy, {two.first} and {two.last} (two databases)"
        yield from _network(output, two, "whole_economy", "two_databases", title, two.names)


def _network(
    output: Path, results: Results, name: str, file: str, title: str, source: str | None = None
) -> Iterator[Path]:
    """One of the paper's networks: its figure, hubs, and shares within groups."""
    grid = [[results.network(name, kind, year, backbone="top", k=2) for kind in KINDS] for year in results.ends]
    axes = plot.networks(grid, title=f"Networks of value-added trade: {title}")
    source_line(axes[0, 0], {**results.table.attrs, "source": source or results.table.source})
    yield from _drawn(results, axes[0, 0].figure, output / f"networks_{file}.png")
    ranked = {(kind, year): net.hubs() for kind in KINDS for year, net in results.networks(name, kind).items()
              if year in results.ends}  # fmt: skip
    yield write_frame(pd.concat(ranked, names=["kind", "year"]), output / f"hubs_{file}.csv")
    yield write_frame(results.regionalisation(name), output / f"regionalisation_{file}.csv")


def _exports(output: Path, results: Results) -> Iterator[Path]:
    """Position of the pair's machinery industries, exports of the pair, and their imported inputs over the years."""
    yield write_frame(results.position, output / "position_sector.csv")
    with results.part("figure of the position"):
        names = results.position_names
        where = results.position.rename(index=names, level="sector")
        where.attrs.update(results.position.attrs)
        ax = plot.position(where, list(names.values()), results.pair, title="Position in global value chains")
        source_line(ax, where.attrs)
        yield from _drawn(results, ax.figure, output / "position.png")
    with results.part("exports of the pair"):
        pair = _pair_exports(results)
        yield write_frame(pair, output / "exports_pair_wwz.csv")
        pair.index = pd.Index([f"{a} to {b}\n{year}" for a, b, year in pair.index], name="exports")
        pair.attrs["method"] = "wwz"
        ax = plot.exports(pair, title="Exports between China and the United States, by origin of value added")
        ax.tick_params(axis="x", rotation=0)
        source_line(ax, results.table.attrs)
        yield from _drawn(results, ax.figure, output / "exports_pair_wwz.png")
    with results.part("imported inputs in exports of goods"):
        yield write_frame(results.goods_inputs, output / "imported_inputs_in_goods_exports.csv")


def _pair_exports(results: Results) -> pd.DataFrame:
    """Exports of the pair to each other in the first and the last year, by Wang, Wei and Zhu's terms."""
    a, b = results.pair
    parts = {
        year: decompose_exports(results.tables[year], "wwz", "bilateral").loc[[(a, b), (b, a)]] for year in results.ends
    }
    return pd.concat(parts, names=["year"]).reorder_levels(["region", "partner", "year"]).sort_index(level=[0, 1, 2])


def _index(output: Path, results: Results) -> Iterator[Path]:
    """The paper's Table 1: the index with its bands and pillars, later years of three pillars, and both sides of it."""
    with results.part("index of dependence"):
        yield write_frame(results.index_inputs, output / "dependence_index_inputs.csv")
        for form, found in results.index.items():
            yield write_frame(found.to_frame(), output / f"dependence_index_{form}.csv")
            title = f"{found.title}, {found.index.index.min()}-{found.index.index.max()}"
            _, ax = plt.subplots(figsize=(7, 5.6), layout="constrained")
            plot.timeline(plot.fan(found, ax=ax, title=title), schemes.us_policies())
            source_line(ax, found.indicators.attrs)
            yield from _drawn(results, ax.figure, output / f"dependence_index_{form}.png")
            ax = plot.pillars(found, title=title)
            source_line(ax, found.indicators.attrs)
            yield from _drawn(results, ax.figure, output / f"dependence_index_{form}_pillars.png")
    with results.part("asymmetry of dependence"):
        yield write_frame(results.sides, output / "dependence_asymmetry.csv")
        yield from _drawn(results, _asymmetry_figure(results.sides), output / "dependence_asymmetry.png")


def _asymmetry_figure(sides: pd.DataFrame) -> Figure:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    plot.asymmetry(
        sides, percent=True, ax=left, title="Bilateral trade over own value added", ylabel="Trade over value added"
    )
    plot.asymmetry(sides, ("CHN", "USA"), ax=right, title=sides.attrs["title"], ylabel="Index")
    figure.suptitle("Who depends more: China and the United States", fontsize=12)
    source_line(left, sides.attrs)
    return figure


def _decoupling(output: Path, results: Results) -> Iterator[Path]:
    """Dependence of the pair by year, and what both lose as they stop trading in the last year."""
    with results.part("dependence and decoupling"):
        yield write_frame(results.dependence, output / "dependence_pair.csv")
        curve = results.decoupling
        yield write_frame(curve, output / "decoupling.csv")
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
        plot.decoupling(curve, ax=left, title="As a share of own value added")
        plot.decoupling(curve, column="per_dollar", ax=right, title="Per dollar of trade that is cut")
        title = "China and the United States stop trading, step by step"
        figure.suptitle(f"{title}, {results.last} (nobody finds another partner)")
        source_line(left, curve.attrs)
        yield from _drawn(results, figure, output / "decoupling.png")


def _what_if(output: Path, results: Results) -> Iterator[Path]:
    """What the pair's decoupling would do when all adjusts, and to networks."""
    with results.part("what decoupling would do"):
        found = results.what_if
        yield write_frame(found.answers, output / "what_if_answers.csv")
        yield write_frame(found.path, output / "what_if_welfare_path.csv")
        yield write_frame(found.bands, output / "what_if_welfare_bands.csv")
        yield write_frame(_flat(found.dependence), output / "what_if_dependence.csv")
        figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
        xlabel = "Factor on the costs of trade between the two"
        plot.welfare_path(found.path, found.shown, ax=left, title="As trade becomes dearer", xlabel=xlabel)
        plot.welfare(found.bands, ax=right, title="Without trade, and bands over elasticities")
        figure.suptitle(f"Welfare as China and the United States stop trading, {results.last}")
        source_line(left, found.bands.attrs)
        yield from _drawn(results, figure, output / "what_if_welfare.png")
        axes = plot.networks([list(found.networks)], title="Complex networks before and without trade between the two")
        for ax, name in zip(axes.flat, ("Before", "Without trade between the two"), strict=True):
            ax.set_title(name, loc="left", fontsize=10)
        source_line(axes[0, 0], results.table.attrs)
        yield from _drawn(results, axes[0, 0].figure, output / "what_if_networks.png")


_PARTS: tuple[Callable[[Path, Results], Iterator[Path]], ...] = (
    _participation, _bands, _networks, _exports, _index, _decoupling, _what_if,
)  # fmt: skip


def _participation_figure(shares: dict[Direction, pd.DataFrame], pair: tuple[str, str]) -> Figure:
    figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    headings = {
        "forward": "Forward: where its value added goes",
        "backward": "Backward: what its final goods are made of",
    }
    for ax, direction in zip(axes, DIRECTIONS, strict=True):
        plot.participation(shares[direction], pair, ax=ax, title=headings[direction])
    figure.suptitle("Medium- and high-technology manufacturing of China and the United States", fontsize=12)
    source_line(axes[0], shares["forward"].attrs)
    return figure


def _drawn(results: Results, figure: Figure | SubFigure, path: Path) -> Iterator[Path]:
    """Write a figure as png, and in the other formats that are asked for."""
    for form in ("png", *results.formats):
        yield write_figure(figure, path.with_suffix(f".{form}"), keep=True)
    plt.close(figure.get_figure(root=True))


def write_figure(figure: Figure | SubFigure, path: Path, keep: bool = False) -> Path:
    """Write a figure for print, in the format that its name ends with, and close it unless it is kept."""
    whole = figure.get_figure(root=True)
    assert whole is not None
    with replacing(path) as temporary:
        # Above level 3, a png takes longer and is no smaller.
        png: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if path.suffix == ".png" else {}
        whole.savefig(temporary, dpi=200, format=path.suffix[1:], **png)
    if not keep:
        plt.close(whole)
    return path
