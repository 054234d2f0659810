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
# # Dependence: who depends more, China or the United States?
# The paper's Table 1 builds one index of interdependence from trade, investment, tariffs and technology, and argues from its two sides:
# China's dependence on the United States falls, the reverse is stable. Here the index is built from one set of sources in all its
# years, its uncertainty drawn, and measures beside it look through the table.
#
# It runs on the embedded table (WIOD 2013, 14 sector groups, 1995-2011), or on files of your own when a folder is given.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

import gvckit as gk
from gvckit import schemes
from gvckit.study import claims
from gvckit.study.results import Results

FOLDER = None  # for example: "data/adb"
FILLED = None  # your filled-in schemes.china_us_template(), where you have other investment and tariffs
plt.rcParams["figure.dpi"] = 80

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
first, last = min(tables), max(tables)

# %% [markdown]
# ## What goes in
# Trade over GDP and the Grubel-Lloyd indices come from the table. Its value added stands for GDP: it holds taxes on inputs and is
# not quite the same. The US share of China's inward investment (MOFCOM, to 2014) and the tariffs that the two put on each other come from the facts of the
# package, each with its source and definition. No column is carried on by another source.

# %%
inputs = schemes.china_us_inputs(tables, filled=FILLED)
inputs[["TC", "TA", "I", "Cc", "Ca", "machinery", "electrical"]].dropna(how="all").round(3)

# %%
pd.Series(inputs.attrs["sources"], name="source").to_frame().loc[
    ["TC", "I", "Cc", "Cc_icio", "Cc_surcharges", "TC_icio", "machinery"]
]

# %%
facts = schemes.china_us_facts()
investment = facts[facts["series"] == "CHN_FDI_from_USA"]
investment[["period", "value", "unit", "definition", "note"]].set_index("period")

# %% [markdown]
# ## Table 1 as a scheme
# Weights are the paper's. Its normalisation is not known to us: min-max over the years given is our choice, so the index says how a year
# compares with the other years, not how large dependence is. Fewer than five years are refused. The bands are those of weights and of errors of the inputs.

# %%
spread = gk.Uncertainty(draws=20_000, error=0.05)
index = schemes.china_us_index(inputs, uncertainty=spread)
index

# %%
ax = gk.plot.timeline(gk.plot.fan(index), schemes.us_policies())
# %%
gk.plot.pillars(index)

# %% [markdown]
# What carries the index? Leave one out, and share out the variance over draws.

# %%
index.audit().round(3)
# %%
sobol = index.sensitivity(n=128)
sobol["ST"].groupby(level="choice").mean().sort_values(ascending=False).round(3)

# %% [markdown]
# ## Later years: three pillars
# Investment by year ends in 2014. The other three pillars go on: with ICIO's sectors and weights to 2017, and with the surcharges of the trade war 2015-2019. They
# are series of their own: each has one composition.

# %%
later = {
    name: schemes.china_us_index(inputs, trade="icio", tariffs=name, uncertainty=spread)
    for name in ("icio", "surcharges")
}
_, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
for ax, found in zip(axes, later.values(), strict=True):
    gk.plot.fan(found, ax=ax)
# %%
dip = later["surcharges"].index
falls = dip[2018] < dip[2017]
recovers = dip[2019] > dip[2018]
Markdown(
    f"With surcharges the index is {dip[2017]:.2f}, {dip[2018]:.2f} and {dip[2019]:.2f} in 2017-2019: "
    + ("lower" if falls else "not lower")
    + " in 2018 than in 2017, "
    + ("and higher again in 2019." if recovers else "and lower again in 2019.")
)

# %% [markdown]
# ## The two sides
# Both sides are put on one scale, so that they can be compared.

# %%
sides = schemes.china_us_asymmetry(inputs)
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.4), layout="constrained")
gk.plot.asymmetry(sides, percent=True, ax=left, title="Bilateral trade", ylabel="Trade over own value added")
gk.plot.asymmetry(sides, ("CHN", "USA"), ax=right, title=sides.attrs["title"], ylabel="Index")

# %% [markdown]
# ## Looking through
# Gross trade counts what crosses the border between the two. Much more reaches the other side through third countries: look-through measures
# follow value added to the end.

# %%
pair = gk.panel(gk.dependence, tables, progress=False, a="CHN", b="USA").xs("all", level="sector")
pair.loc[last].round(4)
# %%
gk.dependence(tables[last], "CHN", "USA").loc[["input_reliance_face", "input_reliance"], "USA"].unstack(0).round(4)

# %% [markdown]
# "Hidden" dependence is the part that face value does not show. In the last year, of every dollar of inputs:

# %%
pair.loc[last].loc[["input_reliance_face", "input_reliance", "input_reliance_hidden"]].round(4)

# %% [markdown]
# ## If they stopped trading
# Hypothetical extraction: sales between the two are cut step by step, and nobody finds another partner. It says what is at stake, not what
# would happen.

# %%
curve = gk.decouple(tables[last], "CHN", "USA")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
gk.plot.decoupling(curve, ax=left, title=f"Share of own value added, {last}")
gk.plot.decoupling(curve, column="per_dollar", ax=right, title="Per dollar of trade cut")
# %%
matrix = gk.extraction_matrix(tables[last])
matrix.sort_values("loss_world", ascending=False).head(8).round(4)

# %% [markdown]
# ## Which claims hold on this data?

# %%
summary = claims.summary(claims.by_year(Results(tables)))
shown = ["index_rises", "index_dip", "china_depends_more", "china_depends_less", "us_stable", "intra_industry"]
with pd.option_context("display.max_colwidth", None):
    display(
        summary.loc[
            shown, ["statement", "first_year", "first_value", "last_year", "last_value", "verdict", "tables"]
        ].round(3)
    )
plt.close("all")

# %% [markdown]
# ## What this shows, and what it can't
# It shows who depends more by face value and looked through, how sure the index is under other weights and input errors, and what is at stake
# for each side. It can't show the paper's own index of later years: US investment in China is published by year to 2014, and the table ends where it ends. Weights are
# somebody's judgement: the bands say how much hangs on them.
