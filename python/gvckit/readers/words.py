"""Words by which files call what is no flow between sectors: totals, value added, discrepancies, trade with outside."""

from __future__ import annotations

import re

from gvckit.table.names import fold

#: Totals, folded (no case, blanks or marks): of regions, and of rows and columns.
_TOTALS = {
    "total", "tot", "totals", "sum", "subtotal", "grandtotal", "all", "world", "wld", "output", "out", "grossoutput",
    "totaloutput", "go", "x", "xout", "totalinput", "totalinputs", "totaluse", "totaluses", "totaldemand",
    "totalsupply", "intermediatetotal",
    "totalintermediate", "totalintermediateconsumption", "totalintermediateuse", "totalfinaldemand",
    "totalfinaluse", "iifob", "合计", "总计", "小计", "总和", "总产出", "总投入", "世界", "全球",
    "中间使用合计", "中间投入合计", "最终使用合计", "总使用", "總計", "合計", "總產出", "總投入", "小計",
}  # fmt: skip
#: Discrepancies.
_DISCREPANCIES = {"disc", "sd", "discrepancy", "statisticaldiscrepancy", "statisticaldiscrepancies", "误差"}
_VALUE_ADDED = re.compile(
    r"^(va|valu|gva|vax?taxsub|taxsub|tls|txsp|gtr|trs|exp_?adj|purr|purnr|intttm|ciffob|value ?added.*|"
    r"gross value added.*|tax.*|net ?tax.*|product(ion)? ?tax.*|other ?net ?tax.*|subsid.*|wages?.*|compensation.*|"
    r"operating ?surplus.*|"
    r"gross ?operating.*|mixed ?income.*|labou?r.*|capital.*|profits?.*|margin.*|consumption of fixed.*|depreciation.*|"
    r"(w2_)?(d1|d21x31|d29x39|d29x31|b2a3g|b2a3n|op_?n?res)|增加值.*|劳动者报酬.*|固定资产折旧.*|生产税净额.*|营业盈余.*)$",
    re.IGNORECASE,
)
_EXPORTS = re.compile(r"^(total )?(exports?.*|exp?|ex|p6.*|出口.*)$", re.IGNORECASE)
_IMPORTS = re.compile(r"^(total )?(imports?.*|imp?|p7.*|进口.*|.*use of imported products.*)$", re.IGNORECASE)
#: Cells that hold nothing.
GAPS = {"", "na", "nan", "n/a", "#n/a", "null", "none", "-", "–", "..", "…"}


def is_total(label: str) -> bool:
    """Whether a label, or a code, is that of a total."""
    return fold(label) in _TOTALS


def is_discrepancy(label: str) -> bool:
    """Whether a label is that of a discrepancy."""
    return fold(label) in _DISCREPANCIES


def is_value_added(label: str) -> bool:
    """Whether a label is that of a row of value added, taxes or margins."""
    return _VALUE_ADDED.match(label.strip()) is not None


def is_exports(label: str) -> bool:
    """Whether a label is that of exports to an outside of the table."""
    return _EXPORTS.match(label.strip()) is not None


def is_imports(label: str) -> bool:
    """Whether a label is that of imports from an outside of the table."""
    return _IMPORTS.match(label.strip()) is not None


def is_gap(text: str) -> bool:
    """Whether a cell's text says that there is nothing."""
    return text.strip().casefold() in GAPS
