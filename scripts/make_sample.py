"""Write the embedded table: WIOD 2013 summed to 14 sector groups, 1995-2011.

    python scripts/make_sample.py ../shared/data/wiod2013

Flows of the 2013 release are whole numbers (million USD) in the source used, so the sums are too. Each year's Z and Y
stand side by side as int32, byte planes apart, one member of a zip a year.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

import numpy as np

GROUPS = {
    "Agriculture": range(1, 2),
    "Mining": range(2, 3),
    "Food, textiles, wood and paper": range(3, 8),
    "Refined petroleum": range(8, 9),
    "Chemicals, rubber and plastics": range(9, 11),
    "Minerals and metals": range(11, 13),
    "Machinery": range(13, 14),
    "Electrical and optical equipment": range(14, 15),
    "Transport equipment": range(15, 16),
    "Other manufacturing": range(16, 17),
    "Utilities and construction": range(17, 19),
    "Trade, transport and hospitality": range(19, 27),
    "Business services": range(27, 31),
    "Public and personal services": range(31, 36),
}
CATEGORIES = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT"]
RENAMED = {"ROM": "ROU", "RoW": "ROW"}
TARGET = Path(__file__).parents[1] / "python" / "gvckit" / "readers" / "sample.zip"


def summed(path: Path) -> tuple[np.ndarray, list[str]]:
    data = np.load(path)
    regions = [RENAMED.get(r, r) for r in data["regions"].tolist()]
    assert data["sectors"].tolist() == [f"c{i}" for i in range(1, 36)], path
    group = np.zeros(35, dtype=int)
    for k, members in enumerate(GROUPS.values()):
        group[[i - 1 for i in members]] = k
    g, k = len(regions), len(GROUPS)
    rows = (np.arange(g)[:, None] * k + group).ravel()
    s = np.zeros((g * k, g * 35))
    s[rows, np.arange(g * 35)] = 1.0
    z, y = s @ data["Z"].astype(float) @ s.T, s @ data["Y"].astype(float)
    both = np.hstack([z, y])
    whole = np.rint(both).astype(np.int32)
    assert np.array_equal(whole, both), path
    assert both.sum() == float(data["Z"].sum()) + float(data["Y"].sum()), path
    return whole, regions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    years, tables, order = [], [], None
    for path in sorted(folder.glob("wiot_*.npz")):
        table, regions = summed(path)
        assert order in (None, regions), path
        order = regions
        years.append(int(path.stem[-4:]))
        tables.append(table)
    header = {"years": years, "regions": order, "sectors": list(GROUPS), "categories": CATEGORIES}
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_LZMA) as archive:
        write(archive, "header.json", json.dumps(header).encode())
        for year, table in zip(years, tables, strict=True):
            # Bytes of equal weight side by side: half the size.
            planes = np.ascontiguousarray(table.astype("<i4").reshape(-1, 1).view(np.uint8).T)
            write(archive, f"{year}.planes", planes.tobytes())
    print(f"{TARGET.name}: {len(years)} years, {TARGET.stat().st_size:,} bytes")


def write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """With a fixed date, so that the same input gives the same file."""
    info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_LZMA
    archive.writestr(info, data)


if __name__ == "__main__":
    main()
