"""One list of containers: what a learner is fitted on can be benchmarked."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import make_blobs
from sklearn.utils import Bunch

from skactive import ActiveLearner
from skactive.benchmark import benchmark_strategies
from skactive.benchmark._containers import as_rows, as_targets
from skactive.benchmark._menu import as_data

X, Y = make_blobs(60, centers=3, random_state=0)
WORDS = np.array(["ant", "bee", "cat"])[Y]
SMALL = {"n_initial": 9, "batch_size": 6, "budget": 6, "seeds": 1}
FORMATS = ("csr", "csc", "coo", "lil", "dia", "dok", "bsr")


def library(name):
    return lambda: pytest.importorskip(name, reason=f"{name} is not installed")


pandas, polars, arrow = library("pandas"), library("polars"), library("pyarrow")


def mapped(folder, X):
    one = np.memmap(folder / "rows", dtype=X.dtype, mode="w+", shape=X.shape)
    one[:] = X
    return one


SAMPLES = {
    "array": lambda _: X,
    "float32": lambda _: X.astype(np.float32),
    "Fortran": lambda _: np.asfortranarray(X),
    "list": lambda _: X.tolist(),
    "tuple": lambda _: tuple(map(tuple, X)),
    "list of arrays": lambda _: list(X),
    "objects": lambda _: X.astype(object),
    "masked": lambda _: np.ma.masked_array(X),
    "memmap": lambda folder: mapped(folder, X),
    "pandas": lambda _: pandas().DataFrame(X, columns=["a", "b"]),
    "polars": lambda _: polars().DataFrame(X, schema=["a", "b"]),
    "arrow": lambda _: arrow().table({"a": X[:, 0], "b": X[:, 1]}),
    "record batch": lambda _: arrow().RecordBatch.from_pydict(
        {"a": X[:, 0], "b": X[:, 1]}
    ),
    **{
        f"{form}_{kind}": lambda _, form=form, kind=kind: getattr(
            sparse, f"{form}_{kind}"
        )(X)
        for form in FORMATS
        for kind in ("array", "matrix")
    },
}
LABELS = {
    "array": lambda: Y,
    "list": lambda: Y.tolist(),
    "tuple": lambda: tuple(Y),
    "objects": lambda: Y.astype(object),
    "floats": lambda: Y.astype(float),
    "booleans": lambda: Y == 0,
    "words": lambda: WORDS,
    "list of words": lambda: WORDS.tolist(),
    "words as objects": lambda: WORDS.astype(object),
    "strings of numpy": lambda: WORDS.astype(np.dtypes.StringDType()),
    "masked": lambda: np.ma.masked_array(Y),
    "Series": lambda: pandas().Series(Y),
    "Int64": lambda: pandas().Series(Y, dtype="Int64"),
    "boolean": lambda: pandas().Series(Y == 0, dtype="boolean"),
    "category": lambda: pandas().Series(WORDS).astype("category"),
    "Categorical": lambda: pandas().Categorical(WORDS),
    "string": lambda: pandas().Series(WORDS, dtype="string"),
    "Index": lambda: pandas().Index(Y),
    "polars": lambda: polars().Series(Y),
    "polars, words": lambda: polars().Series(WORDS.tolist()),
    "polars, categories": lambda: polars().Series(
        WORDS.tolist(), dtype=polars().Categorical
    ),
    "polars, Enum": lambda: polars().Series(
        WORDS.tolist(), dtype=polars().Enum(["ant", "bee", "cat"])
    ),
    "arrow": lambda: arrow().array(Y),
    "arrow, words": lambda: arrow().array(WORDS.tolist()),
    "arrow, chunks": lambda: arrow().chunked_array(
        [WORDS.tolist()[:20], WORDS.tolist()[20:]]
    ),
    "arrow, dictionary": lambda: arrow().array(WORDS.tolist()).dictionary_encode(),
}
COLUMNS = {
    "column": lambda: Y[:, None],
    "frame": lambda: pandas().DataFrame({"y": WORDS}),
    "frame of polars": lambda: polars().DataFrame({"y": WORDS}),
}

wasteful = pytest.mark.filterwarnings("ignore:Constructing a DIA")
# scikit-learn's advice about y of shape (n, 1), which is what is tried here.
columns = pytest.mark.filterwarnings("ignore:A column-vector y")


@pytest.fixture(scope="module")
def plain():
    result = benchmark_strategies(["CoreSet"], {"d": (X, Y)}, **SMALL)
    assert not result.failures
    return result


@wasteful
@pytest.mark.parametrize("kind", SAMPLES)
def test_samples_of_any_container_give_the_same_runs(kind, plain, tmp_path):
    given = SAMPLES[kind](tmp_path)
    result = benchmark_strategies(["CoreSet"], {"d": (given, Y)}, **SMALL)
    assert not result.failures
    for run, expected in zip(result.runs, plain.runs, strict=True):
        if kind == "float32" or sparse.issparse(given):
            # Other roundings, and a model that leaves the zeros where they are.
            assert run.queried[:9].tolist() == expected.queried[:9].tolist()
            assert run.scores[-1] > 0.5
        else:
            assert run.decisions_equal(expected)


@wasteful
@pytest.mark.parametrize("form", FORMATS)
def test_all_sparse_formats_are_one_data_set(form):
    one = as_data((getattr(sparse, f"{form}_array")(X), Y), "d")
    assert one.X.format == "csr"
    assert one.fingerprint == as_data((sparse.csr_array(X), Y), "d").fingerprint
    ready = sparse.csr_array(X)
    assert as_rows(ready, "d") is ready


@wasteful
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_test_part_may_be_in_any_container(kind, tmp_path):
    given = SAMPLES[kind](tmp_path)
    bunch = Bunch(data=given, target=Y, test_data=given, test_target=Y, name="d")
    result = benchmark_strategies([], bunch, **SMALL)
    assert not result.failures and result.runs[0].predictions.shape == (2, 60)


@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_any_container_are_taken(kind, plain):
    given = LABELS[kind]()
    ActiveLearner(budget=6, batch_size=6, random_state=0).fit(X, given)
    result = benchmark_strategies(["CoreSet"], {"d": (X, given)}, **SMALL)
    assert not result.failures
    for run, expected in zip(result.runs, plain.runs, strict=True):
        if "bool" not in kind:  # two classes are split otherwise than three
            assert run.decisions_equal(expected)


@columns
@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_labels_is_taken_as_by_the_learner(kind):
    assert as_data((X, COLUMNS[kind]()), "d").y.shape == (60,)


GAPS = np.arange(60) % 4 == 3


@pytest.mark.parametrize("kind", [k for k in LABELS if "bool" not in k])
def test_labels_that_are_missing_are_counted_in_any_container(kind):
    gap = np.where(GAPS)[0]
    if kind == "masked":
        given = np.ma.masked_array(Y, GAPS)
    elif kind == "array":
        given = np.where(GAPS, np.nan, Y)
    elif kind == "floats":
        given = [float("nan") if g else v for v, g in zip(Y, GAPS)]
    elif "arrow" in kind:
        given = arrow().array([None if i in gap else w for i, w in enumerate(WORDS)])
    elif "polars" in kind:
        given = polars().Series([None if i in gap else w for i, w in enumerate(WORDS)])
    else:
        given = [None if i in gap else w for i, w in enumerate(WORDS)]
        if kind in ("Series", "Int64", "category", "Categorical", "string", "Index"):
            given = pandas().Series(given)
    with pytest.raises(ValueError, match="d: .*every label, and 15 are missing"):
        as_data((X, given), "d")
    part = Bunch(data=X, target=Y, test_data=X, test_target=given, name="d")
    with pytest.raises(ValueError, match="d, its test part: .*15 are missing"):
        as_data(part)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(
    "given, message",
    [
        (lambda: np.matrix(X), r"numpy.matrix; pass np.asarray\(X\)"),
        (lambda: {"a": [0] * 60}, "a builtins.dict .*Convert it to an array"),
        (lambda: iter(X), "Convert it to an array, a list of rows, a data frame"),
        (lambda: 3, "a builtins.int"),
        (lambda: None, "a builtins.NoneType"),
        (lambda: sparse.coo_array(np.ones(60)), "sparse array with 1 axis"),
        (lambda: polars().LazyFrame({"a": [0] * 60}), r"pass X.collect\(\)"),
    ],
)
def test_samples_without_rows_are_refused_with_what_to_do(given, message):
    with pytest.raises(TypeError, match=f"d: .*{message}"):
        as_data((given(), Y), "d")


def test_a_table_of_arrow_without_pandas_says_so(monkeypatch):
    class Table:
        column_names = ["a"]

        def to_pandas(self):
            raise ImportError("no pandas")

    with pytest.raises(TypeError, match="pip install pandas, or pass a data frame of"):
        as_rows(Table(), "d")


@pytest.mark.parametrize(
    "given, message",
    [
        (np.eye(59), "There are 60 samples and 59 rows of y"),
        (np.where(np.eye(60), np.nan, 0), "missing in part"),
        ([[0, 1], [0]] * 30, "Row 1 of the answers has 1 columns"),
        (sparse.csr_array(np.eye(60)), r"pass y.toarray\(\)"),
        (3, r"y must be 1-d, got the shape \(\)"),
        (None, "y must be 1-d"),
        (Y[:-1], "different lengths, 60 and 59"),
        ([], "different lengths, 60 and 0"),
    ],
)
def test_labels_of_another_shape_are_refused(given, message):
    with pytest.raises(ValueError, match=f"d: .*{message}"):
        as_targets(given, 60, "d")


def test_a_test_part_has_samples_and_labels():
    for half in ({"test_data": X}, {"test_target": Y}):
        with pytest.raises(ValueError, match="d: give test_data and test_target"):
            as_data(Bunch(data=X, target=Y, name="d", **half))
    short = Bunch(data=X, target=Y, name="d", test_data=X, test_target=Y[1:])
    with pytest.raises(ValueError, match="d, its test part: X and y have different"):
        as_data(short)
