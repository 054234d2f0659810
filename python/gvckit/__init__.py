"""Global value chain measures over multi-regional input-output tables, with a Rust core.

>>> import gvckit as gk
>>> t = gk.load_sample(2005)
>>> gk.participation(t, level="region", shares=True)  # doctest: +SKIP
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32" or not (Path(__file__).parents[1] / "scipy_openblas32").is_dir():
    # The core finds OpenBLAS beside the installed package. Of an editable install it lies elsewhere, and its own
    # package loads it; Windows wants the folder.
    import scipy_openblas32

    if sys.platform == "win32":
        os.add_dll_directory(scipy_openblas32.get_lib_dir())

# One number of threads for both: OpenBLAS reads this variable itself, the passes over tables read the other one.
if (_threads := os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()).isdigit():
    os.environ.setdefault("RAYON_NUM_THREADS", _threads)

from gvckit import core, errors
from gvckit._core import __version__
from gvckit.errors import (
    BalanceError,
    DownloadError,
    EquilibriumError,
    GvcError,
    GvcWarning,
    IndicatorError,
    LabelError,
    MissingDependencyError,
    NonFiniteError,
    NotProductiveError,
    OptionError,
    PanelError,
    ReadError,
    ShapeError,
    SingularError,
    TableError,
    TooLargeError,
    WriteError,
)
from gvckit.index.composite import CompositeIndex, composite_index, cronbach_alpha
from gvckit.index.scheme import Scheme
from gvckit.index.uncertainty import Uncertainty
from gvckit.many.draws import CellError, TableBands, perturb, table_bands
from gvckit.many.panel import panel
from gvckit.many.shocks import counterfactuals, welfare_bands, welfare_path
from gvckit.many.structural import decompose_change
from gvckit.meaning.cite import cite
from gvckit.meaning.describe import describe
from gvckit.measures.chain import smile_curve
from gvckit.measures.dependence import chokepoints, dependence, dependence_matrix
from gvckit.measures.exports import decompose_exports, reexports
from gvckit.measures.flows import flows
from gvckit.measures.indicators import indicators
from gvckit.measures.lengths import downstreamness, lengths, position, propagation_lengths, upstreamness
from gvckit.measures.leontief import ghosh_inverse, input_coefficients, leontief_inverse, local_inverse
from gvckit.measures.multipliers import linkages, multipliers
from gvckit.measures.network import TradeNetwork, compare, hubs, network, regionalisation
from gvckit.measures.origin import value_added_in_exports
from gvckit.measures.participation import participation
from gvckit.measures.tiva import participation_rates, tiva
from gvckit.measures.trace import trace
from gvckit.measures.trade import gross_trade, grubel_lloyd, revealed_advantage, trade_indicators
from gvckit.models.costs import costs_between
from gvckit.models.counterfactual import counterfactual
from gvckit.models.elasticity import trade_elasticities
from gvckit.models.extraction import decouple, extract, extraction_matrix
from gvckit.models.outcome import Counterfactual
from gvckit.models.price import PriceEffect, price_effect
from gvckit.models.scenario import scenario_effect
from gvckit.mrio import Mrio
from gvckit.readers import (
    download,
    load_sample,
    read,
    read_accounts,
    read_adb,
    read_eora26,
    read_exiobase3,
    read_figaro,
    read_icio,
    read_table,
    read_wiod,
    read_years,
    sample_years,
)
from gvckit.table.groups import region_groups, region_mapping, sector_mapping, sum_sectors, technology_groups

if TYPE_CHECKING:
    from types import ModuleType

    from gvckit import plot
    from gvckit.study import china_us as schemes

#: Modules that are imported when they are first asked for, so that `import gvckit` stays quick.
_LATER = {"plot": "gvckit.plot", "schemes": "gvckit.study.china_us"}

__all__ = [
    "BalanceError",
    "CellError",
    "CompositeIndex",
    "Counterfactual",
    "DownloadError",
    "EquilibriumError",
    "GvcError",
    "GvcWarning",
    "IndicatorError",
    "LabelError",
    "MissingDependencyError",
    "Mrio",
    "NonFiniteError",
    "NotProductiveError",
    "OptionError",
    "PanelError",
    "PriceEffect",
    "ReadError",
    "Scheme",
    "ShapeError",
    "SingularError",
    "TableBands",
    "TableError",
    "TooLargeError",
    "TradeNetwork",
    "Uncertainty",
    "WriteError",
    "__version__",
    "chokepoints",
    "cite",
    "compare",
    "composite_index",
    "core",
    "costs_between",
    "counterfactual",
    "counterfactuals",
    "cronbach_alpha",
    "decompose_change",
    "decompose_exports",
    "decouple",
    "dependence",
    "dependence_matrix",
    "describe",
    "download",
    "downstreamness",
    "errors",
    "extract",
    "extraction_matrix",
    "flows",
    "ghosh_inverse",
    "gross_trade",
    "grubel_lloyd",
    "hubs",
    "indicators",
    "input_coefficients",
    "lengths",
    "leontief_inverse",
    "linkages",
    "load_sample",
    "local_inverse",
    "multipliers",
    "network",
    "panel",
    "participation",
    "participation_rates",
    "perturb",
    "plot",
    "position",
    "price_effect",
    "propagation_lengths",
    "read",
    "read_accounts",
    "read_adb",
    "read_eora26",
    "read_exiobase3",
    "read_figaro",
    "read_icio",
    "read_table",
    "read_wiod",
    "read_years",
    "reexports",
    "region_groups",
    "region_mapping",
    "regionalisation",
    "revealed_advantage",
    "sample_years",
    "scenario_effect",
    "schemes",
    "sector_mapping",
    "smile_curve",
    "sum_sectors",
    "table_bands",
    "technology_groups",
    "tiva",
    "trace",
    "trade_elasticities",
    "trade_indicators",
    "upstreamness",
    "value_added_in_exports",
    "welfare_bands",
    "welfare_path",
]


def __getattr__(name: str) -> ModuleType:
    if name in _LATER:
        return import_module(_LATER[name])
    raise AttributeError(f"module 'gvckit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
