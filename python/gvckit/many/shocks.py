"""Many counterfactuals at once: paths of shocks to one table, and draws of its elasticities."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from gvckit.errors import OptionError
from gvckit.many.workers import outcomes
from gvckit.models.costs import elasticities
from gvckit.models.counterfactual import Prepared, counterfactual
from gvckit.models.outcome import Counterfactual
from gvckit.options import whole_number
from gvckit.progress import progress_bar
from gvckit.table.data import Matrix, Table, expect_table

T = TypeVar("T", bound=Table)
Name = TypeVar("Name", bound=Hashable)
Result = TypeVar("Result")


def counterfactuals(
    t: T,
    shocks: Mapping[Name, Mapping[str, Any]],
    workers: int | None = None,
    progress: bool = True,
    **common: Any,
) -> dict[Name, Counterfactual[T]]:
    """Many shocks to one table on threads, such as a path of decoupling; the base is prepared once.

    Parameters
    ----------
    t : Mrio
    shocks : mapping of name to a mapping of arguments
        `tariffs`, `trade_costs` and `productivity` of each shock, as in `counterfactual`:
        ``{f: {"trade_costs": gk.costs_between(t, blocs, f)} for f in (1.1, 1.5, 2, np.inf)}``.
    workers : int, optional
        Threads; by default 2. The digits are the same for any number.
    progress : bool, default True
        Show a bar over shocks.
    **common
        Other arguments of `counterfactual`, the same for all.

    Returns
    -------
    dict of name to Counterfactual
        In the order of the shocks. ``{name: c.table for name, c in found.items()}`` goes to `panel`.

    Raises
    ------
    OptionError, EquilibriumError
        As in `counterfactual`; a note says of which shock.
    """
    if not isinstance(shocks, Mapping) or not shocks:
        raise OptionError(f"shocks={shocks!r:.60}: a mapping of names to shocks is wanted")
    for name, shock in shocks.items():
        unknown = set(shock) - {"tariffs", "trade_costs", "productivity"}
        if unknown:
            told = f"the shock {name!r} has {sorted(unknown)}"
            raise OptionError(f"{told}: tariffs, trade_costs and productivity can differ between shocks")
    prepared = Prepared(t, **common)

    def one(name: Name) -> Counterfactual[T]:
        found: Counterfactual[T] = prepared.shocked(**shocks[name], name=str(name))
        return found

    return _all(list(shocks), one, "in the shock {!r}", workers, progress, "counterfactuals")


def welfare_path(found: Mapping[Any, Counterfactual[Any]], column: str = "welfare") -> pd.DataFrame:
    """One result by region along a path of shocks, for `plot.welfare_path`.

    Parameters
    ----------
    found : mapping of name to Counterfactual
        As of `counterfactuals`; names are numbers, such as the factor on trade costs (infinity is no trade), or text.
    column : {"welfare", "real_wage", "wage", "consumer_prices", "exports", "imports"}

    Returns
    -------
    DataFrame
        Region x shock, ratios to the base, in the order of the shocks.

    Raises
    ------
    OptionError
        An unknown column, or what is no mapping of counterfactuals.
    """
    results = list(found.values()) if isinstance(found, Mapping) else []
    if not results or not all(isinstance(result, Counterfactual) for result in results):
        raise OptionError(f"found={found!r:.60}: what counterfactuals() gives is wanted, names of shocks to results")
    frames = [result.regions for result in results]
    if column not in frames[0]:
        raise OptionError.of("column", column, list(frames[0]))
    path: pd.DataFrame = pd.concat(
        {name: frame[column] for name, frame in zip(found, frames, strict=True)}, axis=1, names=["shock"]
    )
    path.attrs.update(frames[0].attrs | {"measure": "welfare_path", "column": column, "scenario": None})
    return path


def welfare_bands(
    t: Table,
    spread: float | Mapping[str, float] | pd.Series = 0.2,
    draws: int = 200,
    q: Sequence[float] = (0.05, 0.5, 0.95),
    *,
    seed: int = 0,
    workers: int | None = None,
    progress: bool = True,
    elasticity: float | Mapping[str, float] | pd.Series | Sequence[float] = 4.0,
    **shock: Any,
) -> pd.DataFrame:
    """Bands of welfare over draws of the trade elasticities, which are known least.

    Parameters
    ----------
    t : Mrio
    spread : float, or by sector, default 0.2
        Standard deviation of the logarithm of each sector's elasticity: about its relative standard error.
    draws : int, default 200
    q : sequence of float
        Quantiles.
    seed : int
        Draws are the same for the same seed and table, whatever the number of workers.
    workers : int, optional
        Threads; by default 2.
    progress : bool, default True
    elasticity, **shock
        As in `counterfactual`; the elasticity is the median of the draws.

    Returns
    -------
    DataFrame
        Indexed by region: `published` (welfare with the elasticities as given), a column for each quantile, and
        `share_positive`, the share of draws in which welfare rises.

    Notes
    -----
    Each sector's elasticity is drawn by itself, log-normally. The bands are of this assumption: not of the model, nor
    of the table (`table_bands`).
    """
    expect_table(t)
    count = whole_number("draws", draws, 1)
    if not all(0 <= level <= 1 for level in q):
        raise OptionError(f"q={list(q)}: quantiles lie between 0 and 1")
    middle, sd = elasticities(t, elasticity), elasticities(t, spread)
    drawn = np.random.default_rng(seed).standard_normal((count, len(sd)))
    thetas = np.vstack([middle, middle * np.exp(sd * drawn)])

    def one(number: int) -> Matrix:
        return counterfactual(t, elasticity=thetas[number].tolist(), **shock).welfare.to_numpy()

    found = _all(range(count + 1), one, "in draw {}", workers, progress, "welfare_bands")
    published, drawn = found[0], np.array([found[number] for number in range(1, count + 1)])
    values = np.column_stack([published, np.quantile(drawn, q, axis=0).T, (drawn > 1).mean(axis=0)])
    columns = pd.Index(["published", *q, "share_positive"], dtype=object)
    return t.frame(values, t.labels.region, columns, measure="welfare_bands", unit="ratio", draws=count)


def _all(
    names: Sequence[Name],
    one: Callable[[Name], Result],
    note: str,
    workers: int | None,
    progress: bool,
    title: str,
) -> dict[Name, Result]:
    """Results by name, in the order of the names, of threads; an error says where it came up."""
    found: dict[Name, Result] = {}
    with (
        closing(outcomes(iter(names), one, None, workers)) as running,
        progress_bar(progress, len(names), title, "shock") as bar,
    ):
        for name, outcome in running:
            if isinstance(outcome, Exception):
                outcome.add_note(note.format(name))
                raise outcome
            found[name] = outcome
            bar.done()
    return {name: found[name] for name in names}
