"""One run: splits that all strategies share, scores, validation, regression."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils import Bunch

from skactive.benchmark import benchmark_strategies


def test_runs_of_a_seed_differ_only_in_what_they_choose(result):
    for seed in range(5):
        runs = [result.select("toy", s)[seed] for s in result.strategies]
        for run in runs[1:]:
            assert_array_equal(run.test, runs[0].test)
            assert_array_equal(run.queried_by_round[0], runs[0].queried_by_round[0])
            assert_array_equal(run.n_labeled, [9, 17, 25, 33])
            assert run.scores[0] == runs[0].scores[0]
            assert not np.array_equal(run.queried, runs[0].queried)
        assert not set(runs[0].test) & set(runs[0].queried)
    starts = {tuple(r.queried[:9]) for r in result.select("toy", "CoreSet").values()}
    assert len(starts) == 5


def test_validation_labels_are_paid_from_the_budget(toy):
    result = benchmark_strategies([], toy.data, validation=8, **toy.settings)
    for run in result.runs:
        assert len(run.validation) == 8
        assert_array_equal(run.n_labeled, [17, 25, 33])
        assert len(run.queried) == 25
        assert len(run.validation_scores) == 3
        assert not set(run.validation) & (set(run.queried) | set(run.test))
    first, second = (result.select("toy", s)[0] for s in result.strategies)
    assert_array_equal(first.validation, second.validation)
    share = benchmark_strategies(
        [], toy.data, validation=1 / 3, **{**toy.settings, "seeds": 1}
    )
    assert_array_equal(share.runs[0].validation, first.validation)


def test_scores_are_those_of_the_model_on_the_test_part(result, toy):
    run = result.select("toy", "EntropySampling")[3]
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    for n, score in zip(run.n_labeled, run.scores):
        rows = run.queried[:n]
        model.fit(toy.X[rows], toy.y[rows])
        assert_allclose(
            model.score(toy.X[run.test], toy.y[run.test]), score, atol=1e-12
        )


def test_an_official_test_part_serves_every_seed(toy):
    bunch = Bunch(
        data=toy.X[:200],
        target=toy.y[:200],
        test_data=toy.X[200:],
        test_target=toy.y[200:],
        name="t",
    )
    result = benchmark_strategies([], bunch, **{**toy.settings, "seeds": 2})
    assert all(run.predictions.shape == (4, 100) for run in result.runs)
    assert all(run.test.size == 0 for run in result.runs)


def test_regression(toy):
    data = {"diabetes": load_diabetes(return_X_y=True)}
    result = benchmark_strategies(
        ["CoreSet"], data, Ridge(), **{**toy.settings, "seeds": 2}
    )
    assert result.strategies == ["RandomSampling", "CoreSet"]
    run = result.runs[0]
    assert run.config["scoring"] == "r2"
    assert_allclose(run.score("r2"), run.scores)
    assert np.all(run.score("neg_mean_absolute_error") < 0)
