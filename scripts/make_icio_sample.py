"""Write the second embedded table: OECD ICIO 2023, the year 2020, 77 economies x 11 sector groups.

    python scripts/make_icio_sample.py ../shared/data/icio2023/icio2020_77x11.npz

Single precision and nothing rounded beyond it: whole millions would move small cells by more than their last digit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[1] / "python" / "gvckit" / "readers" / "icio2020.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    with np.load(parser.parse_args().table) as data:
        kept = {name: data[name] for name in ("Z", "Y", "value_added", "net_taxes")}
        labels = {name: data[name] for name in ("regions", "sectors", "isic", "final_demand")}
        assert int(data["year"]) == 2020
    single = {name: values.astype(np.float32) for name, values in kept.items()}
    for name, values in kept.items():
        assert np.allclose(single[name], values, rtol=1e-7, atol=0), name
    rows = kept["Z"].sum(axis=1) + kept["Y"].sum(axis=1)
    columns = kept["Z"].sum(axis=0) + kept["value_added"] + kept["net_taxes"]
    assert np.allclose(rows, columns, rtol=1e-8), "rows and columns differ"
    np.savez_compressed(TARGET, **single, **labels)
    print(f"{TARGET.name}: {len(labels['regions'])} x {len(labels['sectors'])}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
