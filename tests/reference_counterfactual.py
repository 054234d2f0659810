"""Counterfactuals in plain NumPy, written from the equations: what the core's kernel is compared with.

A column is an input column (region, sector) or the final use of a region. All arrays over cells are
(origin, good, column), so that an equation reads as it stands in the literature. Caliendo and Parro (2015), with the
shares of each using sector as Antras and Chor (2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass
class Base:
    """Spending (G, N, columns), and what follows from it."""

    spending: np.ndarray
    initial: np.ndarray  # (G, N, columns), tariff rates
    output: np.ndarray  # (G N,)

    @classmethod
    def of(cls, z, y, sectors, initial=None, pooled=False):
        """Base of flows as producers receive them; initial tariffs (G, G, N): exporter, importer, good."""
        n, regions = y.shape
        flows = np.hstack([z, y]).reshape(regions, sectors, n + regions)
        rates = by_column(np.zeros((regions, regions, sectors)) if initial is None else initial, sectors)
        spending = flows * (1 + rates)
        if pooled:
            spending = pool(spending, sectors)
        return cls(spending, rates, (spending / (1 + rates)).sum(axis=2).ravel())

    @property
    def goods(self):
        """Spending on a good by column (N, columns)."""
        return self.spending.sum(axis=0)

    @property
    def pi(self):
        return ratio(self.spending, np.broadcast_to(self.goods, self.spending.shape))

    @property
    def labour(self):
        """Income of labour by row."""
        return self.output - self.goods[:, : len(self.output)].sum(axis=0)

    @property
    def gamma(self):
        return ratio(
            self.goods[:, : len(self.output)], np.broadcast_to(self.output, (self.goods.shape[0], len(self.output)))
        )

    @property
    def alpha(self):
        final = self.goods[:, len(self.output) :]
        return ratio(final, np.broadcast_to(final.sum(axis=0), final.shape))

    @property
    def revenue(self):
        return by_importer(self.spending * self.initial / (1 + self.initial), self.shape)

    @property
    def final(self):
        return self.goods[:, len(self.output) :].sum(axis=0)

    @property
    def deficit(self):
        return self.final - self.labour.reshape(self.shape).sum(axis=1) - self.revenue

    @property
    def shape(self):
        return self.spending.shape[:2]


def by_column(rates, sectors):
    """(exporter, importer, good) as (exporter, good, column)."""
    of = rates.transpose(0, 2, 1)
    return np.concatenate([np.repeat(of, sectors, axis=2), of], axis=2)


def pool(spending, sectors):
    """One set of origins for all uses of a good in a country."""
    regions = len(spending)
    owner = np.concatenate([np.repeat(np.arange(regions), sectors), np.arange(regions)])
    out = np.zeros_like(spending)
    for j in range(regions):
        own = owner == j
        trade = spending[:, :, own].sum(axis=2)
        share = ratio(trade, np.broadcast_to(trade.sum(axis=0), trade.shape))
        out[:, :, own] = share[:, :, None] * spending[:, :, own].sum(axis=0)
    return out


def ratio(a, b):
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=b != 0)


def by_importer(cells, shape):
    """Sum of cells by importing region."""
    regions, sectors = shape
    columns = cells.sum(axis=(0, 1))
    return columns[: regions * sectors].reshape(shape).sum(axis=1) + columns[regions * sectors :]


@dataclass
class Equilibrium:
    """What an economy is in, as ratios to the base but for the levels: output, spending, final, revenue."""

    wage: np.ndarray  # (G,)
    cost: np.ndarray  # (n,)
    price: np.ndarray  # (N, columns)
    output: np.ndarray  # (n,), what producers receive
    spending: np.ndarray  # (G, N, columns)
    received: np.ndarray  # the same, less tariffs
    final: np.ndarray
    revenue: np.ndarray
    labour: np.ndarray  # (n,)
    consumer: np.ndarray  # (G,)
    base: Base
    rounds: int

    @property
    def welfare(self):
        return self.final / self.base.final / self.consumer

    @property
    def real_wage(self):
        return self.wage / self.consumer


@dataclass
class Shock:
    """Tariffs (the new level) and trade costs by (exporter, importer, good); productivity by row."""

    tariffs: np.ndarray | None = None
    trade_costs: np.ndarray | None = None
    productivity: np.ndarray | None = None


def solve(base, shock, theta, s=1.0, closed=False, tolerance=1e-12, most=20_000):
    """All markets at once, each round with the prices and incomes of the last."""
    regions, sectors = base.shape
    n = regions * sectors
    theta = np.broadcast_to(np.asarray(theta, dtype=float), (sectors,))
    damping = min(0.3, 1 / (1 + theta.max()))  # trade follows wages with theta
    k_power, rates = cells_of(base, shock, theta)
    pi, gamma, alpha = base.pi, base.gamma, base.alpha
    beta = ratio(base.labour, base.output)
    labour0 = base.labour.reshape(base.shape).sum(axis=1)
    deficit = np.zeros(regions) if closed else base.deficit
    made = np.ones(n) if shock.productivity is None else np.asarray(shock.productivity)
    wage, cost, output, final = np.ones(regions), 1 / made, base.output.copy(), base.final.copy()
    weights = pi * k_power
    for rounds in range(1, most + 1):  # noqa: B007
        price, unit = prices(weights, cost, wage, beta, gamma, theta, s, base.shape)
        new_cost = unit / made
        # Shares of cost move where inputs are not Cobb-Douglas; at the unit cost they add up to 1.
        g, b = gamma, beta
        if s != 1:
            g = gamma * ratio(price[:, :n], np.broadcast_to(unit, gamma.shape)) ** (1 - s)
            b = beta * (np.repeat(wage, sectors) / unit) ** (1 - s)
        spent = np.concatenate([g * output, alpha * final], axis=1)
        share = weights * (cost.reshape(base.shape) ** -theta)[:, :, None] * (price ** theta[:, None])
        cells = share * spent
        new_output = (cells / (1 + rates)).sum(axis=2).ravel()
        revenue = by_importer(cells * rates / (1 + rates), base.shape)
        paid = (b * new_output).reshape(base.shape).sum(axis=1)
        income = wage * labour0
        new_final = income + revenue + deficit
        new_wage = wage * ratio(paid, income) ** damping
        new_wage[labour0 == 0] = 1.0
        new_wage *= labour0.sum() / (new_wage * labour0).sum()
        gap = max(
            np.abs(new_wage / wage - 1).max() / damping,
            np.abs(new_cost / cost - 1).max(),
            np.abs(new_output - output).max() / base.output.max(),
            np.abs(ratio(new_output, output) - (output > 0)).max(),
            np.abs(new_final - final).max() / base.final.max(),
        )
        wage, cost, output, final = new_wage, new_cost, new_output, new_final
        if gap < tolerance:
            break
    else:
        raise AssertionError(f"no solution in {most} rounds, gap {gap:.1e}")
    consumer = np.exp((alpha * np.log(np.where(alpha > 0, price[:, n:], 1.0))).sum(axis=0))
    return Equilibrium(
        wage, cost, price, output, cells, cells / (1 + rates), final, revenue, b * output, consumer, base, rounds
    )


def cells_of(base, shock, theta):
    """kappa^-theta and the new tariffs by cell."""
    sectors = base.shape[1]
    rates = base.initial if shock.tariffs is None else by_column(shock.tariffs, sectors)
    kappa = (1 + rates) / (1 + base.initial)
    if shock.trade_costs is not None:
        kappa = kappa * by_column(shock.trade_costs, sectors)
    return kappa ** -theta[None, :, None], rates


def prices(weights, cost, wage, beta, gamma, theta, s, shape):
    """Price of each good in each column, and the unit cost of each input column before productivity."""
    sums = (weights * (cost.reshape(shape) ** -theta)[:, :, None]).sum(axis=0)
    price = np.where(sums > 0, sums, 1.0) ** (-1 / theta)[:, None]
    inputs, w = price[:, : len(beta)], np.repeat(wage, shape[1])
    if s == 1:
        return price, np.exp(beta * np.log(w) + (gamma * np.log(inputs)).sum(axis=0))
    sums = beta * w ** (1 - s) + (gamma * inputs ** (1 - s)).sum(axis=0)
    return price, np.where(sums > 0, sums, 1.0) ** (1 / (1 - s))


def violations(eq, shock, theta, s=1.0, closed=False):
    """How far each equation of the model is from holding, relative; written apart from the solver."""
    base = eq.base
    regions, sectors = base.shape
    n = regions * sectors
    theta = np.broadcast_to(np.asarray(theta, dtype=float), (sectors,))
    k_power, rates = cells_of(base, shock, theta)
    made = np.ones(n) if shock.productivity is None else np.asarray(shock.productivity)
    _, unit = prices(
        base.pi * k_power, eq.cost, eq.wage, ratio(base.labour, base.output), base.gamma, theta, s, base.shape
    )
    world, alive = base.output.sum(), base.output > 0
    bought = eq.spending.sum(axis=(0, 1))
    earned = eq.wage * base.labour.reshape(base.shape).sum(axis=1)
    paid = eq.labour.reshape(base.shape).sum(axis=1)
    off = {
        "goods": eq.received.sum(axis=2).ravel() - eq.output,
        "budgets of firms": bought[:n] + eq.labour - eq.output,
        "budgets of households": bought[n:] - eq.final,
        "income": eq.final - earned - eq.revenue - (0 if closed else base.deficit),
        "labour": paid - earned,
        "revenue": by_importer(eq.received * rates, base.shape) - eq.revenue,
    }
    found = {name: float(np.abs(gap).max() / world) for name, gap in off.items()}
    return found | {"costs": float(np.abs(eq.cost * made / unit - 1)[alive].max())}


def price_effect(a, y, v, tariffs, factors, costs, sectors):
    """Leontief's prices, cells of A with their tariff: producers' (n,) and consumers' (G,), relative changes."""
    n, regions = y.shape
    rates = by_column(tariffs, sectors).reshape(n, n + regions)
    taxed = a * (1 + rates[:, :n])
    p = np.linalg.solve(np.eye(n) - taxed.T, v * factors + costs)
    bought = y.sum(axis=0)
    consumer = ((p[:, None] * (1 + rates[:, n:])) * y).sum(axis=0) / bought
    return p - 1, consumer - 1
