"""A plane through samples, and its points as samples of the same kind."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.preprocessing import StandardScaler

from skactive.inspection._plane import Plane

X = np.random.RandomState(0).randn(30, 4).astype(np.float32)


def test_two_columns_are_the_plane_and_the_grid_holds_the_samples():
    plane = Plane(X[:, :2])
    xx0, xx1 = plane.grid(7)
    assert xx0.shape == xx1.shape == (7, 7)
    for lines, column in ((xx0, X[:, 0]), (xx1, X[:, 1])):
        assert lines.min() < column.min() and lines.max() > column.max()
    points = plane.points(xx0, xx1)
    assert points.dtype == np.float32
    assert np.allclose(points, np.column_stack([xx0.ravel(), xx1.ravel()]))


@pytest.mark.parametrize("n_columns", [1, 3, 4])
def test_other_numbers_of_columns_without_a_projection_are_refused(n_columns):
    with pytest.raises(ValueError, match=f"{n_columns} columns.*projection=.*PCA"):
        Plane(X[:, :n_columns])


def test_pair_of_columns_holds_the_others_at_their_medians():
    plane = Plane(X, (3, 1))
    assert np.allclose(plane.samples, X[:, [3, 1]])
    point = plane.points([5.0], [6.0])[0]
    medians = np.median(X, axis=0)
    assert np.allclose(point, [medians[0], 6.0, medians[2], 5.0])
    assert plane.names == ["column 3", "column 1"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_stay_frames_and_columns_have_names(library):
    frames = pytest.importorskip(library)
    frame = frames.DataFrame({name: X[:, k] for k, name in enumerate("abcd")})
    plane = Plane(frame, ("d", "b"))
    points = plane.points(*plane.grid(3))
    assert isinstance(points, frames.DataFrame)
    assert list(points.columns) == list("abcd")
    assert plane.names == ["d", "b"]


def test_sparse_samples_stay_sparse():
    plane = Plane(sparse.csr_array(X), (0, 2))
    points = plane.points(*plane.grid(3))
    assert sparse.issparse(points) and points.shape == (9, 4)


def test_transformer_brings_points_back():
    pca = PCA(2).fit(X)
    plane = Plane(X, pca)
    assert np.allclose(plane.samples, pca.transform(X))
    points = plane.points([1.0], [2.0])
    assert np.allclose(pca.transform(points), [[1.0, 2.0]], atol=1e-5)


@pytest.mark.parametrize(
    "projection",
    [(0, 0), (0, 4), (0,), 3, "ab", (0, -1), ("a", "b"), (0, 1, 2)],
    ids=repr,
)
def test_what_is_no_pair_of_columns_is_refused(projection):
    with pytest.raises(ValueError, match="two different columns"):
        Plane(X, projection)


@pytest.mark.parametrize(
    ("projection", "message"),
    [
        (PCA(2), "PCA is not fitted"),
        (PCA(3).fit(X), "PCA makes .*two columns"),
        (StandardScaler().fit(X), "StandardScaler makes"),
    ],
    ids=["unfitted", "three", "all"],
)
def test_transformers_that_make_no_plane_are_refused(projection, message):
    with pytest.raises(ValueError, match=message):
        Plane(X, projection)


def test_transformer_without_a_way_back_is_refused():
    class OneWay(PCA):
        inverse_transform = property()

    with pytest.raises(ValueError, match="OneWay has no inverse_transform"):
        Plane(X, OneWay(2).fit(X))
    with pytest.raises(ValueError, match="two different columns"):
        Plane(X, TSNE(2))  # which cannot transform at all


@pytest.mark.parametrize(
    "samples",
    [np.zeros((3, 1, 4, 4)), [["a", "b"]] * 3, [[1.0, 2.0], [1.0]]],
    ids=["images", "words", "ragged"],
)
def test_what_is_no_table_of_numbers_is_refused(samples):
    with pytest.raises(ValueError, match=r"no table of numbers.*QueryDisplay"):
        Plane(samples)


def test_column_of_one_value_has_room():
    xx0, _ = Plane(np.column_stack([np.ones(3), np.arange(3)])).grid(3)
    assert xx0.min() < 1 < xx0.max()
