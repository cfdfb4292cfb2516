"""QueryDisplay: every sample once, in the color of its round."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skactive import ActiveLearner
from skactive.inspection import QueryDisplay

plt = pytest.importorskip("matplotlib.pyplot")


def drawn_points(ax):
    """Return the points of all scatters, those of the legend (empty) left out."""
    parts = [c.get_offsets() for c in ax.collections if len(c.get_offsets())]
    return [np.asarray(part) for part in parts]


def test_every_sample_is_drawn_once_as_pool_beginning_or_query(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X).plot()
    pool, asked, start = drawn_points(display.ax_)
    rounds = learner.labeled_iter_
    assert np.array_equal(pool, X[rounds < 0])
    assert np.array_equal(asked, X[rounds > 0])
    assert np.array_equal(start, X[rounds == 0])
    asked_artist = display.ax_.collections[1]
    assert np.array_equal(asked_artist.get_array(), rounds[rounds > 0])
    title = display.ax_.get_title()
    assert title == "10 labels to begin with, 30 asked for in 3 rounds"


def test_color_bar_counts_rounds(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_.ax.get_ylabel() == "round"
    assert display.colorbar_.get_ticks().tolist() == [1, 2, 3]


def test_classes_are_markers_and_stand_in_the_legend(blobs):
    X, y, learner = blobs
    words = np.array(["ant", "bee", "cat"])[y]
    display = QueryDisplay.from_learner(learner, X, words).plot()
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["pool", "beginning", "ant", "bee", "cat"]
    assert sum(map(len, drawn_points(display.ax_))) == len(X)
    pools = drawn_points(display.ax_)[:3]
    for label, pool in zip(["ant", "bee", "cat"], pools, strict=True):
        unlabeled = learner.labeled_iter_ < 0
        assert np.array_equal(pool, X[unlabeled & (words == label)])


def test_learner_that_has_not_asked_yet_shows_its_labels(blobs):
    X, y, _ = blobs
    partial = np.where(np.arange(len(y)) < 12, y, np.nan)
    learner = ActiveLearner().fit(X, partial)
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_ is None
    assert display.ax_.get_title().startswith("12 labels to begin with, 0 asked")
    rows = learner.query(2)
    learner.teach(rows, y[rows])
    display = QueryDisplay.from_learner(learner, X).plot()
    assert display.colorbar_.get_ticks().tolist() == [1]


def test_more_than_two_columns_are_projected(digits, seeds):
    X, learner = digits[0], seeds["margin"][0]
    expected = PCA(2, random_state=0).fit_transform(X)
    dense = QueryDisplay.from_learner(learner, X).embedding
    assert np.array_equal(dense, expected)
    images = QueryDisplay.from_learner(learner, X.reshape(-1, 1, 8, 8)).embedding
    assert np.array_equal(images, expected)
    csr = QueryDisplay.from_learner(learner, sparse.csr_array(X)).embedding
    assert np.abs(csr) == pytest.approx(np.abs(expected), abs=1e-6)


def test_embedding_may_be_an_array_or_a_transformer(digits, seeds):
    X, learner = digits[0], seeds["margin"][0]
    given = np.column_stack([np.arange(400), np.arange(400)])
    by_array = QueryDisplay.from_learner(learner, X, embedding=given)
    assert by_array.embedding.tolist() == given.tolist()
    svd = TruncatedSVD(2, random_state=0)
    by_transformer = QueryDisplay.from_learner(learner, X, embedding=svd)
    assert np.array_equal(by_transformer.embedding, svd.fit_transform(X))


def test_pipeline_shows_the_queries_of_its_learner(digits):
    X, y = digits[:2]
    pipe = make_pipeline(StandardScaler(), ActiveLearner(budget=10)).fit(X, y)
    display = QueryDisplay.from_learner(pipe, X)
    assert display.labeled_iter.tolist() == pipe[-1].labeled_iter_.tolist()


def test_data_that_do_not_fit_are_refused(blobs):
    X, y, learner = blobs
    make = QueryDisplay.from_learner
    with pytest.raises(ValueError, match=r"150 rows, and X has 149"):
        make(learner, X[1:])
    with pytest.raises(ValueError, match=r"150 rows, and y has 149"):
        make(learner, X, y[1:])
    with pytest.raises(ValueError, match="two columns"):
        make(learner, X, embedding=np.zeros((150, 3)))
    with pytest.raises(ValueError, match="two columns"):
        make(learner, X[:, :1])
    with pytest.raises(ValueError, match="leave y out"):
        make(learner, X, np.arange(150))
    with pytest.raises(ValueError, match="pass embedding="):
        make(learner, np.array([["a", "b"]] * 150))
    with pytest.raises(TypeError, match="LogisticRegression has no labeled_iter_"):
        make(LogisticRegression(), X)
