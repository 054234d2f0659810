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
# # Position and exports: how far upstream, and whose value is in it?
# The paper finds China's electrical, machinery and electronics industries slowly rising in global value chains and closing on the
# United States, and imported intermediates falling from about 50% to about 30% of China's goods exports. Here both are computed on the
# embedded table (WIOD 2013, 14 sector groups, 1995-2011), or on files of your own when a folder is given.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

import gvckit as gk
from gvckit.study import claims
from gvckit.study.results import Results

FOLDER = None  # for example: "data/adb"
plt.rcParams["figure.dpi"] = 80

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
if FOLDER is None:
    SECTORS = ["Electrical and optical equipment", "Machinery", "Transport equipment"]
    GOODS = tables[2011].sectors[:10]
else:
    SECTORS, GOODS = ["c14", "c13", "c15"], [f"c{k}" for k in range(1, 17)]
first, last = min(tables), max(tables)

# %% [markdown]
# ## Position
# Position is the forward length of GVC production over its backward length: above 1 is upstream.

# %%
position = gk.panel(gk.position, tables, progress=False)
gk.plot.position(position, SECTORS, ["CHN", "USA"])
# %%
by_year = position["position"].unstack("region")[["CHN", "USA"]]
gap = (by_year["CHN"] - by_year["USA"]).unstack("sector")[SECTORS]
gap.loc[[first, last]].round(3)

# %% [markdown]
# A negative gap means that China stands downstream of the United States in that industry. "Closing" is a gap nearer to zero.

# %% [markdown]
# ## What exports are made of
# Wang, Wei and Zhu's sixteen terms for the exports of the pair to each other. `gk.describe` says what each is.

# %%
pair = gk.decompose_exports(tables[last], "wwz", "bilateral", exporter=["CHN", "USA"], partner=["CHN", "USA"])
gk.plot.exports(pair, title=f"Exports between China and the United States, {last}")
# %%
gk.describe("wwz")

# %% [markdown]
# The same exports by the methods that people compare. Their totals agree on domestic content; they differ in what they call double
# counted.

# %%
methods = {
    m: gk.decompose_exports(tables[last], m, exporter="CHN").iloc[0] for m in ("bm_source", "bm_sink", "my", "oecd")
}
pd.DataFrame(methods).loc[["exports", "DC", "DVA", "VAX", "REF", "DDC", "FC", "FVA", "FDC"]].round(0)

# %% [markdown]
# ## Imported intermediates in goods exports

# %%
inputs = gk.panel(gk.tiva, tables, progress=False, sectors=GOODS)["imported_input_share"].unstack("region")
ax = inputs[["CHN", "USA", "DEU", "JPN", "KOR"]].plot(
    ylabel="Imported inputs, share of goods exports", xlabel="Year", ylim=(0, None), figsize=(7, 4)
)
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
ax.figure.tight_layout()
# %%
china = inputs["CHN"]
Markdown(
    f"{china[first]:.1%} in {first}, highest {china.max():.1%} in {china.idxmax()}, {china[last]:.1%} in {last}. A table that does not tell processing trade "
    "apart understates the level."
)

# %% [markdown]
# ## Which statements hold on this data?

# %%
summary = claims.summary(claims.by_year(Results(tables)))
shown = [name for name in summary.index if name.startswith("position")] + [
    "technology_gains",
    "makes_inputs",
    "imported_inputs",
]
with pd.option_context("display.max_colwidth", None):
    display(summary.loc[shown, ["statement", "measure", "first_value", "last_value", "verdict"]].round(3))

# %% [markdown]
# ## Participation by five definitions
# They are often confused. Shares of value added, of final goods and of exports are different questions.

# %%
gk.participation_rates(tables[last]).loc[["CHN", "USA", "DEU", "JPN"]].round(3).T

# %%
plt.close("all")

# %% [markdown]
# What this showed: position, decompositions and import content by year, and which statements the table bears out. What it can't show:
# years after the table's last, processing zones (the extended ICIO has them: they are joined to China and Mexico by default),
# and electronics apart from electrical and optical equipment.
