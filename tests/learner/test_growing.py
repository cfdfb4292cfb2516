"""A pool that grows: numbers of rows stay, and all that belongs to them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Ridge

from skactive import ActiveLearner
from skactive.diversity import LCMD, CoreSet, RandomSampling, TypiClust, VOpt
from skactive.graph import SparseLabelSpreading
from skactive.io import Journal
from skactive.stopping import StablePredictions
from skactive.uncertainty import EntropySampling, MarginSampling

X, Y = load_iris(return_X_y=True)
ORDER = np.random.RandomState(0).permutation(150)
X, Y = X[ORDER], Y[ORDER]
START = [int(label) if row < 9 else None for row, label in enumerate(Y)]
N = 90
CONTAINERS = {
    "array": lambda X, *_: X,
    "list": lambda X, *_: X.tolist(),
    "CSR": lambda X, *_: sparse.csr_array(X),
    "frame": lambda X, *_: pd.DataFrame(X, columns=list("abcd")),
}


def learner(strategy=None, **more):
    strategy = MarginSampling() if strategy is None else strategy
    return ActiveLearner(
        LogisticRegression(max_iter=300), strategy, random_state=0, **more
    )


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize(
    "strategy",
    [
        MarginSampling(),
        CoreSet(),
        LCMD(),
        TypiClust(),
        VOpt(),
        EntropySampling(SparseLabelSpreading()),
        RandomSampling(),
    ],
    ids=lambda strategy: type(strategy).__name__,
)
def test_it_asks_as_if_all_had_been_there(strategy, kind):
    """From the round on in which the samples came, with the same labels."""
    if kind == "CSR" and isinstance(strategy, VOpt):
        pytest.skip("one container is enough for it")
    make = CONTAINERS[kind]
    grows = learner(strategy).fit(make(X[:N]), START[:N])
    rows = grows.query(3)  # what is kept of the run is of the small pool
    grows.teach(rows, Y[rows])
    assert grows.extend(make(X[N:120])).tolist() == list(range(N, 120))
    assert grows.extend(make(X[120:])).tolist() == list(range(120, 150))
    whole = learner(strategy).fit(make(X), grows.labels_)
    assert len(grows.labels_) == 150
    for _ in range(3):
        rows = whole.query(4)
        assert grows.query(4).tolist() == rows.tolist()
        whole.teach(rows, Y[rows])
        grows.teach(rows, Y[rows])
    proba = [each.predict_proba(make(X)) for each in (whole, grows)]
    assert np.array_equal(*proba)


def test_rows_rounds_and_history_stay():
    grows = learner().fit(X[:N], START[:N])
    rows = grows.query(5)
    grows.teach(rows, [*Y[rows[:4]], None])
    before = {
        name: np.array(getattr(grows, name))
        for name in ("queried_indices_", "skipped_", "n_iter_", "cost_")
    }
    n_fits = len(grows.history_["n_labeled"])
    grows.extend(X[N:])
    for name, value in before.items():
        assert np.array_equal(getattr(grows, name), value), name
    assert len(grows.history_["n_labeled"]) == n_fits
    assert grows.labeled_iter_.shape == grows.labeled_mask_.shape == (150,)
    assert (grows.labeled_iter_[N:] == -1).all()
    assert [s.n_iter_ for s in grows.stages()] == [0, 1]
    assert len(grows.labels_to_frame()) == 14


def test_answers_are_taken_back_and_samples_stay():
    grows = learner().fit(X[:N], START[:N])
    grows.teach([20], [Y[20]])
    new = grows.extend(X[N:])
    grows.teach(new[:2], Y[new[:2]])
    assert grows.undo().tolist() == new[:2].tolist()
    assert not grows.labeled_mask_[N:].any()
    assert grows.undo().tolist() == [20]
    assert len(grows.labels_) == 150
    grows.teach(new[:2], Y[new[:2]]).forget(new[:1])
    assert np.flatnonzero(grows.labeled_mask_[N:]).tolist() == [1]
    assert new[0] in grows.query(150 - 10)


def test_before_the_first_label_and_with_no_sample_left():
    grows = learner(journal=None, oracle=None).fit(X[:9], Y[:9].tolist()[:8] + [None])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        grows.teach([8], [Y[8]])
        assert len(grows.query(1)) == 0
    new = grows.extend(X[9:20])
    assert set(grows.query(11)) == set(new)
    assert grows.extend(X[:0]).tolist() == []


def test_an_oracle_goes_on_with_them():
    truth = np.array(Y)
    asks = learner(
        oracle=lambda rows, X_rows: truth[rows], budget=200, n_initial=10, batch_size=20
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asks.fit(X[:40])
    assert asks.termination_condition_ == "all_labeled"
    asks.extend(X[40:60])
    assert asks.resume().labeled_mask_.sum() == 60
    assert asks.labels_.tolist() == Y[:60].tolist()


def test_a_criterion_goes_on_with_the_samples_of_before():
    asks = learner(
        oracle=lambda rows, X_rows: Y[rows],
        budget=50,
        stopping=StablePredictions(1.0, rounds=50),
    ).fit(X[:N])
    asks.extend(X[N:])
    asks.set_params(budget=60).resume()
    assert asks.labeled_mask_.sum() == 70


def test_a_model_that_learns_from_the_pool_is_fitted_again():
    grows = ActiveLearner(SparseLabelSpreading(), MarginSampling(), random_state=0).fit(
        X[:N], START[:N]
    )
    grows.extend(X[N:])
    grows.query(1)
    whole = ActiveLearner(SparseLabelSpreading(), MarginSampling(), random_state=0).fit(
        X, START
    )
    assert np.array_equal(grows.predict_proba(X[N:]), whole.predict_proba(X[N:]))


def test_weights_come_with_the_samples():
    weights = np.linspace(0.1, 3, 150)
    grows = learner().fit(X[:N], START[:N], sample_weight=weights[:N])
    for wrong in ({}, {"sample_weight": weights}, {"sample_weight": 1.0}):
        with pytest.raises(ValueError, match="sample_weight"):
            grows.extend(X[N:], **wrong)
    assert len(grows.labels_) == N
    grows.extend(X[N:], sample_weight=weights[N:].tolist())
    grows.teach([100, 120], Y[[100, 120]])
    labels = [Y[row] if row < 9 or row in (100, 120) else None for row in range(150)]
    whole = learner().fit(X, labels, sample_weight=weights)
    assert np.array_equal(grows.predict_proba(X), whole.predict_proba(X))
    with pytest.raises(ValueError, match="given nothing for each sample"):
        learner().fit(X[:N], START[:N]).extend(X[N:], sample_weight=weights[N:])


def test_prices_come_with_the_samples():
    cost = np.arange(150.0)
    grows = learner(budget=1000).fit(X[:N], START[:N], cost=cost[:N])
    for wrong, says in (
        (None, "pass cost"),
        (cost, "shape"),
        (-cost[N:], "at least 0"),
        (np.full(60, np.nan), "finite"),
    ):
        with pytest.raises(ValueError, match=says):
            grows.extend(X[N:], cost=wrong)
    assert len(grows.labels_) == N
    before = grows.cost_
    grows.extend(X[N:], cost=cost[N:])
    assert grows.teach([100], [Y[100]]).cost_ == before + 100
    with pytest.raises(ValueError, match="leave out cost"):
        learner().fit(X[:N], START[:N]).extend(X[N:], cost=cost[N:])


@pytest.mark.parametrize(
    ("new", "says"),
    [
        (X[:3, :2], "features"),
        (X[0], "samples|features|dim"),
        (X[:3].astype(str), "astype"),
        (sparse.csr_array(X[:3]), "sparse"),
    ],
    ids=["columns", "one sample", "words", "sparse"],
)
def test_other_samples_are_refused_and_nothing_changes(new, says, tmp_path):
    path = tmp_path / "answers.jsonl"
    grows = learner(journal=path).fit(X[:N], START[:N])
    size = path.stat().st_size
    with pytest.raises((ValueError, TypeError), match=says):
        grows.extend(new)
    assert path.stat().st_size == size
    assert len(grows.labels_) == N
    assert len(grows.query(2)) == 2


def test_other_names_of_columns_are_refused():
    frame = pd.DataFrame(X, columns=list("abcd"))
    grows = learner().fit(frame[:N], START[:N])
    with pytest.raises(ValueError, match="feature names|columns"):
        grows.extend(frame[N:].rename(columns={"d": "e"}))


def test_after_a_simulation_there_is_no_pool():
    with pytest.raises(ValueError, match="fitted in a simulation"):
        learner(budget=5).fit(X, Y).extend(X[:2])


def test_numbers_and_copies():
    y = [float(v) if row < 9 else None for row, v in enumerate(X[:, 0])]
    grows = ActiveLearner(Ridge(), CoreSet(), random_state=0).fit(X[:N, 1:], y[:N])
    twin = pickle.loads(pickle.dumps(grows))
    for each in (grows, twin):
        each.extend(X[N:, 1:])
        rows = each.query(3)
        each.teach(rows, X[rows, 0])
    assert grows.labels_.tolist() == twin.labels_.tolist()


# ------------------------------------------------------------------ with a journal


def taught(path, ids=None, **more):
    """Return a learner that was taught, extended twice and taught again."""
    first = None if ids is None else ids[:N]
    grows = learner(journal=Journal(path, first), **more).fit(X[:N], START[:N])
    grows.teach([20, 30], Y[[20, 30]], who="Ada")
    for start, stop in ((N, 120), (120, 150)):
        grows.extend(X[start:stop], ids=None if ids is None else ids[start:stop])
        grows.teach([start, start + 5], [Y[start], None])
    grows._run.journal.close()
    return grows


@pytest.mark.parametrize("named", [False, True])
def test_another_day_all_is_as_it_was(tmp_path, named):
    ids = [f"flower {k}" for k in range(150)] if named else None
    path = tmp_path / "answers.jsonl"
    before = taught(path, ids)
    after = learner(journal=Journal(path, ids)).fit(X, START)
    assert after.labels_.tolist() == before.labels_.tolist()
    assert after.skipped_.tolist() == before.skipped_.tolist() == [95, 125]
    assert after.history_["n_labeled"] == before.history_["n_labeled"]
    before._run.journal = None
    assert after.query(5).tolist() == before.query(5).tolist()
    assert after.undo().tolist() == before.undo().tolist() == [120, 125]


def test_it_grows_again_another_day(tmp_path):
    path = tmp_path / "answers.jsonl"
    taught(path)
    again = learner(journal=path).fit(X, START)
    again.extend(X[:4])
    again.teach([152], [Y[2]])
    again._run.journal.close()
    last = learner(journal=path).fit(np.concatenate([X, X[:4]]), [*START, *[None] * 4])
    assert last.labels_[152] == Y[2]


def test_other_samples_than_those_that_came_are_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    taught(path)
    with pytest.raises(ValueError, match="is of 150 samples, and X has 90"):
        learner(journal=path).fit(X[:N], START[:N])
    for row in (0, 100, 149):
        other = X.copy()
        other[row] += 1
        with pytest.raises(ValueError, match="other samples"):
            learner(journal=path).fit(other, START)


def test_a_line_that_was_cut_brings_no_samples(tmp_path):
    path = tmp_path / "answers.jsonl"
    grows = learner(journal=path).fit(X[:N], START[:N])
    grows.extend(X[N:])
    grows._run.journal.close()
    path.write_bytes(path.read_bytes()[:-9])
    refused = pytest.raises(ValueError, match="is of 90 samples, and X has 150")
    with pytest.warns(UserWarning, match="cut off"), refused:
        learner(journal=path).fit(X, START)


@pytest.mark.parametrize(
    ("ids", "new", "says"),
    [
        (None, list(range(60)), "leave out ids"),
        (list(range(N)), None, "pass ids"),
        (list(range(N)), list(range(60)), "all be different"),
        (list(range(N)), list(range(100, 150)), "one name for each"),
    ],
    ids=["not wanted", "missing", "taken", "too few"],
)
def test_names_that_do_not_fit_are_refused(tmp_path, ids, new, says):
    path = tmp_path / "answers.jsonl"
    grows = learner(journal=Journal(path, ids)).fit(X[:N], START[:N])
    size = path.stat().st_size
    with pytest.raises(ValueError, match=says):
        grows.extend(X[N:], ids=new)
    assert path.stat().st_size == size
    assert len(grows.labels_) == N


def test_names_without_a_journal_are_refused():
    with pytest.raises(ValueError, match="no journal"):
        learner().fit(X[:N], START[:N]).extend(X[N:], ids=range(60))


def test_a_disk_that_is_full_changes_nothing(tmp_path, monkeypatch):
    grows = learner(journal=tmp_path / "answers.jsonl").fit(X[:N], START[:N])

    def full(lines, sync=True):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(grows._run.journal._file, "add", full)
    with pytest.raises(OSError, match="No space left"):
        grows.extend(X[N:])
    monkeypatch.undo()
    assert len(grows.labels_) == N
    assert len(grows.extend(X[N:])) == 60


def test_a_journal_of_ones_own_says_that_it_cannot():
    class Own:
        def open(self, X):
            return []

        def write(self, events, sync=True):
            pass

        def close(self):
            pass

    grows = learner(journal=Own()).fit(X[:N], START[:N])
    with pytest.raises(TypeError, match="Own has no grow"):
        grows.extend(X[N:])


def test_a_file_grows_without_being_read_whole(tmp_path):
    def stored(name, part):
        out = np.memmap(tmp_path / name, dtype=X.dtype, mode="w+", shape=part.shape)
        out[:] = part
        return out

    grows = learner().fit(stored("a", X[:N]), START[:N])
    grows.extend(stored("b", X[N:]))
    whole = learner().fit(X, START)
    for _ in range(2):
        rows = whole.query(5)
        assert grows.query(5).tolist() == rows.tolist()
        whole.teach(rows, Y[rows])
        grows.teach(rows, Y[rows])
