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
# # 中美全球价值链：非对称产业依赖
#
# 本文重新计算论文的论证：价值链网络、参与度、位置、表1的指数，以及各自说明了什么。关于数据的每一句话都由上方单元格中的数字生成，换用您自己的表格，文字也会随之改变。

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import Markdown, display

import gvckit as gk
from gvckit import schemes
from gvckit.study import claims
from gvckit.study.results import KINDS, Results

LANGUAGE = "zh"
FOLDER = None  # for example: "data/adb"
plt.rcParams["figure.dpi"] = 72

tables = gk.read_years(FOLDER)  # without a folder, the embedded table
late = gk.load_sample(2020, "icio") if FOLDER is None else None
results = Results(tables, late=late)
CHN, USA = results.pair
first, last = results.first, results.last


def both(en, zh):
    """The one of two texts that is in the notebook's language."""
    return zh if LANGUAGE == "zh" else en


def say(en, zh):
    """A sentence made from numbers."""
    display(Markdown(both(en, zh)))


def caption(en, zh, source=results.table.source):
    """A caption, with the source of the figure's numbers."""
    display(Markdown(f"*{zh}* 来源：{source}" if LANGUAGE == "zh" else f"*{en}* {zh} Source: {source}"))


def trend(start, end):
    """Whether something rises or falls, in both languages."""
    return ("rises", "上升") if end > start else ("falls", "下降") if end < start else ("stays the same", "不变")


# %% [markdown]
# ## 1 数据
# 世界投入产出数据库（2013年版）止于2011年，而论文的年份到2017年。因此，整体经济还与经合组织2020年的表进行比较。两个数据库对同一年份的数字并不一致，所以任何序列都不会从一个数据库接到另一个。

# %%
rows = {
    f"{t.source}": (t.year, len(t.regions), len(t.sectors), t.va.sum())
    for t in (*tables.values(), late)
    if t is not None
}
data = pd.DataFrame.from_dict(
    rows, orient="index", columns=["last year", "regions", "sectors", "value added, million USD"]
)
display(data.style.format({"value added, million USD": "{:,.0f}"}))
two = results.two_databases
say(
    f"{len(tables)} tables from {first} to {last}"
    + (f", and one of {two.last} on the {len(two.table.regions)} economies that both have." if two else "."),
    f"{first}年至{last}年共{len(tables)}张表"
    + (f"；另有{two.last}年一张，合并到两个数据库共有的{len(two.table.regions)}个经济体。" if two else "。"),
)

# %% [markdown]
# ## 2 增加值贸易网络
# 增加值可以随最终品跨境（传统），为生产跨境一次（简单），或多次跨境（复杂）。供给枢纽是许多伙伴的最大来源。

# %%
years = [max(first, 2000), last] if max(first, 2000) in tables else results.ends
grid = [[results.network("whole_economy", kind, year, backbone="top", k=2) for kind in KINDS] for year in years]
gk.plot.networks(grid, language=LANGUAGE)
plt.show()
caption(
    f"Figure 1a. Networks of value-added trade, whole economy, {years[0]} and {years[1]}.",
    f"图1a 增加值贸易网络，整体经济，{years[0]}年与{years[1]}年。",
)

# %%
for kind in KINDS:
    hubs = results.hubs("whole_economy", kind)
    start, end = (hubs.xs(year, level="year")["supplier_of"] for year in years)
    say(
        f"In the {kind} network the hub is {start.index[0]} in {years[0]} (largest supplier of {start.iloc[0]:.0f} partners) and {end.index[0]} in "
        f"{years[1]} ({end.iloc[0]:.0f}). China is that of {start[CHN]:.0f} and then {end[CHN]:.0f}, the US of {start[USA]:.0f} and {end[USA]:.0f}.",
        f"在{ {'traditional': '传统', 'simple': '简单', 'complex': '复杂'}[kind] }网络中，{years[0]}年的枢纽是{start.index[0]}（{start.iloc[0]:.0f}个伙伴的最大供给国），"
        f"{years[1]}年是{end.index[0]}（{end.iloc[0]:.0f}个）。中国由{start[CHN]:.0f}个变为{end[CHN]:.0f}个，美国由{start[USA]:.0f}个变为{end[USA]:.0f}个。",
    )

