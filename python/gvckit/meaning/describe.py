"""What every column of every result means, in one line, with its source."""

from __future__ import annotations

import pandas as pd

from gvckit.errors import OptionError
from gvckit.meaning.cite import SOURCES

_D, _F, _DC, _FC = "domestic", "foreign", "domestic, double counted", "foreign, double counted"

_BORIN = {
    "DC": (_D, "domestic content: DVA + DDC"),
    "DVA": (_D, "domestic value added, counted once"),
    "VAX": (_D, "domestic value added absorbed abroad: DVA - REF"),
    "REF": (_D, "reflection: domestic value added that returns and is absorbed at home"),
    "DDC": (_DC, "domestic value added that crosses the country's border again"),
    "FC": (_F, "foreign content: FVA + FDC"),
    "FVA": (_F, "foreign value added, counted once"),
    "FDC": (_FC, "foreign value added that crosses the country's border again"),
    "exports": ("total", "gross exports: DVA + DDC + FVA + FDC"),
}
_TOTAL = {"exports": ("total", "gross exports: the sum of all terms")}

_COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "participation": {
        "domestic": ("share of total", "value added that never crosses a border"),
        "traditional": ("share of total", "crosses a border once, in a final good"),
        "simple": ("share of total", "crosses a border once, for production, and is absorbed there"),
        "complex": ("share of total", "crosses borders at least twice"),
        "returned": (
            "part of complex",
            "comes back home (forward: to be absorbed; backward: to be used in final goods)",
        ),
        "third": ("part of complex", "complex less returned"),
        "gvc": ("sum", "simple + complex"),
        "total": ("total", "forward: value added; backward: final goods output"),
    },
    "lengths": {
        "total": ("stages", "PLv or PLy: all chains"),
        "domestic": ("stages", "PL_D: chains that never leave"),
        "traditional": ("stages", "PL_RT: chains that end in exported final goods"),
        "gvc": ("stages", "PL_GVC: the three parts below"),
        "gvc_domestic": ("stages", "PLd_GVC: at home, before the first border"),
        "gvc_crossings": ("stages", "CB_GVC: borders crossed for production"),
        "gvc_foreign": ("stages", "PLf_GVC: inside other countries"),
        "simple": ("stages", "PL_GVC_S: chains that cross one border for production"),
        "simple_domestic": ("stages", "of simple: at home, before the border"),
        "simple_crossings": ("stages", "of simple: always 1"),
        "simple_foreign": ("stages", "of simple: inside the importer"),
        "complex": ("stages", "PL_GVC_C: chains that cross borders more than once"),
        "complex_domestic": ("stages", "of complex: at home, before the first border"),
        "complex_crossings": ("stages", "of complex: borders crossed for production"),
        "complex_foreign": ("stages", "of complex: inside other countries"),
    },
    "position": {
        "forward": ("stages", "PLv_GVC"),
        "backward": ("stages", "PLy_GVC"),
        "position": ("ratio", "forward / backward: above 1 is upstream"),
    },
    "kww": {
        "DVA_FIN": (_D, "domestic value added in final goods exports"),
        "DVA_INT": (_D, "in intermediates that the importer absorbs"),
        "DVA_INTrex": (_D, "in intermediates that the importer sends on to third countries"),
        "RDV_FIN": (_D, "returned home in final goods"),
        "RDV_INT": (_D, "returned home in intermediates"),
        "DDC": (_DC, "double counted intermediates made at home"),
        "FVA_FIN": (_F, "foreign value added in final goods exports"),
        "FVA_INT": (_F, "foreign value added in intermediates exports"),
        "FDC": (_FC, "double counted intermediates made abroad"),
        **_TOTAL,
    },
    "wwz": {
        "DVA_FIN": (_D, "in final goods exports"),
        "DVA_INT": (_D, "in intermediates that the importer makes its own final goods of"),
        "DVA_INTrexI1": (_D, "re-exported by the importer in intermediates, for third countries' own final goods"),
        "DVA_INTrexF": (_D, "re-exported by the importer in final goods to third countries"),
        "DVA_INTrexI2": (_D, "re-exported in intermediates, for third countries' final goods exports to others"),
        "RDV_INT": (_D, "returned home in intermediates"),
        "RDV_FIN": (_D, "returned home in the importer's final goods"),
        "RDV_FIN2": (_D, "returned home in third countries' final goods"),
        "OVA_FIN": (_F, "value added of third countries in final goods exports"),
        "MVA_FIN": (_F, "value added of the importer in final goods exports"),
        "OVA_INT": (_F, "value added of third countries in intermediates exports"),
        "MVA_INT": (_F, "value added of the importer in intermediates exports"),
        "DDC_FIN": (_DC, "double counted, due to final goods exports"),
        "DDC_INT": (_DC, "double counted, due to intermediates exports"),
        "ODC": (_FC, "value added of third countries, double counted"),
        "MDC": (_FC, "value added of the importer, double counted"),
        **_TOTAL,
    },
    "bm_source": {
        **_BORIN,
        "DAVAX": (_D, "directly absorbed by the importer: crosses one border only"),
        "GVC": ("sum", "GVC-related trade: exports - DAVAX = GVCB + GVCF"),
        "GVCB": ("sum", "backward participation: FC + DDC"),
        "GVCF": (_D, "forward participation: DVA - DAVAX"),
    },
    "bm_sink": {**_BORIN, "VAXIM": (_D, "domestic value added absorbed by the direct importer")},
    "my": dict(_BORIN),
    "oecd": {
        **_BORIN,
        "GVCB": (_F, "backward participation: FC"),
        "GVCF": ("not in exports", "forward participation: domestic value added in other countries' exports"),
        "GVC": ("sum", "GVCB + GVCF; not a part of exports"),
    },
    "tripartite": {
        "DAVAX": (_D, "directly absorbed by the importer: crosses one border only"),
        "GVC": ("sum", "GVC_PF + GVC_TS + GVC_PB"),
        "GVC_PF": (_D, "pure forward: domestic value added that the importer re-exports"),
        "GVC_TS": ("mixed", "two-sided: imported or returned content that the importer re-exports"),
        "GVC_PB": ("mixed", "pure backward: imported or returned content that the importer absorbs"),
        "exports": ("total", "gross exports: DAVAX + GVC"),
    },
    "dependence": {
        "supply_share_face": ("share of final demand", "final goods bought directly from the other side"),
        "supply_share": ("share of final demand", "value added of the other side in own final demand"),
        "supply_share_hidden": ("difference", "supply_share less its face value"),
        "demand_share": ("share of value added", "own value added (GDP) that the other side absorbs"),
        "input_reliance_face": ("share of inputs", "direct inputs (Z) that come from the other side"),
        "input_reliance": (
            "share of inputs",
            "gross output that inputs need at all stages (B - I), made by the other side",
        ),
        "input_reliance_hidden": ("difference", "input_reliance less its face value"),
        "market_reliance_face": ("share of output", "output sold directly to the other side, intermediate and final"),
        "market_reliance": ("share of output", "output that ends in the other side's final demand (B Y)"),
        "market_reliance_hidden": ("difference", "market_reliance less its face value"),
        "trade_to_gdp": ("ratio", "exports to and imports from the other side, over own value added"),
        "trade_share": ("share of trade", "the other side in own exports and imports (Barbieri)"),
        "salience": ("index", "root of the product of both trade shares"),
        "symmetry": ("index", "1 less the difference of both trade shares"),
        "interdependence": ("index", "salience times symmetry"),
        "supplier_hhi_face": ("index", "sum of squared shares of foreign regions in direct foreign inputs"),
        "supplier_hhi": ("index", "the same of foreign inputs at all stages"),
        "market_hhi_face": ("index", "sum of squared shares of foreign regions in direct sales abroad"),
        "market_hhi": ("index", "the same of output that ends in foreign final demand"),
        "supply_asymmetry": ("difference", "own supply_share less the other side's"),
        "demand_asymmetry": ("difference", "own demand_share less the other side's"),
        "trade_asymmetry": ("difference", "own trade_to_gdp less the other side's"),
    },
    "extract": {
        "loss": ("level", "value added before less after the extraction"),
        "share": ("share of value added", "loss over value added before"),
    },
    "decouple": {
        "loss": ("level", "value added before less after the cut"),
        "share": ("share of value added", "loss over the region's value added before"),
        "trade_cut": ("level", "sales that are cut in this step, the same in all rows of the step"),
        "per_dollar": ("ratio", "loss over trade_cut"),
    },
    "multipliers": {
        "output": ("per unit of final goods", "output of all sectors of the world"),
        "domestic_output": ("per unit of final goods", "output within the country, without feedback through others"),
        "value_added": ("per unit of final goods", "value added of the world; 1 where it is x - 1'Z"),
        "domestic_value_added": ("per unit of final goods", "value added of the country itself"),
        "foreign_value_added": ("per unit of final goods", "value added of all others"),
    },
    "linkages": {
        "backward": ("relative to the mean", "column sum of the Leontief inverse"),
        "forward": ("relative to the mean", "row sum of the Ghosh inverse"),
        "key": ("1 or 0", "both above 1"),
    },
    "tiva": {
        "exports": ("level", "gross exports, intermediate and final"),
        "imports": ("level", "gross imports, intermediate and final"),
        "domestic_content": ("level", "domestic value added in exports, double counting included"),
        "foreign_content": ("level", "VS: foreign value added in exports (vertical specialisation)"),
        "indirect": ("level", "VS1: domestic value added in other countries' exports"),
        "returned": ("level", "VS1*: domestic value added in other countries' exports to the country itself"),
        "value_added_exports": ("level", "VAX: domestic value added absorbed abroad"),
        "value_added_imports": ("level", "foreign value added absorbed at home"),
        "domestic_share": ("share of exports", "domestic content / exports"),
        "foreign_share": ("share of exports", "VS / exports"),
        "indirect_share": ("share of exports", "VS1 / exports"),
        "vax_ratio": ("ratio", "VAX / exports (Johnson and Noguera 2012)"),
        "imported_inputs": ("level", "imported intermediates that exports need, at home directly and indirectly"),
        "imported_input_share": ("share of exports", "imported intermediates / exports (Hummels, Ishii and Yi 2001)"),
        "reexported_inputs_share": ("share of imports of intermediates", "imported intermediates that go into exports"),
    },
}

