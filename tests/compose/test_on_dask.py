"""Parts on a cluster of two worker processes: the answer is that of one machine."""

import os
import signal
import threading
import time
from itertools import pairwise

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skactive import ActiveLearner
from skactive.compose import PartitionedSampling
from skactive.diversity import BADGE, CoreSet, MaxHerding
from skactive.uncertainty import EntropySampling, MarginSampling

dask = pytest.importorskip("dask", reason="needs the tests extra")
pytestmark = pytest.mark.slow

X, y = make_classification(3000, 6, n_informative=4, random_state=0)
DATA = X[:40], y[:40], X[40:]


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="needs the tests extra")
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def as_pool(rows, cut, notes=None):
    """Return a dask array whose partitions leave a note of who has made them."""
    da = pytest.importorskip("dask.array", reason="needs the tests extra")
    edges = np.r_[0, np.cumsum(cut)]

    def read(part):
        if notes is not None:
            (notes / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        return part

    blocks = [
        da.from_delayed(dask.delayed(read)(rows[a:b]), (b - a, 6), rows.dtype)
        for a, b in pairwise(edges)
    ]
    return da.concatenate(blocks)


def asked_on_dask(strategy, n=30):
    with joblib.parallel_config(backend="dask"):
        return strategy.query(n)


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        RandomForestClassifier(7, random_state=0),
        RandomForestClassifier(3, max_depth=2, random_state=0),
    ],
    ids=["distinct", "some ties", "many ties"],
)
@pytest.mark.parametrize("cls", [MarginSampling, EntropySampling])
@pytest.mark.parametrize("n_parts", [2, 3, 11])
def test_scores_are_those_of_one_machine(client, cls, model, n_parts):
    strategy = PartitionedSampling(cls(model), n_parts=n_parts, random_state=0)
    strategy.fit(*DATA)
    assert_array_equal(asked_on_dask(strategy), strategy.strategy_.query(30))


@pytest.mark.parametrize("inner", [CoreSet(), MaxHerding(), BADGE()], ids=repr)
@pytest.mark.parametrize("random_state", [0, None])
def test_who_does_the_work_does_not_matter(client, inner, random_state):
    strategy = PartitionedSampling(inner, n_parts=3, random_state=random_state)
    strategy.fit(*DATA)
    alone = strategy.query(20)
    assert_array_equal(asked_on_dask(strategy, 20), alone)
    with joblib.parallel_config("threading", n_jobs=2):
        assert_array_equal(strategy.query(20), alone)
    with joblib.parallel_config("loky", n_jobs=2):
        assert_array_equal(strategy.query(20), alone)


def test_an_error_names_the_row(client):
    pool = DATA[2].copy()
    pool[2500, 1] = np.inf
    strategy = PartitionedSampling(MarginSampling(), n_parts=3).fit(*DATA[:2], pool)
    with pytest.raises(ValueError, match="Row 2500 of the pool, in part 3 of 3"):
        asked_on_dask(strategy)


