"""Every measure of the core with dense n x n products, for tables with sectors without output: slow, checked by eye.

The rule: v = va / x; without output 1 where the sales cancel out and nothing is bought, else 0. Columns of A without
output are 0. Output is what the coefficients explain, B y.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np


def zero_rounding(z, y):
    """Output, 0 where it is no more than 1e-12 of what the row sells and buys."""
    x = z.sum(1) + y.sum(1)
    gross = np.abs(z).sum(1) + np.abs(y).sum(1) + np.abs(z).sum(0)
    return np.where(np.abs(x) <= 1e-12 * gross, 0.0, x)


class Dense:
    """All matrices of a table, formed; ``weights`` stands for v, ``starts`` for regions of unequal size."""

    def __init__(self, z, y, sectors=None, weights=None, starts=None):
        self.z, self.y, self.n = z, y, len(z)
        self.x = zero_rounding(z, y)
        self.va = self.x - z.sum(0)
        starts = starts or list(range(0, self.n + 1, sectors))
        self.starts, self.G = starts, len(starts) - 1
        self.at = [np.arange(a, b) for a, b in pairwise(starts)]
        self.region = np.repeat(np.arange(self.G), np.diff(starts))
        busy = self.x != 0
        inverse = np.divide(1.0, self.x, out=np.zeros(self.n), where=busy)
        buys, sells = (z != 0).any(0), (z != 0).any(1) | (y != 0).any(1)
        self.buyers = np.flatnonzero(~busy & buys)
        self.cancelling = np.flatnonzero(~busy & ~buys & sells)
        self.empty = np.flatnonzero(~busy & ~buys & ~sells)
        self.v = self.va * inverse
        self.v[self.cancelling] = 1.0
        if weights is not None:
            self.v = weights
        eye = np.eye(self.n)
        self.home = self.region[:, None] == self.region
        self.A = z * inverse
        self.AD, self.AF = np.where(self.home, self.A, 0.0), np.where(self.home, 0.0, self.A)
        self.B, self.L = np.linalg.inv(eye - self.A), np.linalg.inv(eye - self.AD)
        self.own = self.region[:, None] == np.arange(self.G)
        self.goods = y.sum(1)
        self.yD = np.where(self.own, y, 0.0).sum(1)
        self.yF = self.goods - self.yD
        self.made = self.B @ self.goods
        abroad = np.where(self.own, 0.0, y)
        self.E = abroad + np.where(self.own, 0.0, z @ self.own)
        self.explained = abroad + np.where(self.own, 0.0, (self.A * self.made) @ self.own)

    @property
    def table(self):
        return (self.z, self.y, self.x, self.va, self.n // self.G)

    def participation(self):
        d, VL = np.diag, np.diag(self.v) @ self.L
        simple = self.L @ d(self.yD)
        return [
            VL @ d(self.yD),
            VL @ d(self.yF),
            VL @ self.AF @ simple,
            VL @ self.AF @ (self.B @ d(self.goods) - simple),
        ]

    def returned(self, forward):
        out = np.zeros(self.n)
        for g, rows in enumerate(self.at):
            mine = self.own[:, g]
            if forward:
                out[rows] = (self.v * (self.B @ self.y[:, g] - self.L @ (self.y[:, g] * mine)))[rows]
            else:
                out[rows] = ((self.v * mine) @ (self.B - self.L) * self.goods)[rows]
        return out

    def flows(self):
        """Traditional, simple and complex by row and importer, and what stays at home."""
        w = self.L @ self.yD
        out = np.zeros((3, self.n, self.G))
        out[0] = self.L @ np.where(self.own, 0.0, self.y)
        for r, cols in enumerate(self.at):
            out[1, :, r] = self.L @ (self.AF[:, cols] @ w[cols])
            out[2, :, r] = self.L @ (self.AF[:, cols] @ (self.made - w)[cols])
        return self.v * w, self.v[:, None] * out

    def lengths(self, forward):
        d, V, B, L, AF, AD = np.diag, np.diag(self.v), self.B, self.L, self.AF, self.AD
        Y, YD, YF = d(self.goods), d(self.yD), d(self.yF)
        parts = [
            V @ B @ B @ Y, V @ L @ L @ YD, V @ L @ L @ YF,
            V @ L @ L @ AF @ B @ Y, V @ B @ AF @ B @ Y, V @ L @ AF @ B @ AD @ B @ Y,
            V @ B @ Y, V @ L @ YD, V @ L @ YF, V @ L @ AF @ B @ Y,
            V @ L @ L @ AF @ L @ YD, V @ L @ AF @ L @ YD, V @ L @ AF @ L @ AD @ L @ YD, V @ L @ AF @ L @ YD,
        ]  # fmt: skip
        return np.column_stack([part.sum(1 if forward else 0) for part in parts])

    # ---- exports ----------------------------------------------------------------------------------------------

    def block(self, matrix, s, r):
        return matrix[np.ix_(self.at[s], self.at[r])]

    def demand(self, s, r):
        return self.y[self.at[s], r]

    def vb(self, t, s):
        return self.v[self.at[t]] @ self.block(self.B, t, s)

    def others(self, *regions):
        return [r for r in range(self.G) if r not in regions]

    def foreign(self, s, but=()):
        return sum((self.vb(t, s) for t in self.others(s, *but)), np.zeros(len(self.at[s])))

    def kww(self):
        """Koopman, Wang and Wei (2014), equation 36, of the exports that the model explains."""
        e, out = self.explained.sum(1), np.zeros((self.G, 9))
        for s, rows in enumerate(self.at):
            v, f, terms = self.v[rows], self.foreign(s), out[s]
            B, A, L = (lambda i, j: self.block(self.B, i, j)), (lambda i, j: self.block(self.A, i, j)), self.L
            for r in self.others(s):
                Lr, Ls = self.block(L, r, r), self.block(L, s, s)
                back = v @ B(s, r) @ A(r, s) @ Ls
                terms += [
                    v @ B(s, s) @ self.demand(s, r),
                    v @ B(s, r) @ self.demand(r, r),
                    sum(v @ B(s, r) @ self.demand(r, t) for t in self.others(s, r)),
                    v @ B(s, r) @ self.demand(r, s),
                    back @ self.demand(s, s),
                    back @ e[rows],
                    f @ self.demand(s, r),
                    f @ A(s, r) @ Lr @ self.demand(r, r),
                    f @ A(s, r) @ Lr @ e[self.at[r]],
                ]
        return out

    def wwz(self):
        """Wang, Wei and Zhu (2013), equation 37, of the exports that the model explains."""
        e, out = self.explained.sum(1), np.zeros((self.n, self.G, 16))
        for s in range(self.G):
            v, vb = self.v[self.at[s]], self.vb(s, s)
            vl = v @ self.block(self.L, s, s)
            for r in self.others(s):
                a, rest = self.block(self.A, s, r), self.others(s, r)
                B, zero = partial(self.block, self.B, r), np.zeros(len(self.at[r]))
                f_other, f_partner = self.foreign(s, (r,)), self.vb(r, s)
                used = a @ self.block(self.L, r, r) @ self.demand(r, r)
                again = a @ self.block(self.L, r, r) @ e[self.at[r]]
                third = sum((B(t) @ self.demand(t, u) for t in rest for u in self.others(s, t)), zero)
                terms = [
                    vb * self.demand(s, r),
                    vl * (a @ B(r) @ self.demand(r, r)),
                    vl * (a @ sum((B(t) @ self.demand(t, t) for t in rest), zero)),
                    vl * (a @ B(r) @ sum((self.demand(r, t) for t in rest), zero)),
                    vl * (a @ third),
                    vl * (a @ B(s) @ self.demand(s, s)),
                    vl * (a @ B(r) @ self.demand(r, s)),
                    vl * (a @ sum((B(t) @ self.demand(t, s) for t in rest), zero)),
                    f_other * self.demand(s, r),
                    f_partner * self.demand(s, r),
                    f_other * used,
                    f_partner * used,
                    vl * (a @ B(s) @ sum((self.demand(s, t) for t in self.others(s)), 0.0)),
                    (vb - vl) * (a @ self.made[self.at[r]]),
                    f_other * again,
                    f_partner * again,
                ]
                out[self.at[s], r] = np.column_stack(terms)
        return out

    def without(self, s):
        """Leontief inverse with no intermediate exports of s, by a new inversion."""
        a = self.A.copy()
        a[np.ix_(self.at[s], self.region != s)] = 0.0
        return np.linalg.inv(np.eye(self.n) - a)

    def borin(self, sink):
        """Borin and Mancini (2019), source- or sink-based, of all exports; the last term is DAVAX or VAXIM."""
        out = np.zeros((self.n, self.G, 9))
        for s, rows in enumerate(self.at):
            cut, vb, f = self.without(s), self.vb(s, s), self.foreign(s)
            vl = self.v[rows] @ self.block(self.L, s, s)
            f_cut = sum((self.v[self.at[t]] @ self.block(cut, t, s) for t in self.others(s)), np.zeros(len(rows)))
            for r in self.others(s):
                a, e = self.block(self.A, s, r), self.E[rows, r]
                c = partial(self.block, cut, r)
                if sink:
                    again = a @ c(s) @ self.E.sum(1)[rows]
                    home = a @ sum(c(k) @ self.demand(k, s) for k in range(self.G))
                    there = a @ sum((c(k) @ self.demand(k, r) for k in self.others(s)), np.zeros(len(self.at[r])))
                    dva, ref = vb * (e - again), vb * home
                    ddc, fva, last = vb * again, f * (e - again), vb * (self.demand(s, r) + there)
                else:
                    home = a @ sum(self.block(self.B, r, k) @ self.demand(k, s) for k in range(self.G))
                    kept = a @ self.block(self.L, r, r) @ self.demand(r, r)
                    dva, ref = vl * e, vl * home
                    ddc, fva, last = (vb - vl) * e, f_cut * e, vl * (self.demand(s, r) + kept)
                out[rows, r] = np.column_stack([vb * e, dva, dva - ref, ref, ddc, f * e, fva, f * e - fva, last])
        return out

    def kept(self):
        """Exports that the importer absorbs itself, and all others."""
        kept = np.where(self.own, 0.0, self.y + (self.AF * (self.L @ self.yD)) @ self.own)
        return kept, self.E - kept

    def world(self):
        (kept, again), vb, f = self.kept(), np.zeros(self.n), np.zeros(self.n)
        for s, rows in enumerate(self.at):
            vb[rows], f[rows] = self.vb(s, s), self.foreign(s)
        return np.stack([c[:, None] * part for c in (vb, f) for part in (self.E, kept, again)], axis=2)

    def tripartite(self):
        kept, again = self.kept()
        vl = self.v @ self.L
        rest = self.v @ self.B - vl
        parts = ((vl, kept), (vl, again), (rest, again), (rest, kept))
        return np.stack([c[:, None] * part for c, part in parts], axis=2)

    def content(self):
        sent = np.where(self.own, self.E.sum(1)[:, None], 0.0)
        return self.v[:, None] * (self.B @ sent)

    def extracted(self, rows, columns, markets, share):
        """Output with a share of some sales cut."""
        a, y = self.A.copy(), self.y.copy()
        a[np.ix_(rows, columns)] *= 1 - share
        y[np.ix_(rows, markets)] *= 1 - share
        return np.linalg.inv(np.eye(self.n) - a) @ y.sum(1)
