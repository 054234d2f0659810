"""What a counterfactual finds: ratios to the base by region, sector and pair, and the new table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd

import gvckit._core as _core
from gvckit.models.base import Base, traded
from gvckit.table.data import Matrix, Table
from gvckit.table.labels import named, product_index
from gvckit.table.shares import share

T = TypeVar("T", bound=Table)


class Economy(NamedTuple):
    """An economy and its shock as the core takes them: `gvckit.core.equilibrium`."""

    inputs: Matrix | None
    finals: Matrix
    weights: Matrix
    net: Matrix
    goods: Matrix
    labour: Matrix
    output: Matrix
    productivity: Matrix
    deficit: Matrix
    theta: Matrix
    between: float

    def flows(self, state: Matrix) -> tuple[Matrix, Matrix]:
        """Inputs (n, n) and final use (n, G) of a solution, as producers receive them."""
        return _core.equilibrium_flows(self, state)


class Solution(NamedTuple):
    """What the core finds; the state is wages and costs (logarithms), output and final spending (ratios)."""

    state: Matrix
    consumer: Matrix
    revenue: Matrix
    rounds: int
    gap: float


@dataclass(frozen=True, repr=False)
class Counterfactual(Generic[T]):
    """An economy after a shock, as ratios to its base; made by `gvckit.counterfactual`.

    Attributes
    ----------
    welfare, real_wage, wage, consumer_prices : Series
        By region, ratios to the base: final spending over consumers' prices, wage over consumers' prices, wage and
        consumers' prices (in the world's labour income).
    regions : DataFrame
        The four, and `exports`, `imports` (what producers receive), ratios to the base.
    sectors : DataFrame
        By (region, sector): `output` (value), `price` (cost of a unit), `volume`, ratios; NaN without output.
    pairs : DataFrame
        By (region, partner), exporter and importer: trade `before` and `after` in the table's unit, and `ratio`.
    table : Mrio
        The economy after the shock at producers' prices.
    base : Mrio
        The economy before it, as the model has it: the table but for what ``notes`` say, imputed if shares are pooled.
    notes : tuple of str
        What was mended in the table.
    residual : float
        Largest relative change in the last round: what markets are from clearing.
    rounds : int
    """

    _base: Base
    _economy: Economy
    _solution: Solution
    _rates: Matrix
    name: str | None = None

    # ---- by region --------------------------------------------------------------------------------------------

    @property
    def wage(self) -> pd.Series:
        """Wage, ratio; NaN in a region where nothing is paid to labour."""
        paid = np.where(self._base.wages > 0, np.exp(self._parts[0]), np.nan)
        return self._by_region(paid, "wage")

    @property
    def consumer_prices(self) -> pd.Series:
        """Price of final use, tariffs included, ratio."""
        return self._by_region(np.exp(self._solution.consumer), "consumer_prices")

    @property
    def real_wage(self) -> pd.Series:
        """Wage over consumers' prices, ratio."""
        return (self.wage / self.consumer_prices).rename("real_wage")

    @property
    def welfare(self) -> pd.Series:
        """Final spending over consumers' prices, ratio: what people can buy."""
        return (self._by_region(self._parts[3], "welfare") / self.consumer_prices).rename("welfare")

    @cached_property
    def regions(self) -> pd.DataFrame:
        """Results by region, ratios to the base."""
        before, after = (self._abroad(trade) for trade in (self._base.trade, self._trade))
        columns = [self.welfare, self.real_wage, self.wage, self.consumer_prices]
        outward = [share(new.sum(axis=axis), old.sum(axis=axis)) for axis in (1, 0) for new, old in [(after, before)]]
        names = named(("welfare", "real_wage", "wage", "consumer_prices", "exports", "imports"))
        return self._frame(np.column_stack([*columns, *outward]), self._labels.region, names, unit="ratio")

    def summary(self) -> pd.DataFrame:
        """Changes by region, as fractions: ``regions`` less 1. ``attrs["notes"]`` names what was mended."""
        frame = self.regions - 1
        frame.attrs.update(self.regions.attrs | {"unit": "share of the base", "notes": list(self.notes)})
        return frame

    def welfare_terms(self) -> pd.DataFrame:
        """Welfare to first order, by what changes it.

        Returns
        -------
        DataFrame
            By region, fractions: `terms_of_trade` (prices of what is sold abroad less prices of what is bought there,
            weighted by trade) and `volume_of_trade` (the change in volumes of imports, weighted by initial tariff
            revenue: 0 without initial tariffs).

        Notes
        -----
        Caliendo and Parro (2015), section 4 and table 2: relative changes, weights and incomes of the base. Good for
        small shocks; `welfare` is exact.
        """
        trade, rates = self._base.trade, self._base.initial
        cost = np.where(self._base.output > 0, np.exp(self._parts[1]) - 1, 0.0)[:, None]
        growth = np.divide(self._trade, trade, out=np.ones_like(trade), where=trade > 0) - 1
        priced = self._labels.by_region(trade * cost)
        terms = priced.sum(axis=1) - priced.sum(axis=0)
        volume = (rates * trade * (growth - cost)).sum(axis=0)
        values = np.column_stack([terms, volume]) / self._base.final[:, None]
        names = named(("terms_of_trade", "volume_of_trade"))
        return self._frame(values, self._labels.region, names, unit="share of the base")

    # ---- by sector and pair -----------------------------------------------------------------------------------

    @cached_property
    def sectors(self) -> pd.DataFrame:
        """Output, price and volume by (region, sector), ratios to the base."""
        _, costs, output, _ = self._parts
        price = np.exp(costs)
        values = np.column_stack([output, price, output / price])
        values[self._base.output == 0] = np.nan
        return self._frame(values, self._labels.rows, named(("output", "price", "volume")), unit="ratio")

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Trade by (region, partner), exporter and importer, inputs and final goods at producers' prices."""
        before, after = (self._labels.by_region(trade).ravel() for trade in (self._base.trade, self._trade))
        values = np.column_stack([before, after, share(after, before)])
        index = product_index(self._labels.regions, self._labels.regions, ["region", "partner"])
        other = ~np.eye(len(self._labels.regions), dtype=bool).ravel()
        return self._frame(values[other], index[other], named(("before", "after", "ratio")))

    # ---- tables -----------------------------------------------------------------------------------------------

    @cached_property
    def table(self) -> T:
        """The economy after the shock: an `Mrio` at producers' prices.

        Its extension ``incomes`` has `wages` and `tariffs_on_inputs` by (region, sector), which add up to value added
        as ``x - 1'Z``, and `tariffs_on_final_goods` by importer and sector of the good. Accounts of the table go with
        the volume of output, a row of value added that was given with its value. Final demand by category is split as
        the table's cell (or, where shares are pooled, as the importer's demand for the good).
        """
        inputs, finals = self._economy.flows(self._solution.state)
        self.__dict__.setdefault("_trade", traded(inputs, finals))
        return self._made(inputs, finals, self._solution.state, self._rates, self.name or "counterfactual")

    @cached_property
    def base(self) -> T:
        """The economy before the shock, as `table` has it after."""
        base, none = self._base, np.zeros_like(self._solution.state)
        none[-len(base.output) - len(base.final) :] = 1.0
        inputs, finals = base.inputs, base.finals
        if base.pooled:
            unshocked = self._economy._replace(
                weights=1 + base.initial, net=1 / (1 + base.initial), productivity=np.ones_like(base.output)
            )
            inputs, finals = unshocked.flows(none)
        return self._made(inputs, finals, none, base.initial, "base")

    def _made(self, inputs: Matrix, finals: Matrix, state: Matrix, rates: Matrix, name: str) -> T:
        base = self._base
        t: Any = base.table
        _, costs, output, _ = _split(state, len(base.output), len(base.final))
        volume = output / np.exp(costs)
        extensions = {key: _grown(frame, volume) for key, frame in t.given.extensions.items()}
        wages = self._paid(state, np.ones_like(output) if name == "base" else self._economy.productivity)
        final = (finals * rates).reshape(len(t.regions), len(t.sectors), -1).sum(axis=0).T.ravel()
        incomes = pd.DataFrame(
            [wages, base.output * output - wages - inputs.sum(axis=0), final],
            index=["wages", "tariffs_on_inputs", "tariffs_on_final_goods"],
            columns=t.labels.rows,
        )
        incomes.attrs["unit"] = t.unit
        va = None if t.given.va is None else t.given.va * output
        new: T = t.replaced(
            check=False,
            meta={"source": f"{t.source or 'table'}, {name}", "scenario": name},
            z=inputs,
            y=self._by_category(finals),
            x=None,
            va=va,
            extensions={**extensions, "incomes": incomes},
            notes=(*t.given.notes, *self.notes, *([] if name == "base" else [self._told()])),
        )
        return new

    def _paid(self, state: Matrix, productivity: Matrix) -> Matrix:
        """Wages by row, of a state."""
        base = self._base
        wages, costs, output, _ = _split(state, len(base.output), len(base.final))
        paid: Matrix = base.labour * output
        if self._economy.between != 1:
            price = np.repeat(wages, len(output) // len(wages)) - costs - np.log(productivity)
            paid = paid * np.exp((1 - self._economy.between) * price)
        return paid

    def _by_category(self, finals: Matrix) -> Matrix:
        """Final demand split into categories, (n, G F)."""
        t = self._base.table
        regions, sectors, kinds = len(t.regions), len(t.sectors), len(t.categories)
        if kinds == 1:
            return finals
        cells = t.given.y.reshape(regions, sectors, regions, kinds)
        if self._base.pooled:
            wanted = np.maximum(cells, 0.0).sum(axis=0, keepdims=True)
            cells = np.broadcast_to(wanted, cells.shape)
        total = cells.sum(axis=3)
        ratio = np.divide(finals.reshape(total.shape), total, out=np.zeros(total.shape), where=total > 0)
        split: Matrix = (cells * ratio[..., None]).reshape(len(finals), -1)
        return split

    def _told(self) -> str:
        """The shock in one line: where the table comes from."""
        e, n, t = self._economy, len(self._base.output), self._base.table
        rates = np.count_nonzero(self._rates != self._base.initial)
        moved = np.count_nonzero(~np.isclose(e.weights * e.net, 1.0, rtol=1e-14))
        theta = (
            f"{e.theta[0]:g}" if (e.theta == e.theta[0]).all() else f"{e.theta.min():g} to {e.theta.max():g} by sector"
        )
        made = np.count_nonzero(e.productivity != 1)
        return (
            f"counterfactual {self.name or ''}".rstrip()
            + f" of {t.title}: tariffs changed in {rates} and costs in {moved} of {n * len(t.regions)} cells by "
            f"importer, productivity in {made} sectors; elasticity {theta}, between inputs {e.between:g}, shares "
            f"{'pooled' if self._base.pooled else 'by use'}; residual {self.residual:.1e}"
        )

    # ---- what it is made of -----------------------------------------------------------------------------------

    @property
    def notes(self) -> tuple[str, ...]:
        """What was mended in the table."""
        return self._base.notes

    @property
    def residual(self) -> float:
        """Largest relative change in the last round."""
        return self._solution.gap

    @property
    def rounds(self) -> int:
        """Rounds to the solution."""
        return self._solution.rounds

    @property
    def _labels(self) -> Any:
        return self._base.table.labels

    @property
    def _parts(self) -> tuple[Matrix, Matrix, Matrix, Matrix]:
        return _split(self._solution.state, len(self._base.output), len(self._base.final))

    @cached_property
    def _trade(self) -> Matrix:
        """What each row receives from each importer after the shock (n, G)."""
        return traded(*self._economy.flows(self._solution.state))

    def _abroad(self, trade: Matrix) -> Matrix:
        found: Matrix = self._labels.by_region(trade)
        np.fill_diagonal(found, 0.0)
        return found

    def _frame(self, values: Matrix, index: pd.Index, columns: pd.Index, **told: Any) -> pd.DataFrame:
        return self._base.table.frame(values, index, columns, measure="counterfactual", scenario=self.name, **told)

    def _by_region(self, values: Matrix, name: str) -> pd.Series:
        return self._base.table.series(values, name, self._labels.region, measure="counterfactual", unit="ratio")

    def __repr__(self) -> str:
        welfare = (self.welfare - 1).sort_values()
        some = [f"{region} {change:+.3%}" for region, change in welfare.items()]
        some = some if len(some) <= 6 else [*some[:3], "...", *some[-3:]]
        lines = [f"Counterfactual: {self.name or 'of'} {self._base.table.title}", f"  welfare     {', '.join(some)}"]
        lines.append(f"  solved in   {self.rounds} rounds, residual {self.residual:.1e}")
        return "\n".join(lines + [f"  note        {note}" for note in self.notes])


def _split(state: Matrix, n: int, regions: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Wages and costs (logarithms), output and final spending (ratios)."""
    wages, costs, output, spending = np.split(state, [regions, regions + n, regions + 2 * n])
    return wages, costs, output, spending


def _grown(frame: pd.DataFrame, volume: Matrix) -> pd.DataFrame:
    grown = pd.DataFrame(frame.to_numpy() * volume, index=frame.index, columns=frame.columns)
    grown.attrs.update(frame.attrs)
    return grown
