"""Every measure as its formula says, with dense n x n products: slow, literal, and checked by eye.

Notation as in the crate: row = region * N + sector.
"""

from __future__ import annotations

import numpy as np

from gvckit import Mrio


class Literal:
    """All matrices of a table, formed."""

    def __init__(self, t: Mrio) -> None:
        z, y, x, va, self.N = t.arrays
        self.n = len(x)
        self.G = self.n // self.N
        self.x, self.va, self.Y = x, va, y
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(x == 0, 0.0, 1.0 / x)
        self.A = z @ np.diag(inverse)
        self.v = va * inverse
        eye = np.eye(self.n)
        region = np.arange(self.n) // self.N
        self.home = region[:, None] == region[None, :]
        self.AD = np.where(self.home, self.A, 0.0)
        self.AF = self.A - self.AD
        self.B = np.linalg.inv(eye - self.A)
        self.L = np.linalg.inv(eye - self.AD)
        own = region[:, None] == np.arange(self.G)[None, :]
        self.own = own.astype(float)
        self.yD = (y * own).sum(1)
        self.yF = (y * ~own).sum(1)
        self.y = self.yD + self.yF

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
            complex_[:, r] = self.L @ (self.AF[:, cols] @ (self.x - w)[cols])
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
