"""Decompositions of gross exports as their papers write them, block by block, with explicit inverses. Slow."""

from __future__ import annotations

import numpy as np

from gvckit import Mrio
from reference import Literal

KWW = ["DVA_FIN", "DVA_INT", "DVA_INTrex", "RDV_FIN", "RDV_INT", "DDC", "FVA_FIN", "FVA_INT", "FDC"]
WWZ = ["DVA_FIN", "DVA_INT", "DVA_INTrexI1", "DVA_INTrexF", "DVA_INTrexI2", "RDV_INT", "RDV_FIN", "RDV_FIN2"]
WWZ += ["OVA_FIN", "MVA_FIN", "OVA_INT", "MVA_INT", "DDC_FIN", "DDC_INT", "ODC", "MDC"]


class Exports(Literal):
    """Blocks of a table by region."""

    def __init__(self, t: Mrio) -> None:
        super().__init__(t)
        self.at = [slice(g * self.N, (g + 1) * self.N) for g in range(self.G)]
        # What the terms of Koopman, Wang and Wei and of Wang, Wei and Zhu add up to: exports that B y explains.
        self.explained = self.Y.copy()
        for r, rows in enumerate(self.at):
            self.explained[:, r] += self.A[:, rows] @ self.made[rows]
        for s, rows in enumerate(self.at):
            self.explained[rows, s] = 0.0
        self.Estar = self.E.sum(1)

    def a(self, s, r):
        return self.A[self.at[s], self.at[r]]

    def b(self, s, r):
        return self.B[self.at[s], self.at[r]]

    def l(self, s):  # noqa: E743
        return self.L[self.at[s], self.at[s]]

    def demand(self, s, r):
        return self.Y[self.at[s], r]

    def vb(self, t, s):
        return self.v[self.at[t]] @ self.b(t, s)

    def foreign(self, s, but=()):
        others = [t for t in range(self.G) if t != s and t not in but]
        return sum((self.vb(t, s) for t in others), np.zeros(self.N))

    def others(self, *regions):
        return [r for r in range(self.G) if r not in regions]

    def kww(self, s) -> dict[str, float]:
        """Koopman, Wang and Wei (2014), equation 36."""
        v, e = self.v[self.at[s]], self.explained.sum(1)
        out = dict.fromkeys(KWW, 0.0)
        for r in self.others(s):
            out["DVA_FIN"] += v @ self.b(s, s) @ self.demand(s, r)
            out["DVA_INT"] += v @ self.b(s, r) @ self.demand(r, r)
            out["DVA_INTrex"] += sum(v @ self.b(s, r) @ self.demand(r, t) for t in self.others(s, r))
            out["RDV_FIN"] += v @ self.b(s, r) @ self.demand(r, s)
            back = v @ self.b(s, r) @ self.a(r, s) @ self.l(s)
            out["RDV_INT"] += back @ self.demand(s, s)
            out["DDC"] += back @ e[self.at[s]]
            f = self.foreign(s)
            out["FVA_FIN"] += f @ self.demand(s, r)
            out["FVA_INT"] += f @ self.a(s, r) @ self.l(r) @ self.demand(r, r)
            out["FDC"] += f @ self.a(s, r) @ self.l(r) @ e[self.at[r]]
        return out

    def wwz(self, s, r) -> np.ndarray:
        """Wang, Wei and Zhu (2013), equation 37: sectors x 16 terms of the exports of s to r."""
        v, e, a = self.v[self.at[s]], self.explained.sum(1), self.a(s, r)
        vb, vl = v @ self.b(s, s), v @ self.l(s)
        rest = self.others(s, r)
        zero = np.zeros(self.N)
        f_other, f_partner = self.foreign(s, (r,)), self.vb(r, s)
        absorbed = a @ self.l(r) @ self.demand(r, r)
        again = a @ self.l(r) @ e[self.at[r]]
        terms = {
            "DVA_FIN": vb * self.demand(s, r),
            "DVA_INT": vl * (a @ self.b(r, r) @ self.demand(r, r)),
            "DVA_INTrexI1": vl * (a @ sum((self.b(r, t) @ self.demand(t, t) for t in rest), zero)),
            "DVA_INTrexF": vl * (a @ self.b(r, r) @ sum((self.demand(r, t) for t in rest), zero)),
            "DVA_INTrexI2": vl
            * (a @ sum((self.b(r, t) @ self.demand(t, u) for t in rest for u in self.others(s, t)), zero)),
            "RDV_INT": vl * (a @ self.b(r, s) @ self.demand(s, s)),
            "RDV_FIN": vl * (a @ self.b(r, r) @ self.demand(r, s)),
            "RDV_FIN2": vl * (a @ sum((self.b(r, t) @ self.demand(t, s) for t in rest), zero)),
            "OVA_FIN": f_other * self.demand(s, r),
            "MVA_FIN": f_partner * self.demand(s, r),
            "OVA_INT": f_other * absorbed,
            "MVA_INT": f_partner * absorbed,
            "DDC_FIN": vl * (a @ self.b(r, s) @ sum((self.demand(s, t) for t in self.others(s)), zero)),
            "DDC_INT": (vb - vl) * (a @ self.made[self.at[r]]),
            "ODC": f_other * again,
            "MDC": f_partner * again,
        }
        return np.column_stack([terms[name] for name in WWZ])

    def without(self, s) -> np.ndarray:
        """Leontief inverse with no intermediate exports of s, by a new inversion."""
        a = self.A.copy()
        for r in self.others(s):
            a[self.at[s], self.at[r]] = 0.0
        return np.linalg.inv(np.eye(self.n) - a)

    def bm(self, s, r, sink: bool) -> dict[str, np.ndarray]:
        """Borin and Mancini (2019), source- or sink-based: sectors of the exports of s to r."""
        cut = self.without(s)
        v, a = self.v[self.at[s]], self.a(s, r)
        vb, vl, e = v @ self.b(s, s), v @ self.l(s), self.E[self.at[s], r]
        f, f_cut = self.foreign(s), sum((self.v[self.at[t]] @ cut[self.at[t], self.at[s]] for t in self.others(s)), 0)
        out = {"DC": vb * e, "FC": f * e}
        c = [cut[self.at[r], self.at[k]] for k in range(self.G)]
        if sink:
            again = a @ c[s] @ self.Estar[self.at[s]]
            out["DVA"], out["DDC"] = vb * (e - again), vb * again
            out["FVA"], out["FDC"] = f * (e - again), f * again
            home = a @ (sum((c[j] @ self.demand(j, s) for j in self.others(s)), 0) + c[s] @ self.demand(s, s))
            out["REF"] = vb * home
            out["VAXIM"] = vb * (self.demand(s, r) + a @ sum((c[j] @ self.demand(j, r) for j in self.others(s)), 0))
        else:
            out["DVA"], out["DDC"] = vl * e, (vb - vl) * e
            out["FVA"], out["FDC"] = f_cut * e, (f - f_cut) * e
            output_for_home = sum((self.b(r, k) @ self.demand(k, s) for k in range(self.G)), 0)
            out["REF"] = vl * (a @ output_for_home)
            out["DAVAX"] = vl * (self.demand(s, r) + a @ self.l(r) @ self.demand(r, r))
        out["VAX"] = out["DVA"] - out["REF"]
        return out


