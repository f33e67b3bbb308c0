import numpy as np

from hyperopt_core.maths.design import spread_out
from hyperopt_core.maths.embedding import Embedding


def greedy(embedding: Embedding, n: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    d = embedding.categories.size
    taken = np.full((1, d), 0.5)
    for _ in range(n - 1):
        U = rng.random((256, d))
        K = embedding.categories[embedding.choice]
        U[:, embedding.choice] = (np.floor(U[:, embedding.choice] * K) + 0.5) / K
        taken = np.concatenate((taken, U[spread_out(U, taken, embedding)[:1]]))
    return taken


def test_each_column_is_covered_evenly() -> None:
    taken = greedy(Embedding([0, 0, 0]), 10)
    for column in taken.T:
        assert np.bincount((column * 4).astype(int), minlength=4).min() >= 1


def test_every_category_is_seen_before_any_is_seen_often() -> None:
    taken = greedy(Embedding([0, 4]), 9)
    counts = np.bincount((taken[1:, 1] * 4).astype(int), minlength=4)
    assert counts.min() >= 1
    assert counts.max() <= 3
