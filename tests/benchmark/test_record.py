"""Records: other metrics from what is stored, hashes and fingerprints."""

import json

import numpy as np
from numpy.testing import assert_allclose
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.utils import Bunch

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._record import describe, fingerprint, hash_of
from skactive.benchmark._run import Task
from skactive.diversity import CoreSet
from skactive.uncertainty import EntropySampling, InformationDensity, entropy, margin


def test_another_metric_comes_from_the_store_alone(tmp_path, toy):
    benchmark_strategies(
        ["entropy"], toy.data, store=tmp_path, **{**toy.settings, "seeds": 2}
    )
    loaded = BenchmarkResult.load(tmp_path)
    run = loaded.select("toy", "EntropySampling")[1]
    expected = [
        balanced_accuracy_score(toy.y[run.test], run.classes[p])
        for p in run.predictions
    ]
    assert_allclose(run.score("balanced_accuracy"), expected)
    losses = [log_loss(toy.y[run.test], proba) for proba in run.probabilities]
    assert_allclose(run.score("neg_log_loss"), np.negative(losses), rtol=1e-5)
    assert_allclose(run.score("accuracy"), run.scores)
    _, scores = loaded.curve("toy", "EntropySampling", scoring="f1_macro")
    assert scores.shape == (2, 4)


def test_a_configuration_is_described_alike_in_every_process(toy):
    one = InformationDensity(uncertainty=margin, embedding=CoreSet())
    text = json.dumps(describe(one), sort_keys=True)
    assert "0x" not in text and "skactive.uncertainty._margin.margin" in text
    assert hash_of(describe(one)) != hash_of(
        describe(InformationDensity(uncertainty=entropy, embedding=CoreSet()))
    )
    assert describe(np.float64(2)) == 2.0
    assert fingerprint(toy.X) == fingerprint(toy.X.copy()) != fingerprint(toy.X + 1)
    data = Bunch(name="d", fingerprint="f")
    tasks = [
        Task(data, "s", EntropySampling(), GaussianNB(), seed, {}, "s")
        for seed in (0, 1)
    ]
    assert tasks[0].config_hash != tasks[1].config_hash
