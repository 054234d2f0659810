"""The numbers without labels: NumPy in, NumPy out.

Where a `Factor` is asked for, an `Iteration` will do, or the inverse B as an array (n, n).
Arrays hold numbers, in any order of memory; those of float64 aren't copied. n = G N rows,
row = region * N + sector, ``sectors`` is N.
Errors are those of `gvckit.errors`; ``row`` and ``col`` count from 0. The GIL is released in every function.

Value added per unit of output is ``value_added_per_output``, or ``weights`` (n,), any other factor. Where a sector buys
and has no output, B y differs from x: then ``made`` (n,) must be what ``output_made`` gives, and ``all`` v'B.

``table`` is the tuple (z (n, n), y (n, G), x (n,), va (n,), N): what `Mrio.arrays` holds.

==============================  =====================================================================
function                        shapes
==============================  =====================================================================
``table_totals(z, y, F)``       (n, n), (n, G F) -> x (n,) without rounding, inputs (n,), y by region (n, G)
``sectors_without_output``      table -> rows of those that buy, of those whose sales cancel out, of empty ones
``value_added_per_output``      table -> v (n,): without output 1 where sales cancel out, else 0
``per_output(values, x)``       (n,), (n,) -> (n,), 0 without output
``output_made``                 table, `Factor` -> B y (n,), None where it is x
``stop_all()``                  ends all calls that run, in whatever thread, with KeyboardInterrupt
``totals(what, m)``             (r, c) -> row sums (r,), column sums (c,); ``what`` names m in errors
``input_coefficients(z, x)``    (n, n), (n,) -> (n, n)
``leontief_inverse(a, x)``      (n, n) -> (n, n), and whether pivoting was needed; with x (n,) of flows z
``ghosh_inverse(z, x)``         (n, n), (n,) -> (n, n), and whether pivoting was needed
``local_inverse(z, x, N)``      (n, n), (n,) -> (G, N, N)
``local_solve(table, u)``       table, (n,) -> L u (n,); transposed=True: u'L
``factor(z, x)``                (n, n), (n,) -> `Factor` with ``solve`` and ``solve_transposed`` of (n, k)
``iteration(z, x, N)``          (n, n), (n,) -> `Iteration` that solves as `Factor` does, None if a flow is negative
``production_lengths``          table, `Factor`, forward, weights, made -> (n, 14), see ``length_columns()``
``upstream_output(f, x)``       `Factor`, (n,) -> B x (n,)
``downstreamness(f)``           `Factor` -> B'1 (n,)
``participation_forward``       table, weights, made -> (n, 4)
``participation_backward``      table, all (v'B where it isn't 1), weights -> (n, 4)
``participation_returned``      table, `Factor`, forward, weights -> (n,)
``participation_terms()``       names of the four columns
``export_terms(method)``        names of the terms of kww, wwz, bm_source, bm_sink, world, tripartite
``export_decomposition``        method, then as ``exports_kww`` -> terms (G, k) or (n, G, k), exports (n, G)
``exports_kww``                 z, y, B (n, n) or `Factor`, x, v, first rows and n, made -> (G, 9), exports (n, G)
``exports_wwz``                 the same, of B alone -> (n, G, 16), exports (n, G)
``exports_bm_source``           the same, of B alone -> (n, G, 9), exports; also ``exports_bm_sink``
``exports_bm_world``            the same -> (n, G, 6), exports (n, G)
``exports_tripartite``          the same -> (n, G, 4), exports (n, G)
``exports_content``             the same -> value added by row in each exporter's exports (n, G), exports (n, G)
``disturb``                     cells (m, k), sd (m, k), seed, number, totals or None, tolerance, rounds -> cells
``gras``                        cells (m, k), totals (m,), (k,), tolerance, rounds -> cells, rounds, gap
``direct_trade``                table -> inputs by region of origin (G, n), sales by region of use (n, G)
``inputs_required``             table, `Factor` -> B - I summed over rows of each region (G, n)
``extraction``                  table, `Factor`, links (rows, columns, markets), shares -> x* (shares, n)
``extraction_pairs``            table, weights (n,), `Factor`, intermediate -> losses (G, G, source target world)
``equilibrium``                 economy, tolerance, rounds -> state (2 (n + G),), ln P (G,), revenue, rounds, gap
``equilibrium_flows``           economy, state -> inputs (n, n), final use (n, G)
``IndexDesign``                 a scheme; ``composite``, ``simulate`` and ``evaluate`` of indicators (U, K)
``index_bands``                 draws (D, U), quantiles (q,) -> of the index and of its rank (U, q)
``index_options()``             names of normalisations, names of means
``flow_kinds()``                names of the kinds of flows by importer, in the order of the first axis
``flows_by_importer``           table, weights (n,), by_region, made -> domestic (rows,), abroad (3, rows, G)
``flows_by_absorber``           table, weights (n,), `Factor`, by_region -> (rows, G)
==============================  =====================================================================
"""

from gvckit._core import (
    Factor,
    IndexDesign,
    Iteration,
    direct_trade,
    disturb,
    downstreamness,
    equilibrium,
    equilibrium_flows,
    export_decomposition,
    export_terms,
    exports_bm_sink,
    exports_bm_source,
    exports_bm_world,
    exports_content,
    exports_kww,
    exports_tripartite,
    exports_wwz,
    extraction,
    extraction_pairs,
    factor,
    flow_kinds,
    flows_by_absorber,
    flows_by_importer,
    ghosh_inverse,
    gras,
    index_bands,
    index_options,
    input_coefficients,
    inputs_required,
    iteration,
    length_columns,
    leontief_inverse,
    local_inverse,
    local_solve,
    output_made,
    participation_backward,
    participation_forward,
    participation_returned,
    participation_terms,
    per_output,
    production_lengths,
    sectors_without_output,
    stop_all,
    table_totals,
    totals,
    upstream_output,
    value_added_per_output,
)

__all__ = [
    "Factor",
    "IndexDesign",
    "Iteration",
    "direct_trade",
    "disturb",
    "downstreamness",
    "equilibrium",
    "equilibrium_flows",
    "export_decomposition",
    "export_terms",
    "exports_bm_sink",
    "exports_bm_source",
    "exports_bm_world",
    "exports_content",
    "exports_kww",
    "exports_tripartite",
    "exports_wwz",
    "extraction",
    "extraction_pairs",
    "factor",
    "flow_kinds",
    "flows_by_absorber",
    "flows_by_importer",
    "ghosh_inverse",
    "gras",
    "index_bands",
    "index_options",
    "input_coefficients",
    "inputs_required",
    "iteration",
    "length_columns",
    "leontief_inverse",
    "local_inverse",
    "local_solve",
    "output_made",
    "participation_backward",
    "participation_forward",
    "participation_returned",
    "participation_terms",
    "per_output",
    "production_lengths",
    "sectors_without_output",
    "stop_all",
    "table_totals",
    "totals",
    "upstream_output",
    "value_added_per_output",
]
