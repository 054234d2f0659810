"""The numbers without labels: NumPy in, NumPy out.

All arrays are float64; Z and Y are best row-major. n = G N rows, row = region * N + sector, ``sectors`` is N.
Errors are those of `gvckit.errors`; ``row`` and ``col`` count from 0. The GIL is released in every function.

==============================  =====================================================================
function                        shapes
==============================  =====================================================================
``totals(what, m)``             (r, c) -> row sums (r,), column sums (c,); ``what`` names m in errors
``input_coefficients(z, x)``    (n, n), (n,) -> (n, n)
``leontief_inverse(a)``         (n, n) -> (n, n), and whether pivoting was needed
``ghosh_inverse(z, x)``         (n, n), (n,) -> (n, n), and whether pivoting was needed
``local_inverse(z, x, N)``      (n, n), (n,) -> (G, N, N)
``factor(z, x)``                (n, n), (n,) -> `Factor` with ``solve`` and ``solve_transposed`` of (n, k)
``participation_forward``       z (n, n), y (n, G), x (n,), va (n,), N -> (n, 4)
``participation_backward``      the same, and v'B (n,) or None -> (n, 4)
``participation_returned``      the same, a `Factor` and whether forward -> (n,)
``participation_terms()``       names of the four columns
``flows_by_importer``           z, y, x, va, N, weights (n,), by_region -> domestic (rows,), abroad (3, rows, G)
``flows_by_absorber``           z, y, x, va, N, weights (n,), `Factor`, by_region -> (rows, G)
==============================  =====================================================================
"""

from gvckit._core import (
    Factor,
    factor,
    flows_by_absorber,
    flows_by_importer,
    ghosh_inverse,
    input_coefficients,
    leontief_inverse,
    local_inverse,
    participation_backward,
    participation_forward,
    participation_returned,
    participation_terms,
    totals,
)

__all__ = [
    "Factor",
    "factor",
    "flows_by_absorber",
    "flows_by_importer",
    "ghosh_inverse",
    "input_coefficients",
    "leontief_inverse",
    "local_inverse",
    "participation_backward",
    "participation_forward",
    "participation_returned",
    "participation_terms",
    "totals",
]
