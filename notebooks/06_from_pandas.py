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
# # From your own pandas script to gvckit
# You have a script: frames, a loop over countries, `.loc` blocks, `np.linalg.inv`, diagonal matrices. It is right, and slow. Which of its
# lines cost the time, what is each worth rewritten, and does everything still give the same numbers?
#
# Forward participation, bilateral flows and VAX ratios of one year, on the embedded table (WIOD 2013, 14 sector groups, 2005), or on a file
# of your own when a folder is given: its last table is taken. With 2,000 rows the first script takes minutes.

# %%
import ctypes
import gc
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

import gvckit as gk

FOLDER = None  # for example: "data/adb"

t = gk.load_sample(2005) if FOLDER is None else gk.read(sorted(Path(FOLDER).iterdir())[-1])
Z, x = t.Z, t.x
Y = t.Y.T.groupby(level="partner", sort=False).sum().T  # final demand by buying region
regions = t.regions
Z.columns = Z.index  # the script's frames have the same labels on both sides
t

# %% [markdown]
# Seconds are the best of a few runs of this notebook on this machine. Memory is what the process needed at its peak beyond what it had
# before (Linux only).


# %%
def needed_memory(run):
    """Megabytes at the peak of a call beyond what the process has before it."""
    if sys.platform != "linux":
        return float("nan")

    def status(key):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024

    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # give back what is free, or it would be used again unseen
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = status("VmRSS")
    run()
    return status("VmHWM") - before


def clock(run, most=5):
    """Result of a call, its best time, and the memory it needed."""
    times = []
    while len(times) < most and sum(times) < 2:
        started = time.perf_counter()
        result = run()
        times.append(time.perf_counter() - started)
    return result, min(times), needed_memory(run)


measured = {}

# %% [markdown]
# ## Forward participation: the script
# Wang, Wei, Yu and Zhu (2017): value added that stays at home, crosses a border in a final good, once for production, or more often. The
# formula is `V L Y_D`, `V L Y_F`, `V L A_F L Y_D`, and the rest, with diagonal matrices V and Y. V is `t.v`: value added over output, and for a sector without
# output, whose sales cancel out, what the package's rule says.


# %%
def script():
    A = pd.DataFrame(0.0, index=Z.index, columns=Z.columns)
    for column in Z.columns:
        if x[column] != 0:
            A[column] = Z[column] / x[column]
    AD = pd.DataFrame(0.0, index=Z.index, columns=Z.columns)
    for region in regions:
        AD.loc[region, region] = A.loc[region, region].to_numpy()
    AF = A - AD
    identity = pd.DataFrame(np.eye(len(A)), index=Z.index, columns=Z.columns)
    L = pd.DataFrame(np.linalg.inv(identity - AD), index=Z.index, columns=Z.columns)
    B = pd.DataFrame(np.linalg.inv(identity - A), index=Z.index, columns=Z.columns)
    home = pd.concat([Y.loc[[region], region] for region in regions])
    V = pd.DataFrame(np.diag(t.v), index=Z.index, columns=Z.columns)
    YD = pd.DataFrame(np.diag(home), index=Z.index, columns=Z.columns)
    YF = pd.DataFrame(np.diag(Y.sum(axis=1) - home), index=Z.index, columns=Z.columns)
    domestic = V.dot(L).dot(YD)
    traditional = V.dot(L).dot(YF)
    simple = V.dot(L).dot(AF).dot(L).dot(YD)
    complex_ = V.dot(L).dot(AF).dot(B.dot(YD + YF) - L.dot(YD))
    terms = [domestic, traditional, simple, complex_]
    return pd.concat([m.sum(axis=1) for m in terms], axis=1, keys=["domestic", "traditional", "simple", "complex"])


terms, *measured["participation", "the script"] = clock(script)
terms.groupby(level="region", sort=False).sum().head(3).round(0)

# %% [markdown]
# ## One line at a time
# **No loops over labels.** The coefficients are one division; the domestic blocks are a mask that compares the regions of rows and columns.
# Arrays, no frames: an index is looked up and aligned in every operation with a frame.

# %%
z, y, x_ = Z.to_numpy(), Y.to_numpy(), x.to_numpy()
n, count = len(z), len(t.sectors)
region_of = np.arange(n) // count
at_home = region_of[:, None] == region_of[None, :]
own = region_of[:, None] == np.arange(len(regions))[None, :]
per_unit = np.divide(1.0, x_, out=np.zeros(n), where=x_ != 0)
v = t.v.to_numpy()
y_home, y_all = (y * own).sum(axis=1), y.sum(axis=1)


def without_loops():
    A = z * per_unit
    AD = np.where(at_home, A, 0.0)
    AF = A - AD
    L, B = np.linalg.inv(np.eye(n) - AD), np.linalg.inv(np.eye(n) - A)
    VL, YD, YF = np.diag(v) @ L, np.diag(y_home), np.diag(y_all - y_home)
    terms = [VL @ YD, VL @ YF, VL @ AF @ L @ YD, VL @ AF @ (B @ (YD + YF) - L @ YD)]
    return np.column_stack([m.sum(axis=1) for m in terms])


found, *measured["participation", "no loops, arrays"] = clock(without_loops)
np.testing.assert_allclose(found, terms, rtol=1e-9, atol=1e-6)

