"""Make the outlines of countries that `gvckit.plot.choropleth` draws, from Natural Earth's 1:110m countries.

    pip download "geopandas==0.14.4" --no-deps
    python scripts/make_outlines.py geopandas-0.14.4-py3-none-any.whl

Natural Earth is in the public domain; geopandas 0.14 was the last to pack its countries (naturalearth_lowres). What is
written is projected (Equal Earth; Savric, Patterson and Jenny 2019), in thousandths, so that the package needs no
projection of its own.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "python" / "gvckit" / "plot" / "outlines.json"
FOLDER = "geopandas/datasets/naturalearth_lowres/naturalearth_lowres"
#: Economies without a code in the file.
CODES = {"Kosovo": "XKX"}
#: No economy, and a third of the map.
LEFT_OUT = {"ATA"}
_A = (1.340264, -0.081106, 0.000893, 0.003796)


def names(dbf: bytes) -> list[dict[str, str]]:
    """Rows of a dBASE table."""
    count, header, length = struct.unpack("<IHH", dbf[4:12])
    fields = []
    for at in range(32, header - 1, 32):
        fields.append((dbf[at : at + 11].split(b"\0")[0].decode(), dbf[at + 16]))
    rows = []
    for number in range(count):
        at, row = header + number * length + 1, {}
        for name, width in fields:
            row[name] = dbf[at : at + width].decode("latin-1").strip()
            at += width
        rows.append(row)
    return rows


def polygons(shp: bytes) -> list[list[list[tuple[float, float]]]]:
    """Rings of each record of a shapefile of polygons."""
    at, found = 100, []
    while at < len(shp):
        (words,) = struct.unpack(">I", shp[at + 4 : at + 8])
        body = shp[at + 8 : at + 8 + 2 * words]
        (kind,) = struct.unpack("<I", body[:4])
        if kind != 5:
            raise SystemExit(f"record {len(found)} is of type {kind}, a polygon (5) was expected")
        parts, points = struct.unpack("<II", body[36:44])
        starts = [*struct.unpack(f"<{parts}I", body[44 : 44 + 4 * parts]), points]
        flat = struct.unpack(f"<{2 * points}d", body[44 + 4 * parts : 44 + 4 * parts + 16 * points])
        spots = list(zip(flat[::2], flat[1::2], strict=True))
        found.append([spots[a:b] for a, b in pairwise(starts)])
        at += 8 + 2 * words
    return found


def equal_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """Equal Earth projection on the unit sphere."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    a, b, c, d = _A
    t2, t6 = theta**2, theta**6
    x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(theta)
    x /= 3 * (9 * d * t2 * t6 + 7 * c * t6 + 3 * b * t2 + a)
    return x, theta * (a + b * t2 + t6 * (c + d * t2))


def flat(ring: list[tuple[float, float]]) -> list[int]:
    """A ring as x, y, x, y in thousandths, without points that fall together."""
    spots = [tuple(round(1000 * part) for part in equal_earth(*spot)) for spot in ring]
    kept = [spot for k, spot in enumerate(spots) if k == 0 or spot != spots[k - 1]]
    return [part for spot in kept for part in spot]


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        rows, shapes = names(wheel.read(f"{FOLDER}.dbf")), polygons(wheel.read(f"{FOLDER}.shp"))
    outlines = {}
    for row, rings in zip(rows, shapes, strict=True):
        code = row["iso_a3"] if row["iso_a3"] != "-99" else CODES[row["name"]]
        if code not in LEFT_OUT:
            outlines[code] = [ring for ring in map(flat, rings) if len(ring) >= 6]
    TARGET.write_text(json.dumps(dict(sorted(outlines.items())), separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(outlines)} countries, {TARGET.stat().st_size:,} bytes: {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
