"""Wrong strategies, each caught by the check that names its fault."""

import random
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from skactive.base import EmbeddingStrategy, QueryStrategy, ScoreStrategy
from skactive.testing import check_strategy, strategy_checks


class Scores(ScoreStrategy):
    """Ask for samples whose best class is least probable."""

    def score_samples(self, X):
        return -self._predict_proba(X).max(axis=1)


class Embeds(EmbeddingStrategy):
    """Ask for samples far from the mean of the pool."""

    def _select(self, Z, n, *, Z_labeled, random_state):
        Z = Z.toarray() if hasattr(Z, "toarray") else Z
        far = np.linalg.norm(Z - Z.mean(axis=0), axis=1)
        return np.argsort(-far, kind="stable")[:n]


class Free(QueryStrategy):
    """Ask for samples in a shuffled order."""

    def __init__(self, *, random_state=None):
        self.random_state = random_state

    def _query(self, n):
        return self._query_random_state().permutation(self.n_pool_)[:n]


# ------------------------------------------------------------------ wrong answers


class RepeatsAnIndex(Free):
    def _query(self, n):
        return np.zeros(n, dtype=int)


class RepeatsAnIndexUnchecked(Free):
    def query(self, n=1):
        return np.zeros(n, dtype=np.intp)


class AnswersInRowsOfX(Free):
    def _fit(self, X, y, X_pool):
        self.n_labeled_ = 0 if X is None else len(X)

    def _query(self, n):
        return self._query_random_state().permutation(self.n_labeled_)[:n]


class AnswersInRowsOfXAndPool(AnswersInRowsOfX):
    def _query(self, n):
        return self.n_labeled_ + np.arange(n)


class AnswersInRowsOfXUnchecked(AnswersInRowsOfX):
    def query(self, n=1):
        return np.arange(self.n_labeled_)[-n:]


class AsksForWhatOthersHold(Free):
    def query(self, n=1, *, exclude=None, among=None):
        return super().query(n, among=among)


class AsksForWhatWasNotOffered(Free):
    def query(self, n=1, *, exclude=None, among=None):
        return super().query(n, exclude=exclude)


class KeepsWhatWasOffered(Free):
    def query(self, n=1, *, exclude=None, among=None):
        if among is not None:
            self.among_ = among
        among = getattr(self, "among_", None)
        return super().query(n, exclude=exclude, among=among)


class AnswersWithAList(Free):
    def query(self, n=1):
        return super().query(n).tolist()


