# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Participation of medium- and high-technology manufacturing
# The paper's second figure follows China's medium- and high-technology manufacturing in ADB tables, 2010-2017, and finds forward and
# backward participation in global value chains falling after 2010. What does another table say for the years before, how sure
# is it of its own cells, and what made participation change?
#
# It runs on the embedded table (WIOD 2013, 14 sector groups, 1995-2011), or on files of your own when a folder is given.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

import gvckit as gk
from gvckit.study import claims
from gvckit.study.results import Results, medium_high_shares
from gvckit.table.groups import MEDIUM_HIGH

FOLDER = None  # for example: "data/adb"
plt.rcParams["figure.dpi"] = 80

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
first, last = min(tables), max(tables)
PAIR = [tables[last].find(name) for name in ("China", "United States")]

# %% [markdown]
# ## Which industries are these?
# ADB's five-sector aggregation puts refined petroleum, chemicals, minerals, metals, machinery, electrical and transport equipment there.

# %%
groups = gk.technology_groups(tables[last])
groups[groups == MEDIUM_HIGH].index.tolist()

# %% [markdown]
# ## Forward and backward
# Forward: how much of the industries' value added crosses borders for production. Backward: how much of what their final goods are made of
# did. Simple value chains cross once, complex ones more often.

# %%
shares = {}
figure, axes = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
for ax, direction in zip(axes, ("forward", "backward"), strict=True):
    levels = gk.panel(gk.participation, tables, progress=False, direction=direction)
    shares[direction] = medium_high_shares(levels, tables[last])
    gk.plot.participation(shares[direction], PAIR, ax=ax, title=f"{direction.capitalize()} participation")
# %%
pd.concat({d: s["gvc"].unstack("region")[PAIR] for d, s in shares.items()}, axis=1).round(3)

# %% [markdown]
# ## Is the change larger than the table's own error?
# Published tables give no errors of their cells. Assume 20% for a cell of a billion dollars, more for smaller ones and less for larger ones, and
# draw each table 100 times, balanced to its published totals.


# %%
def medium_high(t, direction):
    levels = gk.sum_sectors(gk.participation(t, direction), gk.technology_groups(t))
    rows = levels[levels.index.get_level_values("sector") == MEDIUM_HIGH].droplevel("sector")
    return rows.div(rows["total"], axis=0)[["simple", "complex", "gvc"]].loc[PAIR]


error = gk.CellError(reference=1000, at_reference=0.2, slope=0.2, largest=0.5)
sure = {}
for direction in shares:
    bands = {
        year: gk.table_bands(tables[year], medium_high, 100, error, seed=year, progress=False, direction=direction)
        for year in (first, last)
    }
    change = bands[last].minus(bands[first])
    sure[direction] = change.quantiles()["gvc"].assign(share_positive=change.share_positive()["gvc"])
pd.concat(sure, names=["direction"]).round(4)

# %% [markdown]
# ## What made it change?
# Final demand, technology (inputs by product), or sourcing (from where)? Averaged over all orders in which they can change.

# %%
parts = {
    direction: gk.decompose_change(medium_high, tables[first], tables[last], direction=direction)
    for direction in shares
}
pd.concat({d: p.xs("gvc", axis=1, level="term") for d, p in parts.items()}, names=["direction"]).round(4)

# %% [markdown]
# ## Which claims hold on this data?

# %%
china = {direction: frame["gvc"].xs(PAIR[0], level="region") for direction, frame in shares.items()}
Markdown(
    " ".join(
        f"China's {direction} participation is {c[first]:.1%} in {first}, highest {c.max():.1%} in {c.idxmax()}, {c[last]:.1%} in {last}."
        for direction, c in china.items()
    )
)

# %%
summary = claims.summary(claims.by_year(Results(tables)))
with pd.option_context("display.max_colwidth", None):
    display(summary.filter(like="participation", axis=0)[["statement", "first_value", "last_value", "verdict", "note"]])
plt.close("all")

# %%
Markdown(
    "What this showed: participation of these industries by year in both directions, how much of its change hangs on the table's own error, and what drove it. What "
    f"it can't show: years after {last}"
    + (", where the paper's decline begins," if last < 2013 else "")
    + " and rubber and plastics apart from chemicals, where the table joins them."
)