# %% [markdown]
# **No diagonal matrices, no matrix products.** Only the row sums are wanted, and the row sums of `M diag(y)` are `M y`: from the right to the
# left, each product is a matrix times a vector.


# %%
def without_products():
    A = z * per_unit
    AD = np.where(at_home, A, 0.0)
    AF = A - AD
    L, B = np.linalg.inv(np.eye(n) - AD), np.linalg.inv(np.eye(n) - A)
    once = L @ y_home
    terms = [once, L @ (y_all - y_home), L @ (AF @ once), L @ (AF @ (B @ y_all - once))]
    return v[:, None] * np.column_stack(terms)


found, *measured["participation", "no diagonal matrices"] = clock(without_products)
np.testing.assert_allclose(found, terms, rtol=1e-9, atol=1e-6)

# %% [markdown]
# **No inverse.** `B y` is output, which the table has. `L` is block by block, and `L y` is the solution of a small system for each region.


# %%
def without_inverse():
    A = z * per_unit
    blocks = A.reshape(-1, count, len(regions), count)[np.arange(len(regions)), :, np.arange(len(regions))]
    AF = np.where(at_home, 0.0, A)

    def local(b):
        return np.linalg.solve(np.eye(count) - blocks, b.reshape(-1, count, 1)).ravel()

    once = local(y_home)
    terms = [once, local(y_all - y_home), local(AF @ once), local(AF @ (x_ - once))]
    return v[:, None] * np.column_stack(terms)


found, *measured["participation", "no inverse"] = clock(without_inverse)
np.testing.assert_allclose(found, terms, rtol=1e-9, atol=1e-6)

# %% [markdown]
# **gvckit.** The same route, with one pass over Z in place of copies of it: about the time of the last step, without its memory, with labels,
# and with checks that the economy is productive and that no cell is NaN.

# %%
found, *measured["participation", "gk.participation(t)"] = clock(lambda: gk.participation(t))
np.testing.assert_allclose(found[list(terms)], terms, rtol=1e-9, atol=1e-6)

# %% [markdown]
# ## Bilateral flows: a loop over pairs
# Value added of one country that another takes in to produce for third markets (complex, by direct importer).


# %%
def pairs():
    A = Z.div(x.where(x != 0), axis=1).fillna(0.0)
    ratio = t.v
    L = {}
    for region in regions:
        block = A.loc[region, region]
        L[region] = pd.DataFrame(np.linalg.inv(np.eye(len(block)) - block), index=block.index, columns=block.columns)
    flows = pd.DataFrame(0.0, index=regions, columns=regions)
    for source in regions:
        for importer in regions:
            if source != importer:
                inside = L[importer].dot(Y.loc[importer, importer])
                sent = A.loc[source, importer].dot(x.loc[importer] - inside)
                flows.loc[source, importer] = ratio.loc[source].dot(L[source].dot(sent))
    return flows


flows, *measured["flows", "a loop over pairs"] = clock(pairs, most=1)
found, *measured["flows", "gk.flows(t)"] = clock(lambda: gk.flows(t, kind="complex"))
np.testing.assert_allclose(found, flows, rtol=1e-9, atol=1e-6)

# %% [markdown]
# ## VAX ratios: a loop over countries
# Value added that is absorbed abroad, over gross exports (Johnson and Noguera 2012).


# %%
def ratios():
    A = Z.div(x.where(x != 0), axis=1).fillna(0.0)
    B = pd.DataFrame(np.linalg.inv(np.eye(n) - A), index=Z.index, columns=Z.columns)
    V = pd.DataFrame(np.diag(t.v), index=Z.index, columns=Z.columns)
    VB = V.dot(B)
    found = {}
    for region in regions:
        abroad = [other for other in regions if other != region]
        absorbed = VB.loc[region].dot(Y[abroad]).sum().sum()
        exports = Z.loc[region, abroad].sum().sum() + Y.loc[region, abroad].sum().sum()
        found[region] = absorbed / exports
    return pd.Series(found)


vax, *measured["VAX ratios", "a loop over countries"] = clock(ratios, most=2)
found, *measured["VAX ratios", "gk.tiva(t)"] = clock(lambda: gk.tiva(t)["vax_ratio"])
np.testing.assert_allclose(found, vax, rtol=1e-9)

# %% [markdown]
# ## What each step is worth

# %%
table = pd.DataFrame.from_dict(measured, orient="index", columns=["seconds", "memory, MB"])
table.index = pd.MultiIndex.from_tuples(table.index, names=["what", "how"])
slowest = table["seconds"].groupby(level="what").transform("max")
table.insert(1, "times faster", slowest / table["seconds"])
table.round({"seconds": 4, "times faster": 1, "memory, MB": 0})

# %% [markdown]
# What this showed: each step gives the same numbers, to nine digits. Looking up labels in a loop, products and inverses that nobody asked for cost
# the time, so rewriting the formula is worth more than any library; a table's labels and checks then cost next to nothing. `gk.tiva` computes
# fifteen indicators in its time, the script one. What it can't show: the ratios for larger tables, where products and inverses grow with the cube
# of the number of rows (the page on benchmarks has them), and time on other machines.
