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
# # Trade networks: who supplies, who demands, how regional is it?
# The paper's first figure compares networks of traditional, simple and complex value-added trade in 2000 and 2017 and reads
# hubs and regional factories from them. Here its reading is computed, claim by claim, and each is marked as borne out, went
# further, not borne out, or not testable.
#
# The embedded table covers 1995-2011. For the paper's own years put a folder with ADB or ICIO files in `FOLDER`; the first and
# the last year found are compared.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

import gvckit as gk
from gvckit.study import claims
from gvckit.study.results import Results

FOLDER = None  # for example: "data/adb"
plt.rcParams["figure.dpi"] = 72

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
if FOLDER is None:
    ICT, VEHICLES = "Electrical and optical equipment", "Transport equipment"
else:
    ICT, VEHICLES = "c14", "c15"
first, last = min(tables), max(tables)
ROW = next(r for r in tables[first].regions if r in ("ROW", "RoW"))
first, last

# %% [markdown]
# The rest of the world is a sum of many economies and would be everyone's largest partner: it is left out of the networks.


# %%
def net(year, kind="gvc", sector=None, **options):
    return gk.network(tables[year], kind, sector=sector, exclude=ROW, **options)


grid = [
    [net(year, kind, backbone="top", k=2) for kind in ("traditional", "simple", "complex")] for year in (first, last)
]
gk.plot.networks(grid)
# %% [markdown]
# ## Hubs
# A supply hub is the largest source of value added for many partners; a demand hub the largest destination. Ranks order by that
# count, then by value.

# %%
asia = [r for r, group in gk.region_groups(tables[last]).items() if group == "Asia"]
exports = pd.DataFrame({year: net(year, "total").nodes["exports"] for year in (first, last)})
exports.loc[asia].sort_values(last, ascending=False).head(5).round(0)

# %%
pd.DataFrame({year: exports[year].rank(ascending=False) for year in exports}).loc[["CHN", "USA", "DEU", "JPN"]]

# %% [markdown]
# ## ICT
# China as the largest demand hub, Japan from a supply hub of the world to the periphery.

# %%
change = gk.compare(net(first, sector=ICT), net(last, sector=ICT))
change.nodes.loc[["CHN", "JPN", "USA", "DEU", "KOR"]].drop(columns="group").round(3)

# %% [markdown]
# ## Motor vehicles

# %%
vehicles = gk.compare(net(first, sector=VEHICLES), net(last, sector=VEHICLES))
vehicles.nodes.sort_values("supply_rank_after").head(6).round(3)

# %% [markdown]
# ## Regional factories
# How much of each group's flows stays within the group, over the years.

# %%
shares = {
    kind: gk.panel(gk.regionalisation, tables, progress=False, kind=kind, exclude=ROW)["within_share"].unstack()
    for kind in ("traditional", "simple", "complex")
}
within = pd.concat(shares, names=["kind"])[["Europe", "North America", "Asia"]]
within.xs("complex").plot(ylabel="Share of complex GVC flows within the group", ylim=(0, 1), figsize=(6.5, 4))
# %%
within.loc[[(kind, year) for kind in shares for year in (first, last)]].round(3)

# %%
parts = net(last, "complex").communities()
pd.Series({name: parts.attrs[name] for name in ("modularity_groups", "modularity_communities")}).round(3)

# %% [markdown]
# ## Which statements hold on this data?
# Each statement of the paper has a measure and a rule in `gvckit.study.claims`; where whole economies can be compared with OECD's tables of 2020, there is
# a second verdict.

# %%
late = gk.load_sample(2020, "icio") if FOLDER is None else None
results = Results({year: tables[year] for year in tables if year >= 2000}, late=late)
two = results.two_databases
summary = claims.summary(claims.by_year(results), claims.by_year(two) if two else None)
shown = [claim.name for claim in claims.CLAIMS if claim.later == "networks" or "network" in claim.statement]
columns = [name for name in ("statement", "first_value", "last_value", "verdict", "later_verdict") if name in summary]
with pd.option_context("display.max_colwidth", None):
    display(summary.loc[shown, columns].round(3))
plt.close("all")

# %% [markdown]
# What this showed: hubs and their shift are numbers here, with a rule behind each. What it can't show: years between the two databases, single economies
# inside the rest of the world, and sectors below the table's own (ICT is all electrical and optical equipment, motor vehicles all transport equipment).
