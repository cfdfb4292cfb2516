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
    holes = np.where(np.arange(450).reshape(150, 3) == 0, np.nan, 1.0)
    with pytest.raises(ValueError, match="X holds NaN.*pass embedding="):
        make(learner, holes)
    with pytest.raises(ValueError, match="X is not numeric; pass embedding="):
        make(learner, [[0.0, 1.0]] * 149 + [[0.0]])
    with pytest.raises(ValueError, match="embedding is not numeric"):
        make(learner, X, embedding=[["a", "b"]] * 150)
    with pytest.raises(TypeError, match="LogisticRegression has no labeled_iter_"):
        make(LogisticRegression(), X)


# ------------------------------------------------------------ whatever fit takes

WORDS = np.array(["ant", "bee", "cat"])
GAPS = np.arange(150) % 4 == 3


def with_gaps(values, gap=None):
    return [gap if g else v for v, g in zip(values.tolist(), GAPS, strict=True)]


def masked(values):
    return np.ma.masked_array(values, GAPS)


def frame(name):
    """Return a function that looks into a library, if it is there."""
    return lambda: pytest.importorskip(name, reason=f"{name} is not installed")


pandas, polars, arrow = frame("pandas"), frame("polars"), frame("pyarrow")

# From classes 0 to 2 and words to labels of which a quarter is missing.
LABELS = {
    "list of numbers": lambda y, w: with_gaps(y),
    "list of words": lambda y, w: with_gaps(w),
    "list with NaN": lambda y, w: with_gaps(w, float("nan")),
    "list with masked": lambda y, w: with_gaps(y, np.ma.masked),
    "tuple": lambda y, w: tuple(with_gaps(w)),
    "objects": lambda y, w: np.array(with_gaps(y), dtype=object),
    "objects, words": lambda y, w: np.array(with_gaps(w), dtype=object),
    "objects with NaN": lambda y, w: np.array(with_gaps(w, np.nan), dtype=object),
    "floats": lambda y, w: np.array(with_gaps(y, np.nan)),
    "masked": lambda y, w: masked(y),
    "masked words": lambda y, w: masked(w),
    "strings of numpy": lambda y, w: np.array(
        with_gaps(w), dtype=np.dtypes.StringDType(na_object=None)
    ),
    "Series": lambda y, w: pandas().Series(with_gaps(y)),
    "Series, words": lambda y, w: pandas().Series(with_gaps(w)),
    "Int64": lambda y, w: pandas().Series(with_gaps(y), dtype="Int64"),
    "boolean": lambda y, w: pandas().Series(with_gaps(y == 0), dtype="boolean"),
    "category": lambda y, w: pandas().Series(with_gaps(w)).astype("category"),
    "Categorical": lambda y, w: pandas().Categorical(with_gaps(w)),
    "string": lambda y, w: pandas().Series(with_gaps(w), dtype="string"),
    "objects with NA": lambda y, w: pandas().Series(
        with_gaps(w, pandas().NA), dtype=object
    ),
    "polars": lambda y, w: polars().Series(with_gaps(y)),
    "polars, words": lambda y, w: polars().Series(with_gaps(w)),
    "polars, categories": lambda y, w: polars().Series(
        with_gaps(w), dtype=polars().Categorical
    ),
    "arrow": lambda y, w: arrow().array(with_gaps(y)),
    "arrow, words": lambda y, w: arrow().array(with_gaps(w)),
    "arrow, chunks": lambda y, w: arrow().chunked_array(
        [with_gaps(w)[:60], with_gaps(w)[60:]]
    ),
}


@pytest.mark.parametrize("kind", LABELS)
def test_labels_with_gaps_of_any_kind_are_drawn(kind, blobs):
    X, y, learner = blobs
    labels = LABELS[kind](y, WORDS[y])
    ActiveLearner().fit(X, labels)  # the learner takes them
    display = QueryDisplay.from_learner(learner, X, labels).plot()
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    n_classes = 2 if kind == "boolean" else 3
    assert len(texts) == 2 + n_classes + 1 and texts[-1] == "no label"
    names = {"ant", "bee", "cat", "0", "1", "2", "0.0", "1.0", "2.0", "True", "False"}
    assert set(texts[2:-1]) <= names
    drawn = np.vstack(drawn_points(display.ax_))
    assert len(drawn) == len(X) and len(np.unique(drawn, axis=0)) == len(X)
    # Made by hand, a display reads labels alike.
    by_hand = QueryDisplay(
        embedding=X, labeled_iter=learner.labeled_iter_, y=labels
    ).plot()
    again = [text.get_text() for text in by_hand.ax_.get_legend().get_texts()]
    assert again == texts
    plt.close("all")


def test_gaps_marked_as_the_learner_marks_them_are_gaps(blobs):
    X, y, _ = blobs
    marked = np.where(GAPS, -1, y)
    learner = ActiveLearner(missing_label=-1).fit(X, marked)
    display = QueryDisplay.from_learner(learner, X, marked).plot()
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["pool", "beginning", "0", "1", "2", "no label"]
    plt.close("all")


def test_labels_that_are_all_missing_are_drawn_as_such(blobs):
    X, _, learner = blobs
    display = QueryDisplay.from_learner(learner, X, [None] * len(X)).plot()
    assert sum(map(len, drawn_points(display.ax_))) == len(X)
    plt.close("all")


def test_names_of_classes_are_drawn_letter_by_letter(blobs):
    X, y, learner = blobs
    names = np.array(["$\\frac{$", "_b", "c"])[y]
    display = QueryDisplay.from_learner(learner, X, names).plot()
    assert len(display.ax_.get_legend().get_texts()) == 5
    display.figure_.canvas.draw()
    plt.close("all")


SAMPLES = {
    "list": lambda X: X.tolist(),
    "objects": lambda X: X.astype(object),
    "masked": np.ma.masked_array,
    "pandas": lambda X: pandas().DataFrame(X, columns=["a", "b"]),
    "polars": lambda X: polars().DataFrame(X, schema=["a", "b"]),
    "arrow": lambda X: arrow().table({"a": X[:, 0], "b": X[:, 1]}),
    **{
        f"{form}_{kind}": lambda X, form=form, kind=kind: getattr(
            sparse, f"{form}_{kind}"
        )(X)
        for form in ("csr", "csc", "coo", "lil", "dia", "dok", "bsr")
        for kind in ("array", "matrix")
    },
}


@pytest.mark.filterwarnings("ignore:Constructing a DIA")
@pytest.mark.parametrize("kind", SAMPLES)
def test_samples_of_any_kind_lie_where_they_are(kind, blobs):
    X, _, learner = blobs
    given = SAMPLES[kind](X)
    assert np.array_equal(QueryDisplay.from_learner(learner, given).embedding, X)
    by_hand = QueryDisplay.from_learner(learner, X, embedding=given)
    assert np.array_equal(by_hand.embedding, X)
    wide = SAMPLES[kind](X) if kind in ("pandas", "polars", "arrow") else None
    if wide is None:
        wide = SAMPLES[kind](np.column_stack([X, X]))
        plane = QueryDisplay.from_learner(learner, wide).embedding
        expected = PCA(2, random_state=0).fit_transform(np.column_stack([X, X]))
        assert np.abs(plane) == pytest.approx(np.abs(expected), abs=1e-6)