# %% [markdown]
# ### 2.1 更晚的年份
# 同样的网络，2020年，来自另一个数据库，限于两者共有的经济体。

# %%
if two:
    grid = [[two.network("whole_economy", kind, year, backbone="top", k=2) for kind in KINDS] for year in two.ends]
    axes = gk.plot.networks(grid, language=LANGUAGE)
    axes[0, 0].figure.supxlabel("")
    plt.show()
    caption(
        f"Figure 1b. The same, {two.first} and {two.last}: two databases.",
        f"图1b 同上，{two.first}年与{two.last}年：两个数据库。",
        two.names,
    )
    exports = {year: net.nodes["exports"] for year, net in two.networks("whole_economy", "total").items()}
    rank = {year: int(values.rank(ascending=False)[CHN]) for year, values in exports.items()}
    say(
        f"By exports of value added China is number {rank[two.first]} in {two.first} and number {rank[two.last]} in {two.last}.",
        f"按增加值出口，中国在{two.first}年居第{rank[two.first]}位，{two.last}年居第{rank[two.last]}位。",
    )

# %% [markdown]
# ### 2.2 信息通信技术与汽车

# %%
names = {"ict": ("ICT", "信息通信技术"), "motor_vehicles": ("motor vehicles", "汽车")}
for number, (name, (en, zh)) in enumerate(names.items()):
    net = results.networks(name, "gvc")
    start, end = (net[year].hubs(centralities=False) for year in years)
    gk.plot.networks([[results.network(name, "gvc", year, backbone="top", k=2) for year in years]], language=LANGUAGE)
    plt.show()
    caption(
        f"Figure 1{'cd'[number]}. GVC network of {en}, {years[0]} and {years[1]}.",
        f"图1{'cd'[number]} {zh}价值链网络，{years[0]}年与{years[1]}年。",
    )
    say(
        f"In the network of {en} China is number {start.loc[CHN, 'demand_rank']} among demand hubs in {years[0]} and number {end.loc[CHN, 'demand_rank']} in "
        f"{years[1]}; Japan is number {start.loc['JPN', 'supply_rank']} and then {end.loc['JPN', 'supply_rank']} among supply hubs.",
        f"在{zh}网络中，中国在需求枢纽中的名次由{years[0]}年的第{start.loc[CHN, 'demand_rank']}位变为{years[1]}年的第{end.loc[CHN, 'demand_rank']}位；"
        f"日本在供给枢纽中由第{start.loc['JPN', 'supply_rank']}位变为第{end.loc['JPN', 'supply_rank']}位。",
    )

# %% [markdown]
# ### 2.3 区域工厂
# 各地区的流量有多少留在区域内。

# %%
groups = {"Europe": "欧洲", "North America": "北美", "Asia": "亚洲"}
within = results.regionalisation("whole_economy")["within_share"].xs("complex").unstack("group")[list(groups)]
ax = within.plot(
    style=["-", "--", "-."], ylim=(0, 1), figsize=(6.5, 3.6), ylabel="Share within the group", xlabel="Year"
)
ax.spines[["top", "right"]].set_visible(False)
plt.show()
caption("Figure 1e. Complex value chains within each group.", "图1e 各区域内部的复杂价值链。")
for group, zh in groups.items():
    start, end = within.loc[years[0], group], within.loc[years[1], group]
    en_word, zh_word = trend(start, end)
    say(
        f"{group}: the share {en_word} from {start:.1%} in {years[0]} to {end:.1%} in {years[1]}.",
        f"{zh}：比重由{years[0]}年的{start:.1%}{zh_word}到{years[1]}年的{end:.1%}。",
    )

# %% [markdown]
# ## 3 中高技术制造业的参与度

# %%
figure, axes = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
for ax, (direction, shares) in zip(axes, results.medium_high.items(), strict=True):
    gk.plot.participation(
        shares,
        results.pair,
        ax=ax,
        title=both(
            f"{direction.capitalize()} participation", {"forward": "前向参与度", "backward": "后向参与度"}[direction]
        ),
        language=LANGUAGE,
    )
