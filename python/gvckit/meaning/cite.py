"""The papers behind each measure, as text and as BibTeX. A field that isn't known for certain is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gvckit.errors import OptionError
from gvckit.options import Style, check


@dataclass(frozen=True)
class Paper:
    """A paper, a book or a guide.

    Attributes
    ----------
    authors : str
        Surnames, as they are cited.
    year : int or None
    title : str
    journal, number, pages : str
        Journal with volume(issue) and pages.
    paper : str
        Series and number of a working paper.
    book : bool
    """

    authors: str
    year: int | None
    title: str = ""
    journal: str = ""
    number: str = ""
    pages: str = ""
    paper: str = ""
    book: bool = False

    @property
    def place(self) -> str:
        """Where it appeared."""
        journal = " ".join(part for part in (self.journal, self.number) if part)
        return self.paper or (f"{journal}: {self.pages}" if self.pages else journal)

    @property
    def short(self) -> str:
        """Authors, year and place."""
        year = f" ({self.year})" if self.year else ""
        where = self.place or (self.title if self.book else "")
        return f"{self.authors}{year}" + (f", {where}" if where else "")

    @property
    def text(self) -> str:
        """Full line."""
        year = f" ({self.year})" if self.year else ""
        parts = [part for part in (f"{self.authors}{year}", self.title, self.place) if part]
        return " ".join(part if part.endswith("?") else f"{part}." for part in parts)

    def bibtex(self, key: str) -> str:
        """One entry."""
        kind = "book" if self.book else "article" if self.journal else "techreport" if self.paper else "misc"
        volume, _, issue = self.number.rstrip(")").partition("(")
        fields = {
            "author": _bib_authors(self.authors),
            "title": self.title and f"{{{self.title}}}",
            "year": str(self.year or ""),
            "journal": self.journal,
            "volume": volume,
            "number": issue,
            "pages": self.pages.replace("-", "--"),
            "note" if self.journal else "type": self.paper,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _bib_authors(authors: str) -> str:
    if authors.endswith(" et al."):
        return authors.removesuffix(" et al.") + " and others"
    # A body is one name.
    return f"{{{authors}}}" if authors.startswith("OECD") else authors.replace(", ", " and ")


_ESR, _AER, _NBER = "Economic Systems Research", "American Economic Review", "NBER working paper"

PAPERS = {
    "antras2012": Paper("Antras, Chor, Fally and Hillberry", 2012, "Measuring the upstreamness of production and trade "
                        "flows", _AER, "102(3)", "412-416"),
    "antras2018": Paper("Antras and Chor", 2018, "On the measurement of upstreamness and downstreamness in global "
                        "value chains"),
    "armington1969": Paper("Armington", 1969, "A theory of demand for products distinguished by place of production",
                           "IMF Staff Papers"),
    "balassa1965": Paper("Balassa", 1965, "Trade liberalisation and 'revealed' comparative advantage",
                         "The Manchester School"),
    "baldwin2022": Paper("Baldwin, Freeman and Theodorakopoulos", 2022, "Horses for courses: measuring foreign supply "
                         "chain exposure", paper=f"{_NBER} 30525"),
    "barbieri1996": Paper("Barbieri", 1996, "Economic interdependence: a path to peace or a source of interstate "
                          "conflict?", "Journal of Peace Research", "33(1)", "29-49"),
    "borin2019": Paper("Borin and Mancini", 2019, "Measuring what matters in global value chains and value-added trade",
                       paper="World Bank working paper 8804"),
    "borin2023": Paper("Borin and Mancini", 2023, "", _ESR),
    "borin2025": Paper("Borin, Mancini and Taglioni", 2025, "", "World Bank Economic Review"),
    "cronbach1951": Paper("Cronbach", 1951, "Coefficient alpha and the internal structure of tests", "Psychometrika"),
    "dietzenbacher1998": Paper("Dietzenbacher and Los", 1998, "Structural decomposition techniques: sense and "
                               "sensitivity", _ESR, "10(4)", "307-323"),
    "dietzenbacher2005": Paper("Dietzenbacher, Romero and Bosma", 2005, "Using average propagation lengths to identify "
                               "production chains in the Andalusian economy"),
    "dietzenbacher2019": Paper("Dietzenbacher, van Burken and Kondo", 2019, "Hypothetical extractions from a global "
                               "perspective", _ESR, "31(4)", "505-519"),
    "ghosh1958": Paper("Ghosh", 1958, "Input-output approach in an allocation system", "Economica"),
    "grubel1975": Paper("Grubel and Lloyd", 1975, "Intra-Industry Trade", book=True),
    "hirschman1945": Paper("Hirschman", 1945, "National Power and the Structure of Foreign Trade", book=True),
    "hummels2001": Paper("Hummels, Ishii and Yi", 2001, "The nature and growth of vertical specialization in world "
                         "trade", "Journal of International Economics"),
    "johnson2012": Paper("Johnson and Noguera", 2012, "Accounting for intermediates: production sharing and trade in "
                         "value added", "Journal of International Economics"),
    "junius2003": Paper("Junius and Oosterhaven", 2003, "The solution of updating or regionalizing a matrix with both "
                        "positive and negative entries", _ESR, "15(1)", "87-96"),
    "kleinberg1999": Paper("Kleinberg", 1999, "Authoritative sources in a hyperlinked environment",
                           "Journal of the ACM"),
    "koopman2014": Paper("Koopman, Wang and Wei", 2014, "Tracing value-added and double counting in gross exports",
                         _AER, "104(2)", "459-494"),
    "lenzen2007": Paper("Lenzen, Wood and Gallego", 2007, "Some comments on the GRAS method", _ESR),
    "los2016": Paper("Los, Timmer and de Vries", 2016, "Tracing value-added and double counting in gross exports: "
                     "comment", _AER, "106(7)", "1958-1966"),
    "meng2020": Paper("Meng, Ye and Wei", 2020, "Measuring smile curves in global value chains",
                      "Oxford Bulletin of Economics and Statistics", "82(5)", "988-1016"),
    "miller2009": Paper("Miller and Blair", 2009, "Input-Output Analysis", book=True),
    "miroudot2021": Paper("Miroudot and Ye", 2021, "Decomposing value added in gross exports", _ESR, "33(1)", "67-87"),
    "oecd2008": Paper("OECD and JRC", 2008, "Handbook on Constructing Composite Indicators", book=True),
    "oecd_guide": Paper("OECD", None, "Guide to Trade in Value Added Indicators", book=True),
    "rasmussen1957": Paper("Rasmussen", 1957, "Studies in Inter-Sectoral Relations", book=True),
    "savric2019": Paper("Savric, Patterson and Jenny", 2019, "The Equal Earth map projection",
                        "International Journal of Geographical Information Science", "33(3)", "454-465"),
    "timmer2015": Paper("Timmer, Dietzenbacher, Los, Stehrer and de Vries", 2015, "An illustrated user guide to the "
                        "World Input-Output Database: the case of global automotive production",
                        "Review of International Economics", "23", "575-605"),
    "wang2013": Paper("Wang, Wei and Zhu", 2013, "Quantifying international production sharing at the bilateral and "
                      "sector levels", paper=f"{_NBER} 19677"),
    "wang2017a": Paper("Wang, Wei, Yu and Zhu", 2017, "Measures of participation in global value chains and global "
                       "business cycles", paper=f"{_NBER} 23222"),
    "wang2017b": Paper("Wang, Wei, Yu and Zhu", 2017, "Characterizing global value chains: production length and "
                       "upstreamness", paper=f"{_NBER} 23261"),
}  # fmt: skip

#: Papers by the name of a measure, a method of `decompose_exports`, or a figure (``plot.timeline``) of its own.
CITED: dict[str, tuple[str, ...]] = {
    "participation": ("wang2017a",),
    "flows": ("wang2017a",),
    "network": ("wang2017a",),
    "hubs": ("wang2017a", "kleinberg1999"),
    "regionalisation": ("wang2017a",),
    "compare": ("wang2017a",),
    "participation_rates": ("wang2017a", "hummels2001", "koopman2014", "borin2019"),
    "lengths": ("wang2017b",),
    "position": ("wang2017b",),
    "upstreamness": ("antras2012", "antras2018"),
    "downstreamness": ("antras2018",),
    "propagation_lengths": ("dietzenbacher2005",),
    "multipliers": ("miller2009",),
    "linkages": ("rasmussen1957", "miller2009"),
    "input_coefficients": ("miller2009",),
    "leontief_inverse": ("miller2009",),
    "local_inverse": ("miller2009",),
    "ghosh_inverse": ("ghosh1958", "miller2009"),
    "kww": ("koopman2014",),
    "wwz": ("wang2013",),
    "bm_source": ("borin2019", "borin2023"),
    "bm_sink": ("borin2019", "borin2023"),
    "my": ("miroudot2021",),
    "oecd": ("oecd_guide",),
    "tripartite": ("borin2025",),
    "decompose_exports": ("wang2013", "koopman2014", "borin2019", "borin2023", "miroudot2021"),
    "value_added_in_exports": ("koopman2014",),
    "reexports": ("wang2013",),
    "tiva": ("oecd_guide", "hummels2001", "johnson2012"),
    "revealed_advantage": ("balassa1965", "koopman2014"),
    "dependence": ("baldwin2022", "hirschman1945", "barbieri1996"),
    "dependence_matrix": ("baldwin2022", "hirschman1945", "barbieri1996"),
    "trade_indicators": ("grubel1975",),
    "extract": ("dietzenbacher2019", "los2016"),
    "extraction_matrix": ("dietzenbacher2019", "los2016"),
    "decouple": ("dietzenbacher2019",),
    "decompose_change": ("dietzenbacher1998",),
    "scenario_effect": ("armington1969",),
    "scenario": ("armington1969",),
    "balance": ("junius2003", "lenzen2007"),
    "table_bands": ("junius2003", "lenzen2007"),
    "perturb": ("junius2003", "lenzen2007"),
    "composite_index": ("oecd2008",),
    "cronbach_alpha": ("cronbach1951",),
    "grubel_lloyd": ("grubel1975",),
    "load_sample": ("timmer2015",),
    "plot.participation": ("wang2017a",),
    "plot.bands": ("wang2017a", "junius2003"),
    "plot.network": ("wang2017a",),
    "plot.networks": ("wang2017a",),
    "plot.network_matrix": ("wang2017a",),
    "plot.exports": ("wang2013", "koopman2014", "borin2019", "borin2023", "miroudot2021"),
    "plot.position": ("wang2017b",),
    "plot.fan": ("oecd2008",),
    "plot.pillars": ("oecd2008",),
    "plot.timeline": ("oecd2008",),
    "plot.asymmetry": ("oecd2008", "hirschman1945"),
    "plot.decoupling": ("dietzenbacher2019",),
    "plot.choropleth": ("savric2019",),
    "plot.ranks": ("wang2017a",),
    "plot.sankey": ("wang2017a",),
    "plot.smile": ("meng2020",),
}

#: Papers in one line, by the same names.
SOURCES = {name: "; ".join(PAPERS[key].short for key in keys) for name, keys in CITED.items()}


def cite(what: str | Callable[..., Any] | Any, style: Style = "text") -> str:
    """Name the papers behind a measure.

    Parameters
    ----------
    what : str, callable, or a result
        A measure (``"participation"``), a method of `decompose_exports` (``"wwz"``), the function itself
        (``gk.participation``, ``gk.plot.network``), or a result: a frame, or a network.
    style : {"text", "bibtex"}

    Returns
    -------
    str
        One line, or one entry, a paper; of a result also the source of its numbers (as text). What isn't known for
        certain, such as a page, is left out.

    Raises
    ------
    OptionError
        Nothing of that name, or a result that doesn't say what it is.
    """
    check("style", style, Style)
    attrs = getattr(what, "attrs", {})
    keys = CITED[_name(what, attrs)]
    if style == "bibtex":
        return "\n\n".join(PAPERS[key].bibtex(key) for key in keys)
    data = [f"Data: {attrs['source']}."] if attrs.get("source") else []
    return "\n".join([*(PAPERS[key].text for key in keys), *data])


def _name(what: Any, attrs: dict[str, Any]) -> str:
    """Name under which papers are kept."""
    if isinstance(what, str):
        names = [what]
    elif callable(what):
        of_plot = getattr(what, "__module__", "").startswith("gvckit.plot")
        names = [f"plot.{what.__name__}" if of_plot else getattr(what, "__name__", "")]
    else:
        names = [str(attrs.get("method")), str(attrs.get("measure"))]
    for name in names:
        if name in CITED:
            return name
    if not isinstance(what, str) and not callable(what) and "measure" not in attrs:
        raise OptionError(f"this {type(what).__name__} doesn't say what it is: give the name of the measure")
    raise OptionError.of("name", names[-1], CITED)
