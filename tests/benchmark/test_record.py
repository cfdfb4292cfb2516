"""Records: their files, and other metrics from what is stored."""

import io
import json
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import is_classifier
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.utils.validation import check_is_fitted

from skactive.benchmark import BenchmarkResult, benchmark_strategies
from skactive.benchmark._record import FORMAT, RunRecord, _StoredModel


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


def record(**changes):
    """Two rounds, three test rows, classes "no" and "yes", one validation row."""
    return replace(
        RunRecord(
            dataset="d",
            strategy="s",
            seed=7,
            config={"scoring": "accuracy", "steps": [1, "two"]},
            config_hash="hash",
            versions={"skactive": "0"},
            selected_by="s",
            trained_by="estimator",
            queried=np.array([9, 4, 2]),
            validation=np.array([8]),
            test=np.array([0, 1, 3]),
            n_labeled=np.array([3, 4]),
            predictions=np.array([[0, 0, 1], [0, 1, 1]], dtype=np.uint8),
            probabilities=np.array(
                [
                    [[0.75, 0.25], [0.5, 0.5], [0.0, 1.0]],
                    [[0.75, 0.25], [0.25, 0.75], [0.25, 0.75]],
                ],
                dtype=np.float32,
            ),
            y_test=np.array([0, 1, 1], dtype=np.uint8),
            classes=np.array(["no", "yes"]),
            scores=np.array([2 / 3, 1.0]),
            validation_scores=np.array([0.0, 1.0]),
            fit_time=np.array([0.5, 0.25]),
            query_time=np.array([0.125, 0.0]),
        ),
        **changes,
    )


def test_a_record_survives_its_file_without_pickle():
    one, file = record(), io.BytesIO()
    one.dump(file)
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        head = json.loads(str(arrays["head"]))
        again = RunRecord.load(head, arrays)
    assert head["format"] == FORMAT
    for name in (entry.name for entry in fields(RunRecord)):
        before, after = getattr(one, name), getattr(again, name)
        np.testing.assert_array_equal(after, before, err_msg=name)
        assert type(after) is type(before), name
        if isinstance(before, np.ndarray):
            assert after.dtype == before.dtype, name


def test_labels_bought_for_validation_are_in_no_round():
    # Labels paid for are 3 and 4, one of them for validation: rounds of 2 and of 1.
    assert [rows.tolist() for rows in record().queried_by_round] == [[9, 4], [2]]
    plain = record(validation=np.array([], dtype=int))
    plain.n_labeled = np.array([2, 3])
    assert [rows.tolist() for rows in plain.queried_by_round] == [[9, 4], [2]]


def test_scores_by_another_measure_by_hand():
    one = record()
    assert one.score() is one.scores
    assert_allclose(one.score("accuracy"), [2 / 3, 1])
    # Recall of "no" is 1 in both rounds, of "yes" a half and then 1.
    assert_allclose(one.score("balanced_accuracy"), [0.75, 1])
    # Round 1: -(log 0.75 + 2 log 0.75) / 3.
    assert_allclose(one.score("neg_log_loss")[1], np.log(0.75), rtol=1e-6)


def test_a_scorer_is_shown_labels_and_a_model_that_has_been_fitted():
    seen = []

    def scorer(model, X, y):
        check_is_fitted(model)
        seen.append((is_classifier(model), model.predict(X).tolist(), y.tolist()))
        return 0.5

    assert record().score(scorer).tolist() == [0.5, 0.5]
    assert seen[0] == (True, ["no", "no", "yes"], ["no", "yes", "yes"])
    assert seen[1] == (True, ["no", "yes", "yes"], ["no", "yes", "yes"])


def test_values_of_a_regressor_are_scored_as_they_are():
    one = record(
        classes=np.array([]),
        predictions=np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 5.0]]),
        probabilities=np.array([], dtype=np.float32),
        y_test=np.array([1.0, 2.0, 5.0]),
    )
    assert_allclose(one.score("neg_mean_absolute_error"), [-2 / 3, 0])


def test_a_measure_of_probabilities_says_that_there_are_none():
    one = record(probabilities=np.array([], dtype=np.float32))
    with pytest.raises(AttributeError, match="no probabilities"):
        _StoredModel(one, 0).predict_proba([[0]])


@pytest.mark.parametrize(
    "name",
    [
        "queried",
        "validation",
        "test",
        "n_labeled",
        "predictions",
        "probabilities",
        "scores",
        "validation_scores",
    ],
)
def test_decisions_are_equal_to_the_last_bit_or_not_at_all(name):
    one, other = record(), record()
    assert one.decisions_equal(other)
    changed = getattr(other, name).astype(float)
    changed.flat[-1] = np.nextafter(changed.flat[-1], np.inf)
    setattr(other, name, changed)
    assert not one.decisions_equal(other) and not other.decisions_equal(one)


def test_times_and_versions_are_no_decisions():
    other = record(fit_time=np.ones(2), query_time=np.ones(2), versions={})
    assert record().decisions_equal(other)