plt.show()
caption(
    "Figure 2. Participation of China's and the United States' medium- and high-technology manufacturing.",
    "图2 中美中高技术制造业的全球价值链参与度。",
)
for direction, zh in (("forward", "前向"), ("backward", "后向")):
    china = results.medium_high[direction]["gvc"].xs(CHN, level="region")
    peak, late_years = china.idxmax(), china[china.index >= 2010]
    say(
        f"China's {direction} participation is {china.iloc[0]:.1%} in {first}, highest in {peak} ({china[peak]:.1%}), and {china.iloc[-1]:.1%} in {last}. "
        + (
            "The paper's fall from 2010 to 2017 can't be tested with this table."
            if last < 2013
            else f"From {late_years.index[0]} it {trend(late_years.iloc[0], late_years.iloc[-1])[0]}."
        ),
        f"中国的{zh}参与度在{first}年为{china.iloc[0]:.1%}，{peak}年最高（{china[peak]:.1%}），{last}年为{china.iloc[-1]:.1%}。"
        + (
            "论文所说的2010年至2017年的下降，用这张表无法检验。"
            if last < 2013
            else f"自{late_years.index[0]}年起{trend(late_years.iloc[0], late_years.iloc[-1])[1]}。"
        ),
    )

# %% [markdown]
# ## 4 位置与出口
# 位置是价值链前向长度与后向长度之比：大于1为上游。

# %%
where = results.position.rename(index=results.position_names, level="sector")
where.attrs.update(results.position.attrs)
gk.plot.position(where, list(results.position_names.values()), results.pair, language=LANGUAGE)
plt.show()
caption("Figure 3. Position of industries of China and the United States.", "图3 中美各行业的全球价值链位置。")
for sector, name in results.position_names.items():
    by_year = results.position["position"].xs(sector, level="sector").unstack("region")
    gap = by_year[CHN] - by_year[USA]
    start, end = gap[years[0]], gap[years[1]]
    closes = abs(end) < abs(start)
    say(
        f"{name}: China's position {trend(by_year.loc[years[0], CHN], by_year.loc[years[1], CHN])[0]} ({by_year.loc[years[0], CHN]:.3f} to "
        f"{by_year.loc[years[1], CHN]:.3f}), and the gap to the US {'closes' if closes else 'widens'} ({start:+.3f} to {end:+.3f}).",
        f"{name}：中国的位置{trend(by_year.loc[years[0], CHN], by_year.loc[years[1], CHN])[1]}（{by_year.loc[years[0], CHN]:.3f}到{by_year.loc[years[1], CHN]:.3f}），"
        f"与美国的差距{'缩小' if closes else '扩大'}（{start:+.3f}到{end:+.3f}）。",
    )
inputs = results.goods_inputs["imported_input_share"].xs(CHN, level="region")
say(
    f"Imported inputs are {inputs.iloc[0]:.1%} of China's exports of goods in {first}, at most {inputs.max():.1%} in {inputs.idxmax()}, and {inputs.iloc[-1]:.1%} in {last}.",
    f"进口中间品占中国货物出口的比重：{first}年为{inputs.iloc[0]:.1%}，{inputs.idxmax()}年最高，为{inputs.max():.1%}，{last}年为{inputs.iloc[-1]:.1%}。",
)

# %% [markdown]
# ## 5 相互依赖指数
# ### 表1
# 贸易占GDP之比0.4，投资0.3，对彼此高技术产品的关税0.2（越高则依赖越小），技术0.1。按年份的最小—最大标准化是我们的选择；缺少某项指标的年份不进入指数。

# %%
index = results.index["full"]
NAMES = {
    "full": both("China-US interdependence", "中美相互依赖指数"),
    "icio": both("Without investment", "不含投资"),
    "surcharges": both("Without investment, tariffs with surcharges", "不含投资，关税含加征部分"),
}
sources = results.index_inputs.attrs["sources"]
table = pd.DataFrame(
    [
        (
            pillar,
            schemes.WEIGHTS[pillar],
            name,
            schemes.MEANING[name],
            index.indicators[name].iloc[0],
            index.indicators[name].iloc[-1],
            sources[name],
        )
        for pillar, names in index.scheme.children().items()
        if pillar in schemes.WEIGHTS
        for name in names
    ],
    columns=[
        "pillar",
        "weight",
        "indicator",
        "what it is",
        str(index.index.index[0]),
        str(index.index.index[-1]),
        "source",
    ],
).set_index(["pillar", "weight", "indicator"])
with pd.option_context("display.max_colwidth", None):
    display(table.round(4))
