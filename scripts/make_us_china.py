"""Compile the facts behind the China-US index into one small table, each with its source.

    python scripts/make_us_china.py SHARED_DATA/us_china

Scripted copies (GDP, trade) are taken as they are from 2000 on. Copied points are checked against each other and for
jumps; what was found is said in `note`, and no value is changed, filled or made up.
"""

from __future__ import annotations

import csv
import re
import sys
from itertools import pairwise
from pathlib import Path

TARGET = Path(__file__).parents[1] / "python" / "gvckit" / "study" / "us_china.csv"
FIRST = 2000
COLUMNS = ["series", "period", "value", "unit", "source", "note"]
#: Notes on points that the checks below single out, or that need a reader's eye.
NOTES = {
    ("tariff_applied_wmean_USA", "2019"): "doubtful: 8.7 times 2018; 12 to 21 per cent on goods from "
    "China, about a fifth of imports, explain 3 to 4 points of the 12",
    ("CHN_FDI_inflow_total", "2010"): "0.43 of the balance-of-payments series of that year: another concept (utilised)",
    ("CHN_FDI_utilised_nonfinancial", "2015"): "the same text also gives 117 billion USD, a rate of 6.68 RMB per USD",
    ("US_FDI_flow_to_CHN_BEA_net", "2018"): "0.032 of the balance-of-payments inflow: numerator and denominator "
    "differ in concept",
}
#: A change beyond this factor from one year to the next is a jump that a note must explain.
JUMP = 2.5
#: Falls of inward FDI that the source itself shows.
KNOWN_JUMPS = {("CHN_FDI_net_inflow_BoP", "2023"), ("CHN_FDI_net_inflow_BoP", "2024")}


def rows_of(path: Path) -> list[dict[str, str]]:
    """Facts of a file in common columns; dated points keep their date and lose the words beside it."""
    with path.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    out = []
    for row in found:
        given = row.get("year") or row["date"]
        period = re.match(r"\d{4}(-\d{2}(-\d{2})?)?", given).group()
        if int(period[:4]) >= FIRST:
            note = NOTES.get((row["series"], period), "")
            words = given[len(period) :].strip(" ()")
            value = f"{float(row['value']):.12g}"
            note = "; ".join(filter(None, (words, note)))
            fact = (row["series"], period, value, row["unit"], row["source"], note)
            out.append(dict(zip(COLUMNS, fact, strict=True)))
    return out


def jumps(rows: list[dict[str, str]]) -> list[str]:
    """Neighbouring years that differ by more than the factor and have no note."""
    found = []
    for before, after in pairwise(rows):
        yearly = before["series"] == after["series"] and len(before["period"]) == len(after["period"]) == 4
        key = (after["series"], after["period"])
        if yearly and key not in KNOWN_JUMPS and not after["note"]:
            factor = float(after["value"]) / float(before["value"])
            if not 1 / JUMP < factor < JUMP:
                found.append(f"{key}: {factor:.2f} times {before['period']}")
    return found


def disagreements(rows: list[dict[str, str]]) -> list[str]:
    """Years in which Census and Comtrade differ by more than 7% for the same flow."""
    value = {(row["series"], row["period"]): float(row["value"]) for row in rows}
    pairs = {
        "US_goods_imports_from_CHN": "US_comtrade_import_CHN",
        "US_goods_exports_to_CHN": "US_comtrade_export_CHN",
    }
    return [
        f"{series} {period}: {one / value[pairs[series], period]:.3f} of Comtrade's"
        for (series, period), one in value.items()
        if series in pairs and (pairs[series], period) in value
        if abs(one / value[pairs[series], period] - 1) > 0.07
    ]


def main() -> int:
    rows = [row for path in sorted(Path(sys.argv[1]).glob("*.csv")) for row in rows_of(path)]
    found = jumps(rows) + disagreements(rows)
    if found:
        print("not explained:", *found, sep="\n", file=sys.stderr)
        return 1
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} facts, {TARGET.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