class AnswersWithDistinctPointsOnly(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        return np.unique(Z, axis=0, return_index=True)[1][:n]


class KeepsQuietAboutAnExhaustedPool(Free):
    def query(self, n=1):
        return super().query(min(n, self.n_pool_))


class RefusesAnExhaustedPool(Free):
    def query(self, n=1):
        if n > self.n_pool_:
            raise ValueError("n is too large")
        return super().query(n)


class TakesAnyN(Free):
    def query(self, n=1):
        return super().query(max(1, int(n or 1)) if np.isscalar(n) else 1)


class WantsAPythonInt(Free):
    def query(self, n=1):
        if type(n) is not int:
            raise TypeError("n must be an int")
        return super().query(n)


class WantsTwoSamples(Free):
    def _query(self, n):
        if self.n_pool_ < 2:
            raise ValueError("Found array with 1 sample(s)")
        return super()._query(n)


# ------------------------------------------------------------------- wrong scores


class ReturnsNaN(Scores):
    def score_samples(self, X):
        return np.full(len(X), np.nan)


class ReturnsNaNWhenCertain(Scores):
    def score_samples(self, X):
        proba = self._predict_proba(X)
        with np.errstate(divide="ignore", invalid="ignore"):
            return -(proba * np.log(proba)).sum(axis=1)


class WantsTheLowestScore(Scores):
    def _query(self, n):
        return np.argsort(self.score_samples(self._X_pool))[:n]


class ScoresOnItsOwnAndWantsTheLowest(Free):
    """No ScoreStrategy, and yet with scores."""

    def score_samples(self, X):
        return np.asarray(X)[:, 0]

    def _query(self, n):
        return np.argsort(self.score_samples(self._X_pool))[:n]


class ScoresDependOnTheBatch(Scores):
    def score_samples(self, X):
        scores = super().score_samples(X)
        return scores - scores.mean()


class ScoresDependOnTheOrder(Scores):
    def score_samples(self, X):
        scores = super().score_samples(X)
        return scores + np.arange(len(scores))


class ScoresAreColumns(Scores):
    def score_samples(self, X):
        return super().score_samples(X)[:, None]


class ScoringChangesTheModel(Scores):
    def score_samples(self, X):
        scores = super().score_samples(X)
        self.estimator_.coef_ *= 0.5
        return scores


# ------------------------------------------------------------- wrong manners: seeds


class DrawsFromNumpyGlobally(Free):
    def _query(self, n):
        return np.random.permutation(self.n_pool_)[:n]


class DrawsFromPythonGlobally(Free):
    def _query(self, n):
        return np.array(random.sample(range(self.n_pool_), n))


class SeedsTheGlobalGenerator(Free):
    def _query(self, n):
        np.random.seed(self.random_state)
        return np.random.permutation(self.n_pool_)[:n]


class DrawsOnFromOneGenerator(Free):
    def _fit(self, X, y, X_pool):
        self._rng = np.random.RandomState(self.random_state)

    def _query(self, n):
        return self._rng.permutation(self.n_pool_)[:n]


# ------------------------------------------------------------- wrong manners: state


class CentersThePoolInPlace(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        Z -= Z.mean(axis=0)
        return super()._select(Z, n, Z_labeled=Z_labeled, random_state=random_state)


class SortsLabelsInPlace(Free):
    def _fit(self, X, y, X_pool):
        if isinstance(y, np.ndarray):
            y.sort()


class CountsItsQueries(Free):
    def _query(self, n):
        self.n_queries_ = getattr(self, "n_queries_", 0) + 1
        return super()._query(n)


class HandsOutItsOwnArray(Free):
    def _fit(self, X, y, X_pool):
        rng = np.random.RandomState(self.random_state)
        self._order = rng.permutation(self.n_pool_)

    def query(self, n=1):
        return self._order[:n]


class RemembersTheFirstFit(Scores):
    def _fit(self, X, y, X_pool):
        if not hasattr(self, "estimator_"):
            super()._fit(X, y, X_pool)


class CannotBePickled(Free):
    def _fit(self, X, y, X_pool):
        self._shuffle = lambda: super(CannotBePickled, self)._query


class IsItsOwnClone(Free):
    def __sklearn_clone__(self):
        return self


class HasNoDefault(Free):
    def __init__(self, width, *, random_state=None):
        super().__init__(random_state=random_state)
        self.width = width


class HasPositionalSettings(Free):
    def __init__(self, width=1, random_state=None):
        super().__init__(random_state=random_state)
        self.width = width


class ReturnsNothingFromFit(Free):
    def fit(self, X, y=None, X_pool=None):
        super().fit(X, y, X_pool)


class AnswersBeforeFit(Free):
    def query(self, n=1):
        return np.arange(n) if not hasattr(self, "n_pool_") else super().query(n)


class KeepsARefusedFit(Free):
    def __sklearn_is_fitted__(self):
        return True


# ------------------------------------------------------------ wrong manners: inputs


class TakesLabelsForNumbers(Scores):
    def _fit(self, X, y, X_pool):
        super()._fit(X, np.asarray(y) + 0, X_pool)


class WeighsLabelsAsNumbers(Scores):
    def score_samples(self, X):
        return self._predict_proba(X) @ np.abs(self.estimator_.classes_ - 0.9)


class AnswersWithTheIndexOfAFrame(Free):
    def _query(self, n):
        positions = super()._query(n)
        return getattr(self._X_pool, "index", np.arange(self.n_pool_))[positions]


class ConvertsFrames(Scores):
    def _fit(self, X, y, X_pool):
        super()._fit(np.asarray(X), y, X_pool)


class FlattensImages(Scores):
    def _fit(self, X, y, X_pool):
        if hasattr(X, "reshape"):
            X = X.reshape(X.shape[0], -1)
        super()._fit(X, y, X_pool)


class MistakesSparseForDense(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        return np.argsort(-np.linalg.norm(Z, axis=1))[:n]


class AnswersSparseOtherwise(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        if hasattr(Z, "toarray"):
            return np.arange(n)
        return super()._select(Z, n, Z_labeled=Z_labeled, random_state=random_state)


class IndexesThePoolAsAnArray(Free):
    def _query(self, n):
        return np.argsort(self._X_pool[:, 0])[:n]


class WantsDoublePrecision(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        assert Z.dtype == np.float64, "double only"
        return super()._select(Z, n, Z_labeled=Z_labeled, random_state=random_state)


class NeedsTheLabeledSamples(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        return np.argsort(-np.linalg.norm(Z - Z_labeled[0], axis=1))[:n]


class GoesWithoutLabels(Scores):
    def fit(self, X, y=None, X_pool=None):
        if y is None:
            y = np.arange(len(X)) % 2
        return super().fit(X, y, X_pool)


class SpeaksInRiddlesOfOneClass(Scores):
    def _fit(self, X, y, X_pool):
        if len(np.unique(y)) == 1:
            raise ValueError("singular")
        super()._fit(X, y, X_pool)


class QueriesX(Free):
    def fit(self, X, y=None, X_pool=None):
        return super().fit(X, y, X if X_pool is None else X_pool)


class TakesAnyPool(Free):
    def _check_pool(self, X, X_pool, **settings):
        pass


class TakesAnyLabels(Free):
    def fit(self, X, y=None, X_pool=None):
        return super().fit(X, None if y is None else np.zeros(len(X)), X_pool)


# A strategy, the check that must fail, and words of the error it must fail with.
PLANTED = [
    (RepeatsAnIndex, "check_answer_is_distinct_positions", "same position twice"),
    (RepeatsAnIndexUnchecked, "check_answer_is_distinct_positions", "positions repeat"),
    (AnswersWithAList, "check_answer_is_distinct_positions", "got list"),
    (AnswersInRowsOfX, "check_whole_pool_is_a_permutation", "outside the pool of 7"),
    (
        AnswersInRowsOfXAndPool,
        "check_whole_pool_is_a_permutation",
        "outside the pool of 7",
    ),
    (
        AnswersInRowsOfXUnchecked,
        "check_whole_pool_is_a_permutation",
        "must lie in the pool",
    ),
    (AnswersWithDistinctPointsOnly, "check_identical_points", "asked for 4 samples"),
    (AnswersWithDistinctPointsOnly, "check_few_distinct_points", "asked for 5 samples"),
    (
        KeepsQuietAboutAnExhaustedPool,
        "check_exhausted_pool_warns",
        "expected one PoolExhausted",
    ),
    (RefusesAnExhaustedPool, "check_exhausted_pool_warns", "n is too large"),
    (TakesAnyN, "check_bad_n_is_refused", r"query\(0\) must raise"),
    (WantsAPythonInt, "check_numpy_n", "n must be an int"),
    (WantsTwoSamples, "check_pool_of_one", "1 sample"),
    (ReturnsNaN, "check_scores_are_finite", "must be finite"),
    (ReturnsNaNWhenCertain, "check_scores_are_finite", "must be finite"),
    (ScoresAreColumns, "check_scores_are_finite", "one per sample"),
    (WantsTheLowestScore, "check_highest_scores_are_asked_for", "higher is more worth"),
    (
        ScoresOnItsOwnAndWantsTheLowest,
        "check_highest_scores_are_asked_for",
        "higher is more worth",
    ),
    (
        ScoresDependOnTheBatch,
        "check_scores_do_not_depend_on_company",
        "scored together",
    ),
    (
        ScoresDependOnTheOrder,
        "check_scores_do_not_depend_on_order",
        "order of the samples",
    ),
    (ScoringChangesTheModel, "check_scoring_leaves_state_alone", "not equal"),
    (DrawsFromNumpyGlobally, "check_same_seed_same_query", "answer differently"),
    (
        DrawsFromNumpyGlobally,
        "check_global_generators_are_left_alone",
        "global generator was used",
    ),
    (DrawsFromPythonGlobally, "check_same_seed_same_query", "answer differently"),
    (
        DrawsFromPythonGlobally,
        "check_global_generators_are_left_alone",
        "global generator was used",
    ),
    (
        SeedsTheGlobalGenerator,
        "check_global_generators_are_left_alone",
        "global generator was used",
    ),
    (
        DrawsOnFromOneGenerator,
        "check_query_twice_is_the_same",
        "query changed the fitted",
    ),
    (CentersThePoolInPlace, "check_inputs_are_left_alone", "written to"),
    (CentersThePoolInPlace, "check_read_only_inputs", "read-only"),
    (SortsLabelsInPlace, "check_inputs_are_left_alone", "written to"),
    (CountsItsQueries, "check_query_twice_is_the_same", "query changed the fitted"),
    (HandsOutItsOwnArray, "check_answer_belongs_to_the_caller", "not equal"),
    (RemembersTheFirstFit, "check_refit_forgets", "not equal"),
    (CannotBePickled, "check_pickle_gives_the_same_query", "pickle"),
    (IsItsOwnClone, "check_clone_gives_the_same_query", "must raise NotFittedError"),
    (HasPositionalSettings, "check_constructor", "keyword-only"),
    (ReturnsNothingFromFit, "check_fit_returns_self", "return self"),
    (AnswersBeforeFit, "check_unfitted_is_refused", "before fit must raise"),
    (KeepsARefusedFit, "check_failed_fit_is_not_a_fit", "_pool"),
    (TakesLabelsForNumbers, "check_string_labels", "ufunc"),
    (WeighsLabelsAsNumbers, "check_integer_labels", r"\[-1, 7\] lead to other answers"),
    (AnswersWithTheIndexOfAFrame, "check_data_frame", "outside the pool of 14"),
    (AsksForWhatOthersHold, "check_exclude_and_among", "are held"),
    (AsksForWhatWasNotOffered, "check_exclude_and_among", "not among"),
    (KeepsWhatWasOffered, "check_exclude_and_among", "not equal"),
    (AsksForWhatOthersHold, "check_bad_exclude_is_refused", "exclude=.* must raise"),
    (AsksForWhatWasNotOffered, "check_bad_exclude_is_refused", "among=.* must raise"),
    (ConvertsFrames, "check_mixed_columns", "only supported for dataframes"),
    (FlattensImages, "check_four_axes_are_left_alone", "four axes"),
    (MistakesSparseForDense, "check_sparse_pool", "scipy.sparse|out of bounds"),
    (AnswersSparseOtherwise, "check_sparse_pool", "not equal"),
    (IndexesThePoolAsAnArray, "check_list_pool", "list indices"),
    (WantsDoublePrecision, "check_float32", "double only"),
    (NeedsTheLabeledSamples, "check_cold_start", "not subscriptable"),
    (GoesWithoutLabels, "check_labels_are_required", "fit without y must raise"),
    (SpeaksInRiddlesOfOneClass, "check_one_class", 'must say "class"'),
    (QueriesX, "check_missing_pool_is_named", "without a pool must raise"),
    (TakesAnyPool, "check_pool_of_other_width_is_refused", "another width must raise"),
    (
        TakesAnyLabels,
        "check_other_length_of_y_is_refused",
        "different lengths must raise",
    ),
]


@pytest.mark.parametrize("good", [Scores, Embeds, Free])
def test_what_is_planted_upon_is_sound(good):
    results = check_strategy(good())
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.parametrize(
    "wrong, name, fault", PLANTED, ids=[f"{w.__name__}-{n}" for w, n, _ in PLANTED]
)
def test_planted_strategy_is_caught_by_the_check_of_its_fault(wrong, name, fault):
    check = dict(strategy_checks(wrong()))[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Exception, match=f"(?i){fault}"):
            check(wrong())


def test_a_strategy_without_defaults_is_caught():
    check = dict(strategy_checks(HasNoDefault(1)))["check_constructor"]
    with pytest.raises(TypeError, match="width"):
        check(HasNoDefault(1))


def test_every_check_catches_something():
    """A check that no planted strategy fails may be one that cannot fail."""
    caught = {name for _, name, _ in PLANTED}
    checks = {
        name for good in (Scores, Embeds, Free) for name, _ in strategy_checks(good())
    }
    assert checks - caught == {"check_seed_reaches_torch"}  # caught below


# ------------------------------------------------------------------------ torch


def _net_scores(X):
    import torch

    torch.set_num_threads(1)
    with torch.no_grad():
        samples = torch.as_tensor(np.asarray(X), dtype=torch.float32)
        net = torch.nn.Linear(samples.shape[1], 1)
        return net(samples)[:, 0].numpy()


class UnseededNetInAnEmbedding(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        return np.argsort(_net_scores(Z))[:n]


class UnseededNetInScores(Scores):
    def _fit(self, X, y, X_pool):
        super()._fit(X, y, X_pool)
        self._bias = _net_scores([[1.0, 1.0]])[0]

    def score_samples(self, X):
        return np.sin(1e3 * self._bias * super().score_samples(X))


class SeedsTorchGlobally(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        import torch

        torch.manual_seed(random_state.randint(1000))
        return np.argsort(_net_scores(Z))[:n]


class SeedsTorchInAFork(Embeds):
    def _select(self, Z, n, *, Z_labeled, random_state):
        import torch

        with torch.random.fork_rng():
            torch.manual_seed(random_state.randint(1000))
            return np.argsort(_net_scores(Z))[:n]


@pytest.mark.deep
@pytest.mark.parametrize(
    "wrong", [UnseededNetInAnEmbedding, UnseededNetInScores, SeedsTorchGlobally]
)
def test_a_seed_that_does_not_reach_torch_is_caught(wrong):
    pytest.importorskip("torch")
    check = dict(strategy_checks(wrong()))["check_seed_reaches_torch"]
    with pytest.raises(AssertionError, match="torch"):
        check(wrong())


@pytest.mark.deep
@pytest.mark.parametrize("wrong", [UnseededNetInAnEmbedding, UnseededNetInScores])
def test_an_unseeded_net_answers_differently_under_one_seed(wrong):
    pytest.importorskip("torch")
    check = dict(strategy_checks(wrong()))["check_same_seed_same_query"]
    with pytest.raises(AssertionError, match="two fits with one random_state"):
        check(wrong())


@pytest.mark.deep
def test_a_seed_in_a_fork_is_sound():
    torch = pytest.importorskip("torch")
    before = torch.get_rng_state()
    check = dict(strategy_checks(SeedsTorchInAFork()))["check_seed_reaches_torch"]
    check(SeedsTorchInAFork())
    assert bool((torch.get_rng_state() == before).all())


def test_the_seed_check_does_not_load_torch():
    """In a process of its own: other tests of this one may have loaded torch."""
    code = (
        "import sys\n"
        "from skactive.diversity import RandomSampling\n"
        "from skactive.testing import check_strategy\n"
        "check_strategy(RandomSampling())\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class AsksForHighValues(Scores):
    def score_samples(self, X):
        return self.estimator_.predict(X)


def test_estimators_that_are_regressors_are_not_given_classes():
    names = [r["check_name"] for r in check_strategy(AsksForHighValues(Ridge()))]
    assert "check_string_labels" not in names and "check_float32" in names
    given = [n for n, _ in strategy_checks(AsksForHighValues(LogisticRegression()))]
    assert "check_string_labels" in given


def test_a_class_that_pickle_cannot_find_is_skipped_not_failed():
    class Local(Free):
        pass

    results = {r["check_name"]: r["status"] for r in check_strategy(Local())}
    assert results.pop("check_pickle_gives_the_same_query") == "skipped"
    assert set(results.values()) == {"passed"}
