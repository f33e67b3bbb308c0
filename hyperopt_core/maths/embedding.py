"""Points of a mixed, conditional space as vectors whose Euclidean distance is the one that a kernel needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_HALF = float(np.sqrt(0.5))  # two categories differ in two features: 1/2 + 1/2


class Embedding:
    """Maps encoded points (n, d) to features (n, D).

    A numeric column stays one feature. A column of K categories becomes K + 1 features (one for "inactive"), one-hot
    over sqrt(2), so that two different categories lie at distance 1: the Hamming distance. An inactive number lies at
    .5: pairs that are both inactive differ in nothing, and what tells branches apart is the parameter they hang on.

    `categories` has one entry a column: the number of categories, or 0 for a numeric column.

    >>> Embedding([0, 2])(np.array([[0.3, 0.25], [np.nan, np.nan]])).round(2)
    array([[0.3 , 0.71, 0.  , 0.  ],
           [0.5 , 0.  , 0.  , 0.71]])
    """

    def __init__(self, categories: Sequence[int]) -> None:
        self.categories = np.asarray(categories, dtype=int)
        self.numeric = np.flatnonzero(self.categories == 0)
        self.choice = np.flatnonzero(self.categories)
        widths = self.categories[self.choice] + 1
        # first feature of each column of categories
        self._first = self.numeric.size + np.concatenate(([0], np.cumsum(widths)[:-1])).astype(int)
        #: (D,) the column that each feature belongs to
        self.owner = np.concatenate((self.numeric, np.repeat(self.choice, widths))).astype(int)

    def __call__(self, U: np.ndarray) -> np.ndarray:
        """Features (n, D) of encoded points (n, d) in [0, 1], NaN where inactive."""
        Z = np.zeros((len(U), self.owner.size))
        numbers = U[:, self.numeric]
        Z[:, : self.numeric.size] = np.where(np.isnan(numbers), 0.5, numbers)
        if self.choice.size:
            K = self.categories[self.choice]
            C = U[:, self.choice]
            index = np.where(np.isnan(C), K, np.minimum(C * K, K - 1)).astype(int)
            Z[np.arange(len(U))[:, None], self._first + index] = _HALF
        return Z