def vaxim_of_summed_zones(t: Mrio, zones: dict[str, str]) -> dict[str, float]:
    """VAXIM of exvatools 0.9.0 for a table with processing zones, by exporter.

    It adds up the zones' sectors on both sides of a product before it multiplies them, which is not the sum of the
    products: with zones its VAXIM is another number than the definition's (by 2 to 6 per cent on its own example).
    """
    e = Literal(t)
    names = [r for r in t.regions if r not in zones]
    of = np.repeat([names.index(zones.get(r, r)) for r in t.regions], e.N)
    sector = np.tile(np.arange(e.N), len(t.regions))
    y = e.Y[:, [t.regions.index(name) for name in names]]
    home = of[:, None] == of[None, :]
    lrr = np.linalg.inv(np.eye(e.n) - np.where(home, e.A, 0.0))
    out = {}
    for s, name in enumerate(names):
        mine, others = of == s, np.arange(len(names)) != s
        cut, sent_off = e.A.copy(), y.copy()
        cut[np.ix_(mine, ~mine)] = 0.0
        sent_off[np.ix_(mine, others)] = 0.0
        vb = e.v[mine] @ e.B[np.ix_(mine, mine)]
        left = (vb @ np.where(mine, 0.0, e.A[mine])) @ lrr
        chain = np.where(home, 0.0, e.A) @ (np.linalg.inv(np.eye(e.n) - cut) @ sent_off)
        value = vb @ np.where(others, y[mine], 0.0).sum(1)
        for r in np.flatnonzero(others):
            rows = of == r
            value += left[rows] @ y[rows, r]
            value += np.bincount(sector[rows], left[rows]) @ np.bincount(sector[rows], chain[rows, r])
        out[name] = float(value)
    return out
