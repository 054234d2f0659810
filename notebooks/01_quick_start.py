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
# # Quick start: from a table to a figure
# How much of China's and the United States' manufacturing runs through global value chains, and how did that change?
# Five minutes on the embedded table (WIOD 2013, summed to 14 sector groups, 1995-2011). For a table of your own, put its
# path into `gk.read`.

# %%
from IPython.display import Markdown

import gvckit as gk

t = gk.load_sample(2005)  # or: gk.read("ADB-MRIO62-2017_Dec2022.xlsx")
t

# %% [markdown]
# Every table can be audited. Nothing is mended silently: what is unusual is listed, with its place and size.

# %%
t.audit().groupby("check")["value"].agg(["size", "min", "max"])

# %% [markdown]
# Forward participation: where does the value added of a country go? Shares of value added; `gvc` is simple + complex.

# %%
gk.participation(t, level="region", shares=True).loc[["CHN", "USA", "DEU", "JPN"]].round(3)

# %% [markdown]
# Backward participation of one sector: what are its final goods made of? In million USD.

# %%
gk.participation(t, "backward").xs("Electrical and optical equipment", level="sector").loc[["CHN", "USA"]].round(0)

# %% [markdown]
# All years in one call, and the figure.

# %%
shares = gk.panel(gk.participation, gk.sample_years(), progress=False, level="region", shares=True)
gk.plot.participation(shares, ["CHN", "USA"], title="Forward participation, whole economy")

# %%
china = shares["gvc"].xs("CHN", level="region")
peak, low = china.idxmax(), china.loc[china.idxmax() :].idxmin()
Markdown(
    f"What this showed: {china.iloc[0]:.1%} of China's value added left in global value chains in {china.index[0]}, at most {china[peak]:.1%} in "
    f"{peak}, {china[low]:.1%} in {low} and {china.iloc[-1]:.1%} in {china.index[-1]}. What it can't show: years after {china.index[-1]} and "
    f"anything below {len(t.sectors)} sector groups; both need a file of your own."
)