#: Frames whose columns are labels: what a cell is.
_CELL = "(cell)"
_COLUMNS |= {
    "flows": {
        "traditional": ("level", "kind=: value added of the row in final goods that the partner buys from it"),
        "simple": ("level", "crosses a border once, for production: absorbed in the direct importer, the partner"),
        "complex": ("level", "crosses borders at least twice; by direct importer, or by absorber (partner=)"),
        "gvc": ("sum", "simple + complex"),
        "total": ("level", "value added of the row that the partner absorbs in the end; on the diagonal, at home"),
    },
    "network": {
        "group": ("label", "regional group"),
        "exports": ("level", "value added sent to all partners, before any threshold"),
        "imports": ("level", "value added received from all partners, before any threshold"),
        "out_strength": ("level", "value of the edges that leave"),
        "in_strength": ("level", "value of the edges that arrive"),
        "out_degree": ("count", "edges that leave"),
        "in_degree": ("count", "edges that arrive"),
        "source": ("label", "edges: where the value added comes from"),
        "target": ("label", "edges: where it goes"),
        "value": ("level", "edges: value added"),
        "source_share": ("share of exports", "edges: value over the source's exports"),
        "target_share": ("share of imports", "edges: value over the target's imports"),
        "largest_supplier": ("1 or 0", "edges: the source is the target's largest"),
        "largest_buyer": ("1 or 0", "edges: the target is the source's largest"),
        "community": ("label", "communities: 0 is the one with the largest exports"),
    },
    "hubs": {
        "group": ("label", "regional group"),
        "supplier_of": ("count", "partners whose largest source it is"),
        "buyer_of": ("count", "sources whose largest destination it is"),
        "out_strength": ("level", "value of the edges that leave"),
        "in_strength": ("level", "value of the edges that arrive"),
        "supply_pagerank": ("share", "PageRank on reversed edges: central if central buyers buy from it"),
        "demand_pagerank": ("share", "PageRank: central if central suppliers sell to it"),
        "hub": ("share", "HITS score as a source"),
        "authority": ("share", "HITS score as a target"),
        "eigenvector": ("index", "eigenvector centrality, edges in either direction"),
        "betweenness": ("share", "shortest paths through it; the length of an edge is 1 / value"),
        "supply_rank": ("rank", "by supplier_of, then out_strength"),
        "demand_rank": ("rank", "by buyer_of, then in_strength"),
    },
    "regionalisation": {
        "within": ("level", "value added that goes to partners in the same group"),
        "between": ("level", "value added that goes to other groups"),
        "within_share": ("share of flows", "within over all flows of the group"),
        "between_share": ("share of flows", "between over all flows of the group"),
        "to GROUP": ("share of flows", "what goes to that group"),
    },
    "participation_rates": {
        "forward": ("share of value added", "value added in simple and complex chains"),
        "backward": ("share of final goods", "final goods' content from simple and complex chains"),
        "backward (VS)": ("share of exports", "foreign content of exports"),
        "forward (VS1)": ("share of exports", "domestic value added in others' exports, over own exports"),
        "GVC (BM)": ("share of exports", "exports that cross more than one border"),
        "backward (BM)": ("share of exports", "its backward part: FC + DDC"),
        "forward (BM)": ("share of exports", "its forward part: DVA - DAVAX"),
    },
    "upstreamness": {"upstreamness": ("stages", "average distance of a sector's output from final use, at least 1")},
    "downstreamness": {"downstreamness": ("stages", "average distance of a sector from primary inputs, at least 1")},
    "propagation_lengths": {_CELL: ("stages", "average propagation length from the row to the column")},
    "input_coefficients": {_CELL: ("ratio", "input from the row per unit of output of the column")},
    "leontief_inverse": {_CELL: ("ratio", "output of the row per unit of final demand for the column")},
    "local_inverse": {_CELL: ("ratio", "the same within the row's own region, without feedback through others")},
    "ghosh_inverse": {_CELL: ("ratio", "output of the column per unit of primary inputs of the row")},
    "value_added_in_exports": {_CELL: ("level", "value added of the row in the gross exports of the partner")},
    "gross_trade": {_CELL: ("level", "gross exports of the row to the partner, intermediate and final")},
    "dependence_matrix": {_CELL: ("share", "the measure of `dependence` for the row on the partner")},
    "reexports": {
        "DVA_INTrexI1": (_D, "in the importer's intermediates, for the third country's own final goods"),
        "DVA_INTrexF": (_D, "in final goods that the third country buys from the importer"),
        "DVA_INTrexI2": (_D, "in the importer's intermediates, for the third country's final goods exports"),
    },
    "revealed_advantage": {
        "gross": ("ratio", "share of the sector in gross exports, over its share in the world's"),
        "value_added": ("ratio", "the same of value added absorbed abroad, whatever sector exports it"),
    },
    "trade_indicators": {
        "trade_to_gdp_a": ("ratio", "exports to and imports from b, over value added of a"),
        "trade_to_gdp_b": ("ratio", "exports to and imports from a, over value added of b"),
        "NAME": ("index", "a name in sectors=: Grubel-Lloyd index of the pair's trade in them"),
    },
    "extraction_matrix": {
        "loss_region": ("level", "value added that the seller loses when its sales to the buyer are cut"),
        "loss_partner": ("level", "value added that the buyer loses"),
        "loss_world": ("level", "value added that the world loses"),
        "share_region": ("share of value added", "loss_region over the seller's value added"),
        "share_partner": ("share of value added", "loss_partner over the buyer's value added"),
    },
    "grubel_lloyd": {_CELL: ("index", "0 one-way trade, 1 balanced")},
}


def describe(name: str) -> pd.DataFrame:
    """Say what the columns of a result mean.

    Parameters
    ----------
    name : str
        A measure that gives a frame (``participation``, ``network``, ``tiva`` ...) or a method of `decompose_exports`
        (``kww``, ``wwz``, ``bm_source``, ``bm_sink``, ``my``, ``oecd``, ``tripartite``). Where columns are labels, the
        one line is of a cell, ``(cell)``, and of `flows` there is a line for each kind.

    Returns
    -------
    DataFrame
        Indexed by column: `content` (domestic, foreign, double counted, or the kind of number) and `meaning`.
        ``attrs["source"]`` is the paper; `cite` has it in full.

    Raises
    ------
    OptionError
        Nothing of that name.
    """
    if name not in _COLUMNS:
        raise OptionError.of("name", name, _COLUMNS)
    frame = pd.DataFrame.from_dict(_COLUMNS[name], orient="index", columns=["content", "meaning"])
    frame.index.name = "column"
    frame.attrs["source"] = SOURCES.get(name, "definition of trade statistics")
    return frame
