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
# # Dependence: who depends more, China or the United States?
# The paper's Table 1 builds one index of interdependence from trade, investment, tariffs and technology, and argues from its two sides:
# China's dependence on the United States falls, the reverse is stable. Here the index is built from what can be had, with its
# coverage said, its uncertainty drawn, and measures beside it that look through the table.
#
# It runs on the embedded table (WIOD 2013, 14 sector groups, 1995-2011), or on files of your own when a folder is given.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import gvckit as gk
from gvckit import schemes

FOLDER = None  # for example: "data/adb"
FILLED = None  # your filled-in schemes.china_us_template(): investment and bilateral tariffs

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
first, last = min(tables), max(tables)

# %% [markdown]
# ## What goes in
# Trade over GDP and the Grubel-Lloyd indices come from the table. Its value added stands for GDP: it holds taxes on inputs and is
# not quite the same. The US share of China's inward investment and the tariffs that the two put on each other are in no open yearly source:
# they stay gaps until you fill them in.

# %%
inputs = schemes.china_us_inputs(tables, filled=FILLED)
inputs[["TC", "TA", "I", "Cc", "Ca", "machinery", "electrical"]].dropna(how="all").round(3)

# %%
facts = schemes.china_us_facts()
facts[facts["note"] != ""][["series", "period", "value", "unit", "note"]]

# %% [markdown]
# ## Table 1 as a scheme
# Weights are the paper's. Its normalisation is not known to us: min-max over the years given is our choice, so the index says how a year
# compares with the other years, not how large dependence is.

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
# ## Later years: goods trade and tariffs on all partners
# The table ends in 2011. Goods trade (US Census) over GDP (World Bank) goes on to 2022, and average tariffs on *all* partners to 2019. They are
# no stand-in for bilateral tariffs (the US value of 2019 is doubtful and left out: see its note above): the index below is another one, and says so. Mind the coverage: where technology ends (2011) and
# tariffs end (2019), the index changes what it is made of, and a step there is not news about the two countries.

# %%
proxy = schemes.china_us_index(inputs, trade="goods", tariffs="all_partners", uncertainty=spread)
_, ax = plt.subplots(figsize=(7, 5.6), layout="constrained")
gk.plot.timeline(gk.plot.fan(proxy, ax=ax), schemes.us_policies())
# %%
proxy.to_frame().loc[2009:, ["index", "coverage", "trade", "tariffs", "technology"]].round(3)

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
trade = inputs[["TC_goods", "TA_goods"]].dropna()
lloyd = inputs[["machinery", "electrical"]].dropna()
span = trade.loc[trade.index >= 2010]
change = span.iloc[-1] / span.iloc[0] - 1
rise = lloyd.loc[last] - lloyd.loc[first]
late = lloyd.loc[last] - lloyd.loc[2007] if 2007 in lloyd.index and last > 2007 else None


def row(claim, holds, evidence):
    return {"claim": claim, "verdict": "borne out" if holds else "not borne out", "evidence": evidence}


claims = [
    row(
        "The index rises",
        index.index[last] > index.index[first],
        f"partial index (trade, technology) {index.index[first]:.2f} in {first}, {index.index[last]:.2f} in {last}, "
        f"highest {index.index.max():.2f} in {index.index.idxmax()}",
    ),
    row(
        "A dip in 2018",
        proxy.index[2018] < proxy.index[2017] and proxy.index[2018] < proxy.index[2019],
        f"goods and all-partner tariffs: {proxy.index[2017]:.2f}, {proxy.index[2018]:.2f}, {proxy.index[2019]:.2f} in 2017-2019"
        + ("" if proxy.index[2018] < proxy.index[2019] else ": lower in 2018, and lower again in 2019"),
    ),
    row(
        "China's dependence on the US falls",
        change["TC_goods"] < 0,
        f"goods trade over China's GDP {span['TC_goods'].iloc[0]:.1%} in {span.index[0]}, {span['TC_goods'].iloc[-1]:.1%} in {span.index[-1]}",
    ),
    row(
        "US dependence on China is stable (within a tenth)",
        abs(change["TA_goods"]) < 0.1,
        f"goods trade over US GDP {span['TA_goods'].iloc[0]:.2%} in {span.index[0]}, {span['TA_goods'].iloc[-1]:.2%} in {span.index[-1]}",
    ),
    row(
        "China depends more than the US",
        (sides["TC"] > sides["TA"]).all(),
        f"trade over value added: gap {sides['TA - TC'].iloc[0]:+.1%} in {first}, {sides['TA - TC'].iloc[-1]:+.1%} in {last}",
    ),
    row(
        "Machinery's Grubel-Lloyd index rises more than electrical's",
        rise["machinery"] > max(rise["electrical"], 0),
        f"{first} to {last}: machinery {rise['machinery']:+.2f}, electrical {rise['electrical']:+.2f}"
        + (f"; from 2007: {late['machinery']:+.2f}, {late['electrical']:+.2f}" if late is not None else ""),
    ),
]
with pd.option_context("display.max_colwidth", None):
    display(pd.DataFrame(claims).set_index("claim"))  # noqa: F821

# %% [markdown]
# ## What this shows, and what it can't
# It shows who depends more by face value and looked through, how sure the index is under other weights and input errors, and what is at stake
# for each side. It can't show the paper's own index: investment and bilateral tariffs are missing until you fill in
# `schemes.china_us_template("mine.csv")`, and the embedded table ends in 2011. Weights are somebody's judgement: the bands say how much hangs on them.