caption(
    "Table 1. The index: its pillars, weights and indicators.",
    "表1 指数的支柱、权重与指标。",
    index.indicators.attrs["source"],
)

# %%
figure, ax = plt.subplots(figsize=(7.5, 5.4), layout="constrained")
gk.plot.timeline(gk.plot.fan(index, ax=ax, title=NAMES["full"], language=LANGUAGE), schemes.us_policies())
plt.show()
caption(
    "Figure 4a. The index with its bands, and US policies.",
    "图4a 指数及其区间，以及美国的政策。",
    index.indicators.attrs["source"],
)
gk.plot.pillars(index, title=NAMES["full"], language=LANGUAGE)
plt.show()
caption("Figure 4b. What each pillar adds.", "图4b 各支柱的贡献。", index.indicators.attrs["source"])
values, added = index.index, index.pillar_contributions
change = added.iloc[-1] - added.iloc[0]
most, least = change.idxmax(), change.idxmin()
names = {"trade": "贸易", "investment": "投资", "tariffs": "关税", "technology": "技术"}
say(
    f"The index {trend(values.iloc[0], values.iloc[-1])[0]} from {values.iloc[0]:.2f} in {values.index[0]} to {values.iloc[-1]:.2f} in {values.index[-1]}; it is highest in "
    f"{values.idxmax()} ({values.max():.2f}). Most is added by {most} ({change[most]:+.2f}), least by {least} ({change[least]:+.2f}).",
    f"指数由{values.index[0]}年的{values.iloc[0]:.2f}{trend(values.iloc[0], values.iloc[-1])[1]}到{values.index[-1]}年的{values.iloc[-1]:.2f}，{values.idxmax()}年最高（{values.max():.2f}）。"
    f"贡献变化最大的是{names[most]}（{change[most]:+.2f}），最小的是{names[least]}（{change[least]:+.2f}）。",
)

# %% [markdown]
# ### 更晚的年份
# 按年的投资数据止于2014年。其余三个支柱可以继续：按经合组织部门的关税到2017年，含贸易战加征关税的为2015年至2019年。它们是各自独立的序列。

# %%
figure, axes = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
for ax, form in zip(axes, ("icio", "surcharges"), strict=True):
    found = results.index[form]
    gk.plot.fan(found, ax=ax, title=f"{NAMES[form]}, {found.index.index[0]}-{found.index.index[-1]}", language=LANGUAGE)
plt.show()
caption(
    "Figure 4c. Three pillars of later years.",
    "图4c 更晚年份的三个支柱。",
    "; ".join(
        dict.fromkeys(
            part
            for form in ("icio", "surcharges")
            for part in results.index[form].indicators.attrs["source"].split("; ")
        )
    ),
)
dip = results.index["surcharges"].index
falls, recovers = dip[2018] < dip[2017], dip[2019] > dip[2018]
say(
    f"With surcharges the index is {dip[2017]:.2f} in 2017, {dip[2018]:.2f} in 2018 and {dip[2019]:.2f} in 2019: it {'falls' if falls else 'does not fall'} in 2018"
    + (", and recovers." if recovers else ", and is lower still in 2019." if falls else "."),
    f"含加征关税的指数在2017年为{dip[2017]:.2f}，2018年为{dip[2018]:.2f}，2019年为{dip[2019]:.2f}：2018年{'下降' if falls else '没有下降'}"
    + ("，随后回升。" if recovers else "，2019年更低。" if falls else "。"),
)

# %% [markdown]
# ## 6 非对称依赖