MODELS = {
    "distinct": LogisticRegression(),
    "many ties": RandomForestClassifier(3, max_depth=2, random_state=0),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("cls", [MarginSampling, EntropySampling])
@pytest.mark.parametrize(
    "cut", [(1480, 1480), (1000, 0, 1960), (10,) * 5 + (2910,)], ids=str
)
def test_scores_of_a_dask_pool_are_those_of_one_machine(client, cut, cls, model):
    strategy = cls(model, random_state=0)
    expected = strategy.fit(*DATA).query(30)
    assert_array_equal(
        strategy.fit(*DATA[:2], as_pool(X[40:], cut)).query(30), expected
    )


def test_nothing_but_the_best_comes_back_and_the_model_goes_once(
    client, tmp_path, monkeypatch
):
    class Heavy(LogisticRegression):
        """A model that counts how often it is pickled."""

        n_pickles = 0

        def __getstate__(self):
            type(self).n_pickles += 1
            return super().__getstate__()

    came = []
    compute = dask.compute

    def counted(*tasks, **settings):
        came.append(compute(*tasks, **settings))
        return came[-1]

    strategy = MarginSampling(Heavy(), random_state=0)
    expected = strategy.fit(*DATA).query(30)
    monkeypatch.setattr(dask, "compute", counted)
    sent = []
    for m in (2, 40):
        strategy.fit(*DATA[:2], as_pool(X[40:], (2960 // m,) * m, tmp_path))
        Heavy.n_pickles = 0
        assert_array_equal(strategy.query(30), expected)
        sent.append(Heavy.n_pickles)
        assert sum(part.nbytes for best in came[-1] for part in best) == m * 30 * 24
    assert sent[1] <= sent[0]  # by client and scheduler, not for each partition
    makers = {int(note.name.partition("-")[0]) for note in tmp_path.iterdir()}
    assert makers <= set(client.run(os.getpid).values())


def test_a_learner_on_a_dask_array(client, tmp_path):
    asked = []
    for rows in (X, as_pool(X, (800, 800, 1400), tmp_path)):
        learner = ActiveLearner(MODELS["many ties"], budget=20, random_state=0)
        asked.append(learner.fit(rows, y).queried_indices_)
    assert_array_equal(*asked)
    assert str(os.getpid()) not in {n.name.split("-")[0] for n in tmp_path.iterdir()}


@pytest.mark.parametrize("inner", [CoreSet(), MaxHerding()], ids=repr)
def test_partitions_of_dask_are_parts(client, inner):
    strategy = PartitionedSampling(inner, random_state=0)
    strategy.fit(*DATA[:2], as_pool(X[40:], (740,) * 4))
    on_cluster = strategy.query(20)
    with dask.config.set(scheduler="synchronous"):
        assert_array_equal(strategy.query(20), on_cluster)
    if isinstance(inner, CoreSet):
        here = PartitionedSampling(inner, n_parts=4, random_state=0).fit(*DATA)
        assert_array_equal(here.query(20), on_cluster)


@pytest.mark.parametrize("parted", [False, True], ids=["alone", "in parts"])
def test_an_error_of_a_partition_names_the_row_once(client, parted):
    pool = DATA[2].copy()
    pool[2500, 1] = np.inf
    strategy = MarginSampling()
    strategy = PartitionedSampling(strategy) if parted else strategy
    strategy.fit(*DATA[:2], as_pool(pool, (1000, 1000, 900, 60)))
    with pytest.raises(ValueError, match="[Rr]ow 2500 of .*3 of 4") as caught:
        strategy.query(30)
    assert str(caught.value).count("of 4") == 1


@pytest.mark.parametrize(
    ("inner", "dask_pool"),
    [(MarginSampling, False), (CoreSet, False), (MarginSampling, True)],
    ids=["scores", "k-center", "scores of a dask array"],
)
def test_a_worker_dies_in_the_middle(client, inner, dask_pool, tmp_path):
    class Slow(inner):
        """Leaves a note when it begins, and takes its time."""

        def _pause(self):
            (tmp_path / f"{os.getpid()}-{time.monotonic_ns()}").touch()
            time.sleep(0.7)

        def score_samples(self, X):
            self._pause()
            return inner.score_samples(self, X)

        def _embed(self, X, name):
            if name == "X_pool" and len(X) > 1:
                self._pause()
            return inner._embed(self, X, name)

    strategy = PartitionedSampling(Slow(), n_parts=6, random_state=0)
    if dask_pool:
        strategy = Slow(random_state=0)
    pool = as_pool(DATA[2], (494, 493, 493, 494, 493, 493)) if dask_pool else DATA[2]
    strategy.fit(*DATA[:2], pool)
    plain = PartitionedSampling(inner(), n_parts=6, random_state=0).fit(*DATA)
    expected = plain.query(30)
    killed = []

    def kill_one():
        for _ in range(600):
            begun = sorted(tmp_path.iterdir(), key=lambda note: note.name.split("-")[1])
            if len(begun) >= 3:  # one part is done, another has begun
                pid = int(begun[-1].name.split("-")[0])
                if pid in workers:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
                return
            time.sleep(0.05)

    # Where only one is up, joblib asks no cluster, but does the work here.
    client.wait_for_workers(2, timeout=60)
    workers = set(client.run(os.getpid).values())
    killer = threading.Thread(target=kill_one)
    killer.start()
    answer = strategy.query(30) if dask_pool else asked_on_dask(strategy)
    killer.join()
    assert len(killed) == 1
    assert_array_equal(answer, expected)
    assert len(list(tmp_path.iterdir())) > 6  # a part was asked again
