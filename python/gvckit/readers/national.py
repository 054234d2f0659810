"""National tables: one economy, with imports as rows and exports as a column. Recognised, to say what they are for."""

from __future__ import annotations

from gvckit.mrio import Mrio
from gvckit.readers import coded
from gvckit.readers.files import Files, Leaf
from gvckit.readers.layouts import register
from gvckit.readers.words import is_exports, is_imports

#: Fields of Eurostat's flat national tables, and of the R package iotables, which names them so.
_FIELDS = ({"ind_use", "ind_ava"}, {"prd_use", "prd_ava"}, {"ind_use", "prd_ava"}, {"iotables_row", "iotables_col"},
           {"induse", "indava"}, {"prod_use", "prod_ava"})  # fmt: skip


def is_national(leaf: Leaf) -> bool:
    """Whether a text or sheet is the table of one economy."""
    head = leaf.head
    fields = {text.casefold() for texts in list(head.by_row.values())[:3] for text in texts.values()}
    if any(wanted <= fields for wanted in _FIELDS):
        return True
    words = [text for texts in head.by_row.values() for text in texts.values()]
    if coded.is_coded(head) and not coded.has_regions(head):
        return True
    pairs = any("_" in word[3:4] for word in words)
    return (
        not pairs and any(map(is_exports, words)) and (any(map(is_imports, words)) or _more_columns(head.width, words))
    )


def _more_columns(width: int, words: list[str]) -> bool:
    """Whether final demand stands beside exports: no list of trade, but a table."""
    known = ("final consumption", "capital formation", "inventories", "hfce", "gfcf", "最终消费", "资本形成")
    return width > 4 and sum(any(word in text.casefold() for word in known) for text in words) > 1


def recognises(files: Files) -> bool:
    """Whether a file is a national table."""
    if len(files.parts) != 1:
        return False
    whole = [leaf for leaf in files.leaves if coded.is_coded(leaf.head) and coded.has_regions(leaf.head)]
    return not whole and any(map(is_national, files.leaves))


@register("national tables, to say what can be made of them", recognises)
def _read(files: Files, _year: int | None) -> Mrio:
    leaf = next(leaf for leaf in files.leaves if is_national(leaf))
    raise leaf.head.error(
        "is the table of one economy, with imports as rows and exports as a column, not of several regions. Its "
        "domestic block is a table of one region: gk.Mrio.from_arrays(Z, Y, ['DEU'], sectors, categories, va=va), "
        "Z the domestic flows alone, Y with exports as a category (without them output is too low), va = x - 1'Z less "
        "the imported inputs. Inverse, multipliers, upstreamness, lengths and value added in exports can be "
        "computed from it; who depends on whom (flows, participation by partner, export decompositions) needs a "
        "table of several regions"
    )
