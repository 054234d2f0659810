# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What decoupling would do
# China and the United States stop trading, step by step. Three answers on one table: what is at stake at fixed prices, who would pay if all
# costs were passed on, and what is left when prices, wages, sources and incomes adjust. Then how sure the last one is, and what it does to
# the networks.
#
# It runs on the embedded table (WIOD 2013, 14 sector groups, 2011), or on a table of your own.

# %%
import numpy as np
import pandas as pd

import gvckit as gk

PATH = None  # for example: "data/adb/2022.xlsx"
A, B = "CHN", "USA"

t = gk.read(PATH) if PATH else gk.load_sample(2011)
theta = gk.trade_elasticities(t)
theta

# %% [markdown]
# Elasticities are those of Caliendo and Parro (2015), means over the sectors of a group. For these sectors the source has no number of its own:

# %%
theta.attrs["not_estimated"]

# %% [markdown]
# ## At stake: nobody finds another buyer or supplier
# The demand side: value added that each loses with the other's market. The supply side: output that can't be made without the other's inputs.
# Neither is a forecast.

# %%
markets = gk.extract(t, A, B, mutual=True)
supplies = gk.extract(t, A, B, mutual=True, model="ghosh")


def per_cent(frame, whole):
    return 100 * frame["loss"].groupby("region", sort=False).sum() / whole.groupby("region", sort=False).sum()


stake = pd.DataFrame(
    {"markets, % of value added": per_cent(markets, t.va), "supplies, % of output": per_cent(supplies, t.x)}
)
stake.sort_values("markets, % of value added", ascending=False).head(8).round(2)

# %% [markdown]
# ## Passed on: who would pay for tariffs of 25%
# All of it handed on, through inputs and in final goods, across borders; nobody changes what they buy.

# %%
war = {(A, B): 0.25, (B, A): 0.25}
prices = gk.price_effect(t, war)
(100 * prices.consumer_parts[["tariffs_on_final_goods", "tariffs_on_inputs"]]).sort_values("tariffs_on_inputs").tail(
    6
).round(3)

# %% [markdown]
# ## Adjusted: general equilibrium
# Trade costs between the two rise until they stop trading. Other regions gain or lose as trade is turned towards them or away.

# %%
factors = (1.0, 1.1, 1.25, 1.5, 2.0, 3.0, np.inf)
shocks = {f: {"trade_costs": gk.costs_between(t, {"a": A, "b": B}, f)} for f in factors}
steps = gk.counterfactuals(t, shocks, progress=False, elasticity=theta, shares="pooled")
path = gk.welfare_path(steps)
moved = (path[np.inf] - 1).abs().sort_values(ascending=False).index
(100 * (path.loc[moved[:8]] - 1)).round(3)

# %%
shown = [A, B, *moved.drop([A, B])[:3]]
gk.plot.welfare_path(
    path, shown, title="Welfare as trade becomes dearer", xlabel="Factor on the costs of trade between the two"
)

# %%
gk.plot.choropleth(
    steps[np.inf].summary()["welfare"],
    title="Welfare, relative change: no trade between China and the United States",
)
# %% [markdown]
# ## How sure? Elasticities are known least
# Each sector's elasticity is drawn around its estimate, with a standard error of 30 per cent: an assumption, not a published number.

# %%
bands = gk.welfare_bands(
    t,
    spread=0.3,
    draws=60,
    progress=False,
    elasticity=theta,
    shares="pooled",
    trade_costs=shocks[np.inf]["trade_costs"],
)
(100 * (bands.loc[shown, ["published", 0.05, 0.5, 0.95]] - 1)).round(3)

# %%
gk.plot.welfare(bands, title="Welfare without trade between the two, bands over elasticities")

# %% [markdown]
# ## What it does to chains
# Each step is a table: participation, dependence and networks before and after.

# %%
tables = {factor: c.table for factor, c in steps.items()}
parts = gk.panel(gk.participation, tables, progress=False, by="trade cost", level="region", shares=True)
parts["gvc"].unstack("region")[shown].round(4)

# %%
before, after = steps[1.0].table, steps[np.inf].table
pd.concat(
    {
        "before": gk.dependence(before, A, B).xs("all", level="sector"),
        "after": gk.dependence(after, A, B).xs("all", level="sector"),
    },
    axis=1,
).loc[["supply_share", "demand_share", "input_reliance", "market_reliance"]].round(4)

# %%
axes = gk.plot.networks([[gk.network(table, backbone="top", k=2) for table in (before, after)]])
for ax, name in zip(axes.flat, ("Before", "No trade between the two"), strict=True):
    ax.set_title(name, loc="left")