# %%
sides = results.sides
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
gk.plot.asymmetry(
    sides,
    percent=True,
    ax=left,
    title=both("Bilateral trade over own value added", "双边贸易占本国增加值之比"),
    language=LANGUAGE,
)
gk.plot.asymmetry(sides, ("CHN", "USA"), ax=right, title=both(sides.attrs["title"], "各方的指数"), language=LANGUAGE)
plt.show()
caption("Figure 5. Both sides' dependence.", "图5 双方的依赖。", sides.attrs["source"])
start, end = sides.iloc[0], sides.iloc[-1]
more = (sides["TC"] > sides["TA"]).mean()
say(
    f"Trade with the other side is a larger share of China's value added than of that of the US in {more:.0%} of the years. China's {trend(start['TC'], end['TC'])[0]} from {start['TC']:.1%} in "
    f"{sides.index[0]} to {end['TC']:.1%} in {sides.index[-1]}, that of the US {trend(start['TA'], end['TA'])[0]} from {start['TA']:.1%} to {end['TA']:.1%}.",
    f"在{more:.0%}的年份里，双边贸易占中国增加值的比重大于占美国增加值的比重。中国的由{sides.index[0]}年的{start['TC']:.1%}{trend(start['TC'], end['TC'])[1]}到{sides.index[-1]}年的{end['TC']:.1%}，"
    f"美国的由{start['TA']:.1%}{trend(start['TA'], end['TA'])[1]}到{end['TA']:.1%}。",
)
pair = results.dependence.xs("all", level="sector").loc[last]
shown = ["input_reliance_face", "input_reliance", "input_reliance_hidden"]
display(gk.describe("dependence").loc[shown].join(pair.loc[shown]).round(4))

# %% [markdown]
# ## 7 如果停止贸易
# 逐步切断双边销售，且无人另寻伙伴：这是利害所在，而不是预测。

# %%
curve = results.decoupling
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
gk.plot.decoupling(
    curve, ax=left, title=both(f"Share of own value added, {last}", f"占本国增加值的比重，{last}年"), language=LANGUAGE
)
gk.plot.decoupling(
    curve, column="per_dollar", ax=right, title=both("Per dollar of trade cut", "每切断一美元贸易"), language=LANGUAGE
)
plt.show()
caption("Figure 6. Value added at stake.", "图6 所涉及的增加值。")
lost = curve["share"].xs(curve.index.get_level_values("cut").max(), level="cut")
say(
    f"With all trade cut in {last}, China would lose {lost[CHN]:.1%} of its value added and the US {lost[USA]:.1%}: {lost[CHN] / lost[USA]:.1f} times as much.",
    f"若{last}年的双边贸易全部切断，中国将损失增加值的{lost[CHN]:.1%}，美国损失{lost[USA]:.1%}，前者是后者的{lost[CHN] / lost[USA]:.1f}倍。",
)

# %% [markdown]
# ## 8 哪些论断成立
# 每个论断都有指标和规则，结论由计算得出。第二个结论把整体经济与更晚的年份相比较。

# %%
found = claims.by_year(results)
summary = claims.summary(found, claims.by_year(two) if two else None)
ZH = {claims.BORNE: "成立", claims.FURTHER: "超出", claims.NOT_BORNE: "不成立", claims.NOT_TESTABLE: "无法检验", "": ""}
shown = summary[
    [
        "statement",
        "first_year",
        "first_value",
        "last_year",
        "last_value",
        "verdict",
        *(["later_value", "later_verdict"] if two else []),
    ]
].copy()
if LANGUAGE == "zh":
    shown["statement"] = claims.statements_zh()
    for name in shown.filter(like="verdict"):
        shown[name] = shown[name].map(ZH)
with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
    display(shown.set_index("statement").round(3))
caption(
    "Table 2. The paper's statements, tested.", "表2 对论文论断的检验。", results.table.source if not two else two.names
)
counts = summary["verdict"].value_counts()
say(
    f"Of {len(summary)} statements: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.items()) + ".",
    f"共{len(summary)}个论断：" + "，".join(f"{ZH[verdict]}{n}个" for verdict, n in counts.items()) + "。",
)

# %% [markdown]
# ## 9 检验其余论断需要的数据

# %%
rest = summary[summary["verdict"] == claims.NOT_TESTABLE]["note"]
for name, note in rest.items():
    display(Markdown(f"- `{name}`: {note}"))
plt.close("all")
