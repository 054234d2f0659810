"""Write the trade elasticities of Caliendo and Parro (2015) by sector group of the embedded tables.

    python scripts/make_elasticities.py PATH_TO/nafta_1993_no_deficits.npz

The file holds their 40 sectors with theta. Groups are of ISIC rev. 3 divisions; where one holds several of their
sectors, it gets the plain mean. The file gives all services one number, and two kinds of goods the same: groups of
these alone are not `estimated`.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

#: Sectors of the paper, in the file's order, that make up each group. WIOD: the sample's 14 groups; ICIO: its 11.
GROUPS = {
    "wiod": {
        "Agriculture": ["Agriculture"],
        "Mining": ["Mining"],
        "Food, textiles, wood and paper": ["Food", "Textile", "Wood", "Paper"],
        "Refined petroleum": ["Petroleum"],
        "Chemicals, rubber and plastics": ["Chemicals", "Plastic"],
        "Minerals and metals": ["Minerals", "Basic metals", "Metal products"],
        "Machinery": ["Machinery n.e.c"],
        "Electrical and optical equipment": ["Office", "Electrical", "Communication", "Medical"],
        "Transport equipment": ["Auto", "Other Transport"],
        "Other manufacturing": ["Other"],
        "Utilities and construction": ["Electricity", "Construction"],
        "Trade, transport and hospitality": [
            "Retail", "Hotels", "Land Transport", "Water Transport", "Air Transport", "Aux Transport",
        ],
        "Business services": [
            "Post", "Finance", "Real State", "Renting Mach", "Computer", "R&D", "Other Business",
        ],
        "Public and personal services": ["Public", "Education", "Health", "Other services", "Private"],
    },
    "icio": {
        "Agriculture, mining, food": ["Agriculture", "Mining", "Food"],
        "Other manufacturing": [
            "Textile", "Wood", "Paper", "Petroleum", "Chemicals", "Plastic", "Minerals", "Basic metals",
            "Metal products", "Machinery n.e.c", "Office", "Electrical", "Communication", "Medical", "Auto",
            "Other Transport", "Other",
        ],
        "Utilities": ["Electricity"],
        "Construction": ["Construction"],
        "Trade": ["Retail"],
        "Transport": ["Land Transport", "Water Transport", "Air Transport", "Aux Transport"],
        "Hospitality, information": ["Hotels", "Post", "Computer"],
        "Finance, real estate": ["Finance", "Real State"],
        "Business services, government": ["Renting Mach", "R&D", "Other Business", "Public"],
        "Education, health": ["Education", "Health"],
        "Other services": ["Other services", "Private"],
    },
}  # fmt: skip
HEAD = """\
# Trade elasticities theta of Caliendo and Parro (2015), Review of Economic Studies 82(1): 1-44, as the R package cp2015
# (MIT) has them, by sector group of the embedded tables: plain means where a group holds several of their sectors.
# estimated: no where all of them have the one number that stands there for all services: no estimate for that sector.
# Written by scripts/make_elasticities.py.
"""
TARGET = Path(__file__).parents[1] / "python" / "gvckit" / "models" / "elasticities.csv"


def main(path: str) -> None:
    data = np.load(path)
    theta = dict(zip(data["sectors"].tolist(), data["theta"].tolist(), strict=True))
    services = data["sectors"].tolist()[data["sectors"].tolist().index("Electricity") :]
    (filled,) = {theta[name] for name in services}
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        file.write(HEAD)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "sector", "theta", "estimated", "sectors of the paper"])
        for table, groups in GROUPS.items():
            members = [name for names in groups.values() for name in names]
            assert sorted(members) == sorted(theta), set(theta) ^ set(members)
            for group, names in groups.items():
                own = any(theta[name] != filled for name in names)
                mean = np.mean([theta[name] for name in names])
                writer.writerow([table, group, f"{mean:.6g}", "yes" if own else "no", ";".join(names)])


if __name__ == "__main__":
    main(sys.argv[1])
