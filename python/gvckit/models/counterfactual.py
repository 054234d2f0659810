"""General equilibrium in changes: what a shock to trade does to prices, wages, trade and welfare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.errors import EquilibriumError, OptionError
from gvckit.models.base import Base, base_of, check_links
from gvckit.models.costs import FACTOR, POSITIVE, TARIFF, Pairs, Places, by_pair, by_place, elasticities
from gvckit.models.outcome import Counterfactual, Economy, Solution
from gvckit.options import Deficits, Sourcing, check
from gvckit.progress import progress_bar
from gvckit.table.data import Matrix, Table, expect_table
from gvckit.table.labels import Labels

T = TypeVar("T", bound=Table)

#: Rounds before a solution is given up: real tables take 40 to 150.
_MOST_ROUNDS = 5000


def counterfactual(
    t: T,
    tariffs: Pairs | None = None,
    trade_costs: Pairs | None = None,
    productivity: Places | None = None,
    elasticity: float | Mapping[str, float] | pd.Series | Sequence[float] = 4.0,
    input_elasticity: float = 1.0,
    shares: Sourcing = "use",
    initial_tariffs: Pairs | None = None,
    deficits: Deficits = "constant",
    clean: bool = False,
    tolerance: float = 1e-10,
    *,
    name: str | None = None,
    progress: bool = False,
) -> Counterfactual[T]:
    """General equilibrium after a shock to tariffs, trade costs or productivity, as changes from the table.

    Prices, wages, sources, incomes and tariff revenue all react. Labour moves between the sectors of a region, not
    between regions.

    Parameters
    ----------
    t : Mrio
    tariffs : frame, Series or mapping, optional
        Rates (0.25) by exporter and importer: a frame exporter x importer, or a Series or mapping by (exporter,
        importer) or (exporter, importer, sector of the good), ``"*"`` for all. The new level where `initial_tariffs`
        are given (a pair that is not named keeps its own), else what is added.
    trade_costs : as `tariffs`, optional
        Factors: 1.1 is ten per cent more (iceberg), infinity is no trade. `costs_between` writes them for blocs.
    productivity : number, Series, mapping or frame, optional
        Factors by region, by (region, sector), or for all: 1.1 makes ten per cent more of the same inputs.
    elasticity : float, or by sector, default 4
        Trade elasticity theta: how fast shares of sources fall with their cost. **4 for all is a default, not an
        estimate**; `trade_elasticities` has estimates for the embedded sectors.
    input_elasticity : float, default 1
        Of substitution between labour and goods in production; 1 keeps their shares in cost, 0 their quantities.
    shares : {"use", "pooled"}
        Each using sector and final use with its own shares of sources, as the table has them (Antras and Chor 2018); or
        one set for all uses of a good in a country (Caliendo and Parro 2015): the base is then the table so imputed.
    initial_tariffs : as `tariffs`, optional
        Rates that the table's trade paid; flows are what producers receive, value added is less by these tariffs.
    deficits : {"constant", "closed"}
        Keep each region's deficit as a share of the world's labour income, or set it to 0, in the base and after.
    clean : bool, default False
        Mend value added and flows below 0, and say so in ``notes``, instead of raising.
    tolerance : float, default 1e-10
        Largest relative change of a wage, cost, output or income in the last round.
    name : str, optional
        Of the counterfactual: it stands behind the source of the new table.
    progress : bool, default False
        Show rounds with the excess demand that is left.

    Returns
    -------
    Counterfactual
        Results by region, sector and pair as ratios to the base, and ``table``, an `Mrio` after the shock.

    Raises
    ------
    OptionError
        A factor or rate that can't be meant, a pair, region or sector that is unknown (also `LabelError`), a tariff of
        a region on itself; value added below 0 without `clean`.
    EquilibriumError
        A good without any source; a region or bloc cut off with a deficit; no solution reached, with what didn't
        settle.

    Notes
    -----
    Caliendo and Parro (2015), Review of Economic Studies 82(1), in changes (Dekle, Eaton and Kortum 2008). The
    numeraire is the world's labour income. Final demand below 0 (inventories, summed over categories) is set to 0, and
    ``notes`` says how much. All markets are solved at once by rounds of two passes over the cells; no matrix is held
    beside the table's (a base that is mended or closed is another), and the new table is made when it is asked for.
    Methods: docs/methods/what_if.md.
    """
    prepared = Prepared(t, initial_tariffs, shares, deficits, clean, tolerance, input_elasticity, elasticity)
    found: Counterfactual[T] = prepared.shocked(tariffs, trade_costs, productivity, name, progress)
    return found


class Prepared:
    """A base, checked and closed once, for any number of shocks: arguments as of `counterfactual`."""

    def __init__(
        self,
        t: Table,
        initial_tariffs: Pairs | None = None,
        shares: Sourcing = "use",
        deficits: Deficits = "constant",
        clean: bool = False,
        tolerance: float = 1e-10,
        input_elasticity: float = 1.0,
        elasticity: float | Mapping[str, float] | pd.Series | Sequence[float] = 4.0,
    ) -> None:
        expect_table(t)
        check("shares", shares, Sourcing)
        check("deficits", deficits, Deficits)
        for what, value, least in (("tolerance", tolerance, 1e-15), ("input_elasticity", input_elasticity, 0.0)):
            if not isinstance(value, int | float | np.number) or not least <= value < np.inf:
                raise OptionError(f"{what}={value!r}: a number from {least:g} is wanted")
        self.theta, self.between, self.tolerance = (
            elasticities(t, elasticity),
            float(input_elasticity),
            float(tolerance),
        )
        self.has_initial, self.closed = initial_tariffs is not None, deficits == "closed"
        initial = by_pair(t, "initial_tariffs", initial_tariffs, TARIFF)
        self.base = base_of(t, initial, shares == "pooled", clean)
        if self.closed:
            self.base = self._without_deficits(self.base)

    def _without_deficits(self, base: Base) -> Base:
        economy = self._economy(base, base.initial, np.ones_like(base.initial), np.ones(len(base.output)))
        inputs, finals = economy.flows(self._solved(base, economy, None).state)
        t = base.table
        closed = base_of(
            t.replaced(check=False, z=inputs, y=_spread(t, finals), x=None, va=None), base.initial, base.pooled, True
        )
        owed = np.abs(base.deficit).sum() / 2
        note = f"deficits of {owed:,.6g} in sum are taken out of the base"
        return replace(closed, table=t, notes=(*base.notes, note))

    def shocked(
        self,
        tariffs: Pairs | None = None,
        trade_costs: Pairs | None = None,
        productivity: Places | None = None,
        name: str | None = None,
        progress: bool = False,
    ) -> Counterfactual[Any]:
        """Equilibrium after one shock."""
        base, t = self.base, self.base.table
        rates = by_pair(t, "tariffs", tariffs, TARIFF, base.initial if self.has_initial else None)
        costs = by_pair(t, "trade_costs", trade_costs, FACTOR)
        made = by_place(t, "productivity", productivity, POSITIVE)
        economy = self._economy(base, rates, costs, made)
        check_links(base, economy.weights, economy.deficit)
        solution = self._solved(base, economy, "counterfactual" if progress else None)
        return Counterfactual(base, economy, solution, rates, name)

    def _economy(self, base: Base, rates: Matrix, costs: Matrix, productivity: Matrix) -> Economy:
        theta = np.tile(self.theta, len(base.table.regions))[:, None]
        kappa = costs * (1 + rates) / (1 + base.initial)
        return Economy(
            inputs=None if base.pooled else base.inputs,
            finals=base.trade if base.pooled else base.finals,
            weights=(1 + base.initial) * kappa**-theta,
            net=1 / (1 + rates),
            goods=base.goods,
            labour=base.labour,
            output=base.output,
            productivity=productivity,
            deficit=np.zeros(len(base.final)) if self.closed else base.deficit,
            theta=self.theta,
            between=self.between,
        )

    def _solved(self, base: Base, economy: Economy, progress: str | None) -> Solution:
        with _naming(base.table.labels), progress_bar(progress is not None, None, progress or "", "round") as bar:

            def report(_: int, gap: float) -> None:
                bar.tell(f"excess demand {gap:.1e}")

            found = _core.equilibrium(economy, self.tolerance, _MOST_ROUNDS, report if progress else None)
        return Solution(*found)


def _spread(t: Table, finals: Matrix) -> Matrix:
    """Final demand of a table that is only a step: all in the first category."""
    y = np.zeros((len(finals), len(t.regions) * len(t.categories)))
    y[:, :: len(t.categories)] = finals
    return y


@contextmanager
def _naming(labels: Labels) -> Iterator[None]:
    """Add names to an error of the core: of a good and a column, of a region, or of a row."""
    try:
        yield
    except EquilibriumError as error:
        row, col = error.row, error.col
        if row is not None and col is not None:
            n = len(labels.rows)
            buyer = labels.row_name(col) if col < n else f"final demand of {labels.regions[col - n]}"
            name = (
                f'{labels.sectors[row]}, bought by {buyer}; shares="pooled" gives all buyers of a country its sources'
            )
        elif col is not None:
            name = labels.regions[col]
        elif row is not None:
            name = labels.row_name(row)
        else:
            raise
        raise EquilibriumError(f"{error} ({name})", row, col) from error
