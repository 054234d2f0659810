"""Every measure as its formula says, with dense n x n products: slow, literal, and checked by eye.

Notation as in the crate: row = region * N + sector.
"""

from __future__ import annotations

import numpy as np

from gvckit import Mrio


class Literal:
    """All matrices of a table, formed, by the rules for sectors without output.

    An output that is rounding is 0; x = 0 gives a zero column of A; v is 1 there if the sector buys nothing and its
    sales cancel out, else 0; what final demand calls forth is B y, and not x where sectors without output buy.
    """

    def __init__(self, t: Mrio, va: np.ndarray | None = None) -> None:
        z, y = np.asarray(t.given.z, dtype=float), np.asarray(t.given.y, dtype=float)
        self.N = len(t.sectors)
        self.n, self.G = len(z), len(z) // self.N
        self.Z = z
        self.Y = y.reshape(self.n, self.G, -1).sum(2)
        x = z.sum(1) + y.sum(1)
        gross = np.abs(z).sum(1) + np.abs(y).sum(1) + np.abs(z).sum(0)
        self.x = x = np.where(np.abs(x) <= 1e-12 * gross, 0.0, x)
        given = t.given.va if va is None else va
        self.va = x - z.sum(0) if given is None else given
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(x == 0, 0.0, 1.0 / x)
        self.A = z @ np.diag(inverse)
        buys, sells = np.abs(z).sum(0) > 0, np.abs(z).sum(1) + np.abs(self.Y).sum(1) > 0
        self.idle = (x == 0) & buys
        self.cancelling = (x == 0) & ~buys & sells
        self.v = np.where(self.cancelling & (va is None), 1.0, self.va * inverse)
        eye = np.eye(self.n)
        region = np.arange(self.n) // self.N
        self.home = region[:, None] == region[None, :]
        self.AD = np.where(self.home, self.A, 0.0)
        self.AF = self.A - self.AD
        self.B = np.linalg.inv(eye - self.A)
        self.L = np.linalg.inv(eye - self.AD)
        own = region[:, None] == np.arange(self.G)[None, :]
        self.own = own.astype(float)
        self.yD = (self.Y * own).sum(1)
        self.yF = (self.Y * ~own).sum(1)
        self.y = self.yD + self.yF
        self.made = self.B @ self.y
        # Gross exports keep what sectors without output import; what the model explains does not.
        self.E = np.where(own, 0.0, self.Y + np.stack([z[:, region == r].sum(1) for r in range(self.G)], axis=1))

    def participation_terms(self) -> list[np.ndarray]:
        """The four n x n matrices of Wang, Wei, Yu and Zhu (2017)."""
        V, d = np.diag(self.v), np.diag
        VL = V @ self.L
        LYD = self.L @ d(self.yD)
        return [
            VL @ d(self.yD),
            VL @ d(self.yF),
            VL @ self.AF @ LYD,
            VL @ self.AF @ (self.B @ d(self.y) - LYD),
        ]

    def flow(self, kind: str, partner: str, mask: np.ndarray | None = None) -> np.ndarray:
        """N x G flows from each row: V^ L Y_off, V^ L A_sr L_rr y_rr, V^ L A_sr (x - L y^D), V^ B Y."""
        v = self.v if mask is None else self.v * mask
        own = self.own.astype(bool)
        region = own.argmax(1)
        w = self.L @ self.yD
        trad = self.L @ np.where(own, 0.0, self.Y)
        simple, complex_ = np.zeros((self.n, self.G)), np.zeros((self.n, self.G))
        for r in range(self.G):
            cols = region == r
            simple[:, r] = self.L @ (self.AF[:, cols] @ w[cols])
            complex_[:, r] = self.L @ (self.AF[:, cols] @ (self.made - w)[cols])
        home = np.where(own, (self.L @ self.yD)[:, None], 0.0)
        if partner == "absorber":
            complex_ = self.B @ self.Y - home - trad - simple
        parts = {"traditional": trad, "simple": simple, "complex": complex_, "gvc": simple + complex_}
        parts["total"] = home + trad + simple + complex_
        return v[:, None] * parts[kind]

    def lengths(self, forward: bool) -> dict[str, np.ndarray]:
        """The n x n matrices of Wang, Wei, Yu and Zhu (2017b), summed over columns (forward) or rows."""
        d, V, B, L, AF, AD = np.diag, np.diag(self.v), self.B, self.L, self.AF, self.AD
        Y, YD, YF = d(self.y), d(self.yD), d(self.yF)
        parts = {
            "total": V @ B @ B @ Y,
            "domestic": V @ L @ L @ YD,
            "traditional": V @ L @ L @ YF,
            "gvc_domestic": V @ L @ L @ AF @ B @ Y,
            "gvc_crossings": V @ B @ AF @ B @ Y,
            "gvc_foreign": V @ L @ AF @ B @ AD @ B @ Y,
            "value_total": V @ B @ Y,
            "value_domestic": V @ L @ YD,
            "value_traditional": V @ L @ YF,
            "value_gvc": V @ L @ AF @ B @ Y,
            "simple_domestic": V @ L @ L @ AF @ L @ YD,
            "simple_crossings": V @ L @ AF @ L @ YD,
            "simple_foreign": V @ L @ AF @ L @ AD @ L @ YD,
            "value_simple": V @ L @ AF @ L @ YD,
        }
        return {name: matrix.sum(1 if forward else 0) for name, matrix in parts.items()}

    def returned(self, forward: bool) -> np.ndarray:
        """Part of the complex term that returns home."""
        out = np.zeros(self.n)
        for g in range(self.G):
            rows = slice(g * self.N, (g + 1) * self.N)
            if forward:
                absorbed = self.B @ self.Y[:, g] - self.L @ (self.Y[:, g] * self.own[:, g])
                out[rows] = (self.v * absorbed)[rows]
            else:
                content = (self.v * self.own[:, g]) @ (self.B - self.L)
                out[rows] = (content * self.y)[rows]
        return out
