"""Parts on a cluster of two worker processes: the answer is that of one machine."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skactive.compose import PartitionedSampling
from skactive.diversity import BADGE, CoreSet, MaxHerding
from skactive.uncertainty import EntropySampling, MarginSampling

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


@pytest.mark.parametrize("inner", [MarginSampling, CoreSet])
def test_a_worker_dies_in_the_middle(client, inner, tmp_path):
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

    strategy = PartitionedSampling(Slow(), n_parts=6, random_state=0).fit(*DATA)
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
    answer = asked_on_dask(strategy)
    killer.join()
    assert len(killed) == 1
    assert_array_equal(answer, expected)
    assert len(list(tmp_path.iterdir())) > 6  # a part was asked again
