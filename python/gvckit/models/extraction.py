"""Hypothetical extraction: what is lost when some sales stop, with everything else as it was.

Demand-driven (Leontief): sellers lose their market. Supply-driven (Ghosh): buyers lose their inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import LabelError, OptionError
from gvckit.options import Cut, Side, check
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.labels import listed, named, product_index
from gvckit.table.shares import share

_Names = str | Sequence[str] | None
_Link = tuple[list[int], list[int], list[int]]
#: What a frame of losses answers, in its attrs.
_QUESTIONS = {
    "leontief": "demand-driven, at fixed prices: value added that sellers lose with a market nobody replaces",
    "ghosh": "supply-driven, at fixed prices: output that buyers can't make without inputs nobody replaces",
}


def extract(
    t: Table,
    source: _Names = None,
    target: _Names = None,
    sectors: str | Sequence[str] | None = None,
    *,
    target_sectors: str | Sequence[str] | None = None,
    final: bool = True,
    mutual: bool = False,
    domestic: bool = False,
    cut: float = 1.0,
    model: Side = "leontief",
) -> pd.DataFrame:
    """What each region and sector loses when the source sells nothing to the target.

    Two questions, by `model`. ``"leontief"``, demand-driven: how much value added do the *sellers*, and those who
    supply them, lose with their market? ``"ghosh"``, supply-driven: how much output can the *buyers*, and those who
    buy of them, not make without these inputs? Neither lets prices or other suppliers react: `price_effect` and
    `counterfactual` do.

    Parameters
    ----------
    t : Mrio
    source, target : str or sequence of str, optional
        Sellers and buyers; None is every region but those of the other side. ``extract(t, "CHN", "USA")`` is a link,
        ``extract(t, source="CHN")`` all exports of China, ``extract(t, target="CHN")`` all its imports, and with
        ``mutual=True`` both.
    sectors : str or sequence of str, optional
        Only goods of these sectors of the seller.
    target_sectors : str or sequence of str, optional
        Only what these sectors of the buyer purchase, and so no final goods. All purchases of a sector abroad are
        ``extract(t, target="CHN", target_sectors="Machinery")``; with ``domestic=True`` and a source, at home.
    final : bool, default True
        Cut sales of final goods too; False cuts intermediate sales alone. Without effect on what buyers can make.
    mutual : bool, default False
        Cut what the target sells to the source as well.
    domestic : bool, default False
        Cut sales within a region too, where it is both source and target.
    cut : float, default 1
        Share of the sales that is cut, from 0 to 1.
    model : {"leontief", "ghosh"}
        The sellers' side, or the buyers' side.

    Returns
    -------
    DataFrame
        Indexed (region, sector): `loss` in the table's unit and `share` of what was there before, of value added
        (leontief) or of **output** (ghosh). ``attrs["trade_cut"]`` is the sum of the sales that were cut,
        ``attrs["question"]`` says which question is answered.

    Raises
    ------
    LabelError, OptionError
        A region or sector that is not known; nothing that is cut.
    SingularError
        The economy without these sales has no solution.

    Notes
    -----
    ``x* = (I - A*)^-1 y*``, ``loss = va - v x*`` (Los, Timmer and de Vries 2016, American Economic Review 106(7);
    links: Dietzenbacher, van Burken and Kondo 2019, Economic Systems Research 31(4)). Nobody finds another supplier or
    buyer: it is what is at stake, not a forecast. What a region loses without its exports is its domestic value added
    in exports.

    Ghosh: ``x*' = (x - 1'Z)' (I - D*)^-1``, D* the allocation coefficients ``Z / x`` of rows without the links
    (Dietzenbacher and van der Linden 1997, Journal of Regional Science 37(2)): primary inputs stay, and output is
    what arrives of inputs, as if inputs could stand in for one another. It factors another n x n array.

    Solved by a low-rank update of the table's LU (one n x n array), with two n x k arrays, k the smaller
    side of the link.
    """
    expect_table(t)
    check("model", model, Side)
    supply = model == "ghosh"
    if target_sectors is not None and mutual:
        raise OptionError("target_sectors= says who buys: mutual=True would turn buyers into sellers; call it twice")
    links = _links(t, source, target, sectors, final and not supply, mutual, domestic, target_sectors)
    _check_cuts([cut])
    loss = _missing(t, links, cut) if supply else _losses(t, links, [cut])[0]
    values = np.column_stack([loss, share(loss, t.arrays.x if supply else t.arrays.va)])
    told = {"measure": "extract", "model": model, "question": _QUESTIONS[model], "trade_cut": cut * _sales(t, links)}
    return t.frame(values, t.labels.rows, named(("loss", "share")), **told)


def decouple(
    t: Table,
    a: str,
    b: str,
    path: Sequence[float] = (0.0, 0.25, 0.5, 0.75, 1.0),
    *,
    cut: Cut = "mutual",
    sectors: str | Sequence[str] | None = None,
    final: bool = True,
) -> pd.DataFrame:
    """Who loses how much as two regions stop trading, step by step: the demand side, at fixed prices.

    Value added that *sellers* (and those who supply them) lose with their market. What buyers can't make is
    ``extract(..., model="ghosh")``, what prices do `price_effect`, and what all of it comes to when sources, wages and
    incomes react `counterfactual`.

    Parameters
    ----------
    t : Mrio
    a, b : str
        Two regions.
    path : sequence of float
        Shares of the trade that are cut, from 0 to 1.
    cut : {"mutual", "exports", "imports"}
        Both directions, only what a sells to b, or only what b sells to a.
    sectors : str or sequence of str, optional
        Only goods of these sectors of the seller.
    final : bool, default True
        False cuts intermediate sales alone.

    Returns
    -------
    DataFrame
        Indexed (cut, region), all regions: `loss` of value added in the table's unit, `share` of the region's value
        added, `trade_cut` (sales cut in this step, the same for all regions) and `per_dollar`, loss per unit of sales
        cut (NaN where none is cut). The sum of `loss` over regions is the world's.

    Notes
    -----
    As in `extract`; all steps share one update of the table's LU.
    """
    expect_table(t)
    check("cut", cut, Cut)
    a, b = t.find(a), t.find(b)
    if a == b:
        raise LabelError(f"{a} can't decouple from itself: two different regions are needed")
    _check_cuts(path)
    source, target = (b, a) if cut == "imports" else (a, b)
    links = _links(t, source, target, sectors, final, cut == "mutual", domestic=False)
    losses = t.labels.by_region(_losses(t, links, path).T).T
    index = pd.MultiIndex.from_product([[float(p) for p in path], t.regions], names=["cut", "region"])
    traded = np.repeat(np.asarray(path, dtype=np.float64) * _sales(t, links), len(t.regions))
    before = np.broadcast_to(t.labels.by_region(t.arrays.va), losses.shape)
    loss = losses.ravel()
    values = np.column_stack([loss, share(losses, before).ravel(), traded, share(loss, traded)])
    columns = named(("loss", "share", "trade_cut", "per_dollar"))
    return t.frame(values, index, columns, measure="decouple", pair=(a, b), kind=cut, question=_QUESTIONS["leontief"])


def extraction_matrix(t: Table, final: bool = True) -> pd.DataFrame:
    """Losses of every pair's extraction: all that the region sells to the partner is cut, one pair at a time.

    Parameters
    ----------
    t : Mrio
    final : bool, default True
        False cuts intermediate sales alone.

    Returns
    -------
    DataFrame
        Indexed (region, partner), seller and buyer, every pair of different regions: value added lost by the seller,
        the buyer and the world (`loss_region`, `loss_partner`, `loss_world`, in the table's unit), and the shares of
        the value added that seller and buyer had (`share_region`, `share_partner`).

    Notes
    -----
    As `extract` of each pair, by N right-hand sides a seller; holds one n x N array beside the table's LU.
    """
    expect_table(t)
    with t.labels.naming():
        found = _core.extraction_pairs(t.arrays, t.per_unit, t.lu, not final)
    gdp = t.labels.by_region(t.arrays.va)
    wholes = [gdp[:, None], gdp[None, :]]
    shares = [share(found[:, :, k], np.broadcast_to(whole, found.shape[:2])) for k, whole in enumerate(wholes)]
    cube = np.concatenate([found, np.stack(shares, axis=2)], axis=2)
    off = ~np.eye(len(gdp), dtype=bool)
    index = product_index(t.regions, t.regions, ["region", "partner"])[off.ravel()]
    columns = named(("loss_region", "loss_partner", "loss_world", "share_region", "share_partner"))
    return t.frame(cube[off], index, columns, measure="extraction_matrix")


def _links(
    t: Table,
    source: _Names,
    target: _Names,
    sectors: str | Sequence[str] | None,
    final: bool,
    mutual: bool,
    domestic: bool,
    target_sectors: str | Sequence[str] | None = None,
) -> list[_Link]:
    """Links as the core takes them: selling rows, buying columns, final markets."""
    if source is None and target is None:
        raise OptionError("source and target are both None: name the sellers, the buyers, or both")
    sellers, buyers = _regions(t, source), _regions(t, target)
    everyone = range(len(t.regions))
    sellers = [r for r in everyone if r not in buyers] if source is None else sellers
    buyers = [r for r in everyone if r not in sellers] if target is None else buyers
    sold = {(s, b) for s in sellers for b in buyers if domestic or s != b}
    if mutual:
        sold |= {(b, s) for s, b in sold}
    if not sold:
        raise OptionError("source and target leave nothing to cut; domestic=True cuts sales within a region")
    count = len(t.sectors)
    goods, buying = (_sectors(t, names) for names in (sectors, target_sectors))
    # Sellers with the same buyers are one link, of the rank of its smaller side.
    groups: dict[tuple[int, ...], list[int]] = {}
    for seller in sorted({s for s, _ in sold}):
        groups.setdefault(tuple(b for b in everyone if (seller, b) in sold), []).append(seller)
    return [
        (
            [s * count + k for s in group for k in goods],
            [b * count + k for b in buyers_of for k in buying],
            list(buyers_of) if final and target_sectors is None else [],
        )
        for buyers_of, group in groups.items()
    ]


def _sectors(t: Table, names: _Names) -> list[int]:
    """Places of sectors; None is all."""
    if names is None:
        return list(range(len(t.sectors)))
    if not isinstance(names, str) and not names:
        raise OptionError("sectors is empty: there is nothing to cut")
    kept: list[int] = np.flatnonzero(t.labels.rows_of(names)[: len(t.sectors)]).tolist()
    return kept


def _regions(t: Table, names: _Names) -> list[int]:
    return [] if names is None else [t.regions.index(t.find(name)) for name in listed("region", names)]


def _check_cuts(path: Sequence[float]) -> None:
    if not np.iterable(path) or len(path) == 0:
        raise OptionError(f"path={path!r}: a list of shares to cut is needed, such as [0, 0.5, 1]")
    for value in path:
        if not isinstance(value, int | float | np.number) or not 0.0 <= value <= 1.0:
            raise OptionError(f"the share {value!r} to cut is not a number between 0 and 1")
    if len(set(path)) < len(path):
        raise OptionError(f"path={list(path)!r} has a share twice")


def _losses(t: Table, links: list[_Link], path: Sequence[float]) -> Matrix:
    """Value added lost by row, a row for each share."""
    with t.labels.naming():
        after = _core.extraction(t.arrays, t.lu, links, [float(p) for p in path])
    lost: Matrix = t.per_unit * (t.arrays.x - after)
    return lost


def _missing(t: Table, links: list[_Link], cut: float) -> Matrix:
    """Output that can't be made by row: an extraction of the table turned over, where buyers' rows sell to sellers."""
    z, _, x, _, sectors = t.arrays
    turned = np.ascontiguousarray(z.T)
    primary = x - z.sum(axis=0)
    swapped: list[_Link] = [(columns, rows, []) for rows, columns, _ in links]
    with t.labels.naming():
        solver = _core.factor(turned, x)
        arrays = (turned, t.labels.spread(primary), x, x - z.sum(axis=1), sectors)
        before, after = _core.extraction(arrays, solver, swapped, [0.0, cut])
    lost: Matrix = before - after
    return lost


def _sales(t: Table, links: list[_Link]) -> float:
    """Sum of the sales that the links hold."""
    z, y = t.arrays.z, t.arrays.y
    sums = (z[np.ix_(rows, columns)].sum() + y[np.ix_(rows, markets)].sum() for rows, columns, markets in links)
    return float(sum(sums))
