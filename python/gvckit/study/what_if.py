"""What decoupling of the pair would do in the last year: three answers, bands, and chains after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gvckit.errors import LabelError
from gvckit.many.shocks import counterfactuals, welfare_bands, welfare_path
from gvckit.measures.dependence import dependence
from gvckit.measures.network import TradeNetwork, network
from gvckit.models.costs import costs_between
from gvckit.models.elasticity import trade_elasticities
from gvckit.models.extraction import extract
from gvckit.models.outcome import Counterfactual
from gvckit.models.price import price_effect
from gvckit.mrio import Mrio
from gvckit.table.names import is_aggregate
from gvckit.table.shares import share

#: Factors on the costs of trade between the two, up to none; and the tariff whose full passing on is shown.
FACTORS, TARIFF = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, np.inf), 0.25
#: Where a table's sectors have no estimated elasticity.
DEFAULT_ELASTICITY = 4.0
#: Draws of the elasticities, and the standard deviation of their logarithm that is assumed.
DRAWS, SPREAD = 60, 0.3
#: What nine tenths of the draws lie between.
QUANTILES = (0.05, 0.95)
#: Measures that are set side by side before and after.
_MEASURES = ("supply_share", "demand_share", "input_reliance", "market_reliance")


@dataclass(frozen=True)
class WhatIf:
    """What is at stake, what would be passed on, and what is left when all adjusts, as two regions stop trading.

    Attributes
    ----------
    table : Mrio
    pair : tuple of str
    progress : bool
    """

    table: Mrio
    pair: tuple[str, str]
    progress: bool = False

    @cached_property
    def elasticity(self) -> float | pd.Series:
        """Trade elasticities by sector, or the default where the sectors have no estimates."""
        try:
            return trade_elasticities(self.table)
        except LabelError:
            return DEFAULT_ELASTICITY

    @property
    def elasticity_name(self) -> str:
        """Where the elasticities come from, in words."""
        found = self.elasticity
        return str(found.attrs["source"]) if isinstance(found, pd.Series) else f"{found:g} for all sectors, a default"

    @cached_property
    def steps(self) -> Mapping[float, Counterfactual[Mrio]]:
        """Equilibria by the factor on the costs of trade between the two."""
        shocks = {factor: {"trade_costs": self._costs(factor)} for factor in FACTORS}
        return counterfactuals(
            self.table, shocks, progress=self.progress, elasticity=self.elasticity, shares="pooled", clean=True
        )

    @cached_property
    def path(self) -> pd.DataFrame:
        """Welfare by region, and by the factor."""
        return welfare_path(self.steps)

    @cached_property
    def bands(self) -> pd.DataFrame:
        """Welfare without trade between the two, over draws of the elasticities."""
        return welfare_bands(
            self.table, SPREAD, DRAWS, QUANTILES, progress=self.progress, elasticity=self.elasticity, shares="pooled",
            clean=True, trade_costs=self._costs(np.inf),
        )  # fmt: skip

    @cached_property
    def answers(self) -> pd.DataFrame:
        """By region, shares: markets and supplies at stake, consumers' prices under tariffs, and welfare."""
        t, (a, b) = self.table, self.pair
        markets, supplies = (extract(t, a, b, mutual=True, model=model) for model in ("leontief", "ghosh"))
        prices = price_effect(t, {(a, b): TARIFF, (b, a): TARIFF})
        by_region, final = t.labels.by_region, self.steps[np.inf].welfare.to_numpy() - 1
        values = np.column_stack([
            -share(by_region(markets["loss"].to_numpy()), by_region(t.arrays.va)),
            -share(by_region(supplies["loss"].to_numpy()), by_region(t.arrays.x)),
            prices.consumer.to_numpy(),
            final,
        ])  # fmt: skip
        names = pd.Index(["markets", "supplies", "consumer_prices", "welfare"])
        return t.frame(values, t.labels.region, names, measure="what_if", unit="share of the base")

    @cached_property
    def dependence(self) -> pd.DataFrame:
        """Dependence of the two on each other, before and after."""
        tables = {"before": self.steps[FACTORS[0]].table, "after": self.steps[FACTORS[-1]].table}
        parts = {
            name: dependence(table, *self.pair).xs("all", level="sector").loc[list(_MEASURES)]
            for name, table in tables.items()
        }
        return pd.concat(parts, axis=1, names=["table"])

    @property
    def networks(self) -> tuple[TradeNetwork, TradeNetwork]:
        """Complex networks before and after, without sums of economies."""
        rest = [region for region in self.table.regions if is_aggregate(region)]
        tables = (self.steps[end].table for end in (FACTORS[0], FACTORS[-1]))
        before, after = (network(t, backbone="top", k=2, exclude=rest) for t in tables)
        return before, after

    @property
    def shown(self) -> list[str]:
        """The two, and the three others whose welfare moves most."""
        moved = (self.path[np.inf] - 1).drop(list(self.pair)).abs()
        return [*self.pair, *moved.nlargest(3).index]

    def _costs(self, factor: float) -> pd.DataFrame:
        return costs_between(self.table, dict(zip("ab", self.pair, strict=True)), factor)
