import numpy as np

from hyperopt_core.maths.embedding import Embedding
from hyperopt_core.maths.kernels import squared_distances


def test_two_categories_lie_at_distance_one_and_a_category_at_zero_from_itself() -> None:
    embedding = Embedding([3])
    Z = embedding(np.array([[1 / 6], [3 / 6], [5 / 6], [3 / 6]]))
    expected = np.array([[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 1], [1, 0, 1, 0]])
    np.testing.assert_allclose(squared_distances(Z, Z), expected, atol=1e-12)


def test_inactive_parameters_differ_in_nothing() -> None:
    embedding = Embedding([0, 2, 0])
    Z = embedding(np.array([[0.1, np.nan, np.nan], [0.4, np.nan, np.nan], [0.4, 0.25, np.nan]]))
    r2 = squared_distances(Z, Z)
    np.testing.assert_allclose(r2[0, 1], 0.09)
    np.testing.assert_allclose(r2[1, 2], 1.0)  # "inactive" is a category of its own


def test_each_feature_knows_its_column() -> None:
    embedding = Embedding([2, 0, 3])
    assert embedding.owner.tolist() == [1, 0, 0, 0, 2, 2, 2, 2]
    assert embedding(np.array([[0.25, 0.3, 5 / 6]]))[0].nonzero()[0].tolist() == [0, 1, 6]
