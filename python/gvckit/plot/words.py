"""Words of the standard figures in English and Chinese, and the font that Chinese text needs."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gvckit.errors import GvcWarning
from gvckit.options import Language, check

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gvckit.plot.drawn import Network
    from gvckit.table.names import Economy

HELP = (
    "A circle's area is its exports of value added, an arrow's width the value added between the pair, on one scale "
    "for all years and kinds. Filled arrows are strongest ties: the target's largest supplier, or the source's "
    "largest buyer. Point at a circle or at the middle of an arrow for values."
)
_CHINESE = {
    HELP: (
        "圆的面积表示增加值出口，箭头的宽度表示两地间的增加值，各年份、各类型同一比例。实心箭头为最强联系：目的地的"
        "最大供应方，或来源地的最大购买方。将鼠标指向圆或箭头中部可查看数值。"
    ),
    "source: {}": "数据来源：{}",
    "scenario: {}": "情景：{}",
    # axes
    "Year": "年份",
    "share (%)": "占比（%）",
    "share of value added (%)": "占增加值的比重（%）",
    "share of final goods output (%)": "占最终产品产出的比重（%）",
    "share of gross exports (%)": "占总出口的比重（%）",
    "million USD": "百万美元",
    "million EUR": "百万欧元",
    "thousand USD": "千美元",
    "value": "数值",
    "index": "指数",
    "contribution to the index": "对指数的贡献",
    "dependence": "依赖程度",
    "position: forward over backward GVC length": "位置：前向与后向GVC长度之比",
    "share of the trade that is cut (%)": "被切断贸易的比重（%）",
    "value added lost (% of the region's)": "增加值损失（占本地区增加值的%）",
    "value added lost ({})": "增加值损失（{}）",
    "value added lost per unit of trade cut": "每切断一单位贸易的增加值损失",
    "unit of the table": "表的单位",
    "{}, change (%)": "{}变化（%）",
    "welfare": "福利",
    "real wage": "实际工资",
    "wage": "工资",
    "consumer prices": "消费者价格",
    "exports": "出口",
    "imports": "进口",
    "Shock": "冲击",
    "no trade": "无贸易",
    "partner": "伙伴",
    "source of value added": "增加值来源地",
    "value added": "增加值",
    "distance to final demand": "到最终需求的距离",
    # terms
    "GVC": "GVC",
    "simple": "简单GVC",
    "complex": "复杂GVC",
    "traditional": "传统贸易",
    "domestic": "国内",
    "foreign": "国外",
    "double counted": "重复计算",
    "mixed": "混合",
    "sum": "合计",
    "total": "合计",
    "returned": "返回国内",
    "third": "第三国",
    # legends
    "{} others": "其他{}个",
    "{} of draws": "{}的抽样",
    "median": "中位数",
    "{} quantile": "{}分位数",
    "some indicators missing": "部分指标缺失",
    "all indicators": "指标齐全",
    "{} (no data)": "{}（无数据）",
    "gap": "差距",
    "{} on {}": "{}对{}",
    "exports of value added": "增加值出口",
    "value added between the pair": "两地间增加值",
    "strongest tie:": "最强联系：",
    "largest supplier or buyer": "最大供应方或购买方",
    "other tie": "其他联系",
    "one scale for all panels": "各图同一比例",
    "imports of value added": "增加值进口",
    "{} of the source's exports": "占来源地出口的{}",
    "{} of the target's imports": "占目的地进口的{}",
    "Kind": "类型",
    "Find a region": "查找地区",
    "no network": "没有网络",
    "no edge is above the threshold": "没有超过阈值的联系",
    "no data": "无数据",
    "not on the map: {}": "地图上没有：{}",
    "new": "新进",
    "origin": "来源",
    "final product": "最终产品",
    "absorber": "最终吸收",
    "others": "其他",
    # titles
    "Traditional network": "传统贸易网络",
    "Simple network": "简单GVC网络",
    "Complex network": "复杂GVC网络",
    "GVC network": "GVC网络",
    "Total network": "总增加值网络",
    "whole economy": "全部行业",
    "Europe": "欧洲",
    "North America": "北美",
    "Asia": "亚洲",
    "Rest": "其他地区",
    "partial index: some indicators are missing": "部分指数：有指标缺失",
}
#: Sizes of amounts in millions.
_SIZES = {
    "en": ((1e6, "trillion"), (1e3, "billion"), (1.0, "million")),
    "zh": ((1e6, "万亿"), (1e2, "亿"), (1.0, "百万")),
}
_MONEY = {"USD": "美元", "EUR": "欧元"}

_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
#: Fonts with simplified Chinese, the plainer ones first.
_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Hiragino Sans GB", "SimHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP", "Noto Serif CJK SC",
    "Noto Serif CJK JP", "Songti SC", "SimSun", "Arial Unicode MS", "Droid Sans Fallback",
)  # fmt: skip
_FILES = re.compile(r"cjk|sourcehan|yahei|msyh|pingfang|hiragino|simhei|simsun|wqy|songti|notosanssc", re.IGNORECASE)


class Say:
    """Words of a language: English text is the key."""

    def __init__(self, language: Language = "en") -> None:
        check("language", language, Language)
        self.language = language

    def __call__(self, text: str, *values: object) -> str:
        """Text in the language, with values put in; a name that isn't ours, as of a user's unit, stays what it is."""
        found = _CHINESE.get(text, text) if self.language == "zh" else text
        return found.format(*values) if values else found

    def upper(self, text: str, *values: object) -> str:
        """The same with a capital, as axes have."""
        said = self(text, *values)
        return said[:1].upper() + said[1:]

    def economy(self, economy: Economy) -> str:
        """Name in a sentence; in Chinese the Chinese one where the package has it, else the code."""
        if self.language == "zh":
            return economy.zh or economy.code
        the = economy.name.startswith(("United ", "Netherlands", "Philippines", "Rest of"))
        return f"the {economy.name}" if the else economy.name

    @property
    def sizes(self) -> tuple[tuple[float, str], ...]:
        """What amounts in millions are called, the largest first."""
        return _SIZES[self.language]

    def money(self, number: str, size: str, money: str) -> str:
        """An amount: 1.2 billion USD."""
        return f"{number} {size} {money}" if self.language == "en" else f"{number}{size}{_MONEY.get(money, money)}"


def dress(ax: Axes) -> None:
    """Give all text of the figure that has Chinese characters a font with them, if the machine has one."""
    from matplotlib.text import Text

    figure = ax.get_figure(root=True)
    assert figure is not None
    for axes in figure.get_axes():
        # Labels of ticks are made when they are asked for.
        axes.get_xticklabels()
        axes.get_yticklabels()
    fit_all(text for text in figure.findobj(Text) if isinstance(text, Text))


def fit_all(texts: Iterable[Text]) -> None:
    """Give texts with Chinese characters a font that has them, and warn where there is none."""
    if not all(fit(text) for text in texts):
        warnings.warn(
            "no font with Chinese characters was found, boxes stand for them: install one, such as fonts-noto-cjk, and "
            "start Python anew",
            GvcWarning, stacklevel=5,
        )  # fmt: skip


def fit(text: Text) -> bool:
    """Give a text with Chinese characters a font that has them; whether there is one."""
    if not _CJK.search(text.get_text()):
        return True
    font = chinese_font()
    if font is None:
        return False
    # Latin letters stay in the figure's own font.
    text.set_fontfamily([*(name for name in text.get_fontfamily() if name != font), font])
    return True


@cache
def chinese_font() -> str | None:
    """Name of a font with Chinese characters, or None; fonts that matplotlib has not listed yet are looked for."""
    from matplotlib import font_manager

    known = {font.name for font in font_manager.fontManager.ttflist}
    if not known & set(_FONTS):
        for path in font_manager.findSystemFonts():
            if _FILES.search(Path(path).name):
                font_manager.fontManager.addfont(path)
        known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in known), None)


def title_of(net: Network, say: Say) -> str:
    """A network's own title, in the language."""
    if say.language == "en":
        return net.title
    kind = {"gvc": "GVC"}.get(str(net.attrs["kind"]), str(net.attrs["kind"]).capitalize())
    sector = net.attrs.get("sector")
    name = say("whole economy") if sector is None else sector if isinstance(sector, str) else "、".join(sector)
    parts = [say(f"{kind} network"), name, str(net.attrs.get("year") or ""), str(net.attrs.get("scenario") or "")]
    return "，".join(part for part in parts if part)
