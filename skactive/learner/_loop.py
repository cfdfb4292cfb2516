"""The inside of the loop: one run, from the first label to the last."""

import re
import time

import numpy as np
from sklearn.base import clone, is_classifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils import (
    _safe_indexing,
    check_consistent_length,
    check_random_state,
    indexable,
)
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from skactive._sklearn import (
    _check_method_params,
    _num_samples,
    callback_context,
    propagate_callbacks,
)
from skactive.base import ModelStrategy, QueryStrategy
from skactive.diversity import RandomSampling
from skactive.exceptions import StopAsking
from skactive.learner._ledger import LabelLedger
from skactive.oracles import SimulatedOracle
from skactive.uncertainty import MarginSampling
from skactive.utils import as_labels, is_missing, seeded_clone, wants_pool
from skactive.utils._fitting import MAX_SEED


def _own_model(strategy):
    """Return the model inside a strategy: itself if it predicts; None if none."""
    if not isinstance(strategy, QueryStrategy):
        return None
    if hasattr(strategy, "predict"):
        return strategy
    if isinstance(strategy, ModelStrategy):
        return strategy._wanted_estimator()
    parts = strategy.get_params(deep=False).values()
    models = map(_own_model, parts)
    return next((model for model in models if model is not None), None)


def _is_estimator_word(part):
    return isinstance(part, str) and part == "estimator"


def _hand_over(strategy, model, overwrite):
    """Set every ``estimator`` of a strategy, and of strategies in it, to a model.

    So is every ``embedding`` that is the word "estimator".
    """
    for name, part in strategy.get_params(deep=False).items():
        if name == "estimator" and (part is None or overwrite):
            strategy.set_params(estimator=model)
        elif name == "embedding" and _is_estimator_word(part):
            strategy.set_params(embedding=model)
        elif isinstance(part, QueryStrategy):
            _hand_over(part, model, overwrite)


def _check_strategy(strategy, model, overwrite):
    """Refuse a model that the strategy cannot ask, before a label is paid for."""
    if not isinstance(strategy, QueryStrategy) or hasattr(strategy, "predict"):
        return
    if isinstance(strategy, ModelStrategy):
        given = not (overwrite or strategy.estimator is None)
        strategy._check_estimator(strategy.estimator if given else model)
    if _is_estimator_word(getattr(strategy, "embedding", None)):
        if not hasattr(model, "transform"):
            raise ValueError(
                f"{strategy!r} wants to see samples as the model of the learner embeds "
                f"them, and {model!r} has no transform. Take a model that has, such as "
                "skactive.nets.NetClassifier, or another embedding."
            )
    for part in strategy.get_params(deep=False).values():
        _check_strategy(part, model, overwrite)


class LoopMixin:
    """What happens between two calls of the user: open, begin, fit, choose, ask."""

    def _open(self, X, y, labeled, aside):
        """Check the input and open the ledger; no label has been paid for yet."""
        model, strategy, _ = self._parts()
        _check_strategy(strategy, model, overwrite=self.estimator is None)
        unanswerable = y is None and self.oracle is None
        validate_data(
            self, X, None if unanswerable else "no_validation", skip_check_array=True
        )
        if (aside.X_val is None) != (aside.y_val is None):
            raise ValueError("Pass X_val and y_val together, or neither.")
        (X,) = indexable(X)  # CSR of other sparse formats; the rest stays as it is
        y = self._checked_labels(X, y)
        known = ~is_missing(y, self.missing_label)
        classifier = is_classifier(model)
        self._simulated = len(y) > 0 and bool(known.all())
        truth = as_labels(
            y if self._simulated else np.asarray(y, dtype=object)[known],
            integral=classifier and not self._simulated,
        )
        if classifier and len(truth):
            check_classification_targets(truth)
        declared = self._declared_classes()
        if declared is not None and not np.isin(truth, declared).all():
            strange = np.setdiff1d(truth, declared).tolist()
            raise ValueError(
                f"y holds {strange}, which are not among classes={declared.tolist()}."
            )

        if self._simulated:
            if self.oracle is not None:
                raise ValueError(
                    "y is complete, so there is nothing to ask the oracle. Mark the "
                    "unlabeled rows as missing, or leave oracle=None to simulate."
                )
            known = self._checked_start(labeled, len(y))
            values = np.empty_like(truth)  # what was not asked for is not even here
            values[known] = truth[known]
            self._answer, self._all_classes = SimulatedOracle(truth), np.unique(truth)
        else:
            if labeled is not None:
                raise ValueError(
                    "labeled is for simulations; here y itself says what is labeled."
                )
            if not known.any() and self.oracle is None:
                raise ValueError(
                    "y has no label and there is no oracle. Label a few rows first "
                    "(RandomSampling().fit(X).query(10) says which), or pass "
                    "oracle=, a callable that answers."
                )
            values = np.array(y, dtype=object)
            self._answer, self._all_classes = self.oracle, None
        kept = ("n_features_in_", "feature_names_in_")
        for name in [key for key in vars(self) if key.endswith("_")]:
            if name not in kept:
                delattr(self, name)  # of an earlier fit
        self._ledger = LabelLedger(
            values,
            known,
            missing_label=None if self._simulated else self.missing_label,
            integral=classifier and not self._simulated,
        )
        self._warm = bool(known.any())
        self._X, self._aside = X, aside
        self._stopping = None if self.stopping is None else clone(self.stopping)
        if self._stopping is not None:
            self._stopping.reset()
        seeds = check_random_state(self.random_state).randint(MAX_SEED, size=4)
        self._seeds = dict(zip(("start", "order", "estimator", "strategy"), seeds))
        self.n_iter_ = 0
        keys = ["n_labeled", "fit_time", "query_time"]
        self.history_ = {k: [] for k in keys + ["score"] * (aside.X_val is not None)}
        if self.keep_estimators:
            self.estimators_ = []
        self._publish()

    def _run(self):
        """Ask and fit until something says stop."""
        n_rounds = -(-self.budget // self.batch_size) + 1
        context = callback_context(self, max_subtasks=n_rounds)
        context.call_on_fit_task_begin(estimator=self)
        self._gave_up = False
        if not self._warm and self._answer is not None:
            self._begin()
        stopped = None
        while True:
            if self._has_news():
                stopped = self._fit_model(context.subcontext(task_name="round"))
            reason = self._reason_to_stop(stopped)
            if reason is not None:
                break
            start = time.perf_counter()
            n_left = min(self._n_left(), len(self._ledger.candidates))
            rows = self._choose(min(self.batch_size, n_left))
            self.history_["query_time"][-1] += time.perf_counter() - start
            self._ask(rows, self.n_iter_ + 1)
        self.termination_condition_ = reason
        context.call_on_fit_task_end(estimator=self)

    def _begin(self):
        """Ask for the first labels."""
        candidates = self._ledger.candidates
        n = min(self.n_initial - self._ledger.n_paid, len(candidates))
        if n <= 0:
            return
        if self.initial_strategy is None:
            return self._ask(self._draw(n), 0)
        first = seeded_clone(self.initial_strategy, self._seed("start"))
        first.fit(_safe_indexing(self._X, candidates))
        self._ask(candidates[first.query(n)], 0)

    def _draw(self, n):
        """Draw rows at random, always in the same order."""
        asked = self._ledger.asked
        order = np.random.RandomState(self._seeds["order"]).permutation(len(asked))
        return order[~asked[order]][:n]

    def _ask(self, rows, n_iter):
        """Have rows answered, and write the answers down."""
        try:
            answers = self._answer(rows, _safe_indexing(self._X, rows))
        except StopAsking as stop:
            self._gave_up = True
            answers = stop.answers
            rows = rows[: len(answers)]
        self._take_in(rows, answers, n_iter)

    def _take_in(self, rows, answers, n_iter):
        """Write answers down; a round that brings no label is not counted."""
        self._ledger.record(rows, answers, n_iter, self._declared_classes())
        self.n_iter_ = max(self.n_iter_, int(self._ledger.labeled_iter.max()))
        self._publish()

    def _has_news(self):
        """Tell whether there are labels that the model has not seen."""
        fitted = self.history_["n_labeled"]
        return not fitted or fitted[-1] < len(self._ledger.labeled)

    def _fit_model(self, context):
        """Fit the model of this round; name what wants the run to end, if any."""
        context.call_on_fit_task_begin(estimator=self)
        while not self._ledger.known.any():
            if not self._can_draw():
                raise ValueError(
                    f"None of the {self._ledger.n_paid} rows asked for was given a "
                    "label, so there is nothing to fit."
                )
            self._ask(self._draw(1), 0)
        try:
            self._fit_once(context)
        except ValueError as error:
            # scikit-learn's checks make every classifier name the class here.
            one_class = re.search(r"\bclass(es)?\b", str(error)) is not None
            if not one_class or not self._draw_second_class():
                raise
            self._fit_once(context)
        X, y = self._aside.X_val, self._aside.y_val
        if X is not None:
            self.history_["score"].append(self.score(X, y))
        seen = (X, y) if X is not None else self._known()[:2]
        ended = context.call_on_fit_task_end(
            estimator=self,
            X=seen[0],
            y=seen[1],
            reconstruction_attributes={"estimator_": self.estimator_},
        )
        satisfied = self._stopping is not None and self._stopping.update(
            self, X=self._X, X_val=X, y_val=y
        )
        return "stopping" if satisfied else "callback" if ended else None

    def _fit_once(self, context):
        model, _, joint = self._parts()
        X, y, X_pool = self._known()
        if joint and isinstance(getattr(self, "estimator_", None), QueryStrategy):
            self.estimator_._drop_pool()  # the model of the round before
        model = seeded_clone(model, self._seed("strategy" if joint else "estimator"))
        params = _check_method_params(
            self._X, self._aside.fit, indices=self._ledger.labeled
        )
        start = time.perf_counter()
        with propagate_callbacks(context, model):
            if wants_pool(model):
                params["X_pool"] = X_pool()
            model.fit(X, y, **params)
        self.history_["fit_time"].append(time.perf_counter() - start)
        self.history_["query_time"].append(0.0)
        self.history_["n_labeled"].append(len(y))
        self.estimator_ = model
        if joint:
            self.strategy_ = model
        if self.keep_estimators:
            self.estimators_.append(model)

    def _choose(self, n):
        """Return the rows that the strategy asks for."""
        _, strategy, joint = self._parts()
        if not joint:
            strategy = seeded_clone(strategy, self._seed("strategy"))
            if not hasattr(strategy, "predict"):
                model = FrozenEstimator(self.estimator_)
                _hand_over(strategy, model, overwrite=self.estimator is None)
            X, y, X_pool = self._known()
            self.strategy_ = strategy.fit(X, y, X_pool())
        rows = self._ledger.candidates[self.strategy_.query(n)]
        if not joint and isinstance(self.strategy_, QueryStrategy):
            self.strategy_._drop_pool()
        return rows

    def _reason_to_stop(self, stopped):
        if self._answer is None:
            return "no_oracle"
        if self._gave_up:
            return "oracle"
        if len(self._ledger.candidates) == 0:
            return "all_labeled"
        return "budget" if self._n_left() <= 0 else stopped

    def _close(self):
        """Forget the data of a simulation: a fitted learner is small."""
        if isinstance(getattr(self, "strategy_", None), QueryStrategy):
            self.strategy_._drop_pool()
        for name in ("_X", "_ledger", "_aside", "_answer", "_stopping"):
            self.__dict__.pop(name, None)

    # ------------------------------------------------------------ small questions

    def _parts(self):
        """Return (model to predict with, strategy, are they one and the same?)."""
        strategy = self.strategy
        if strategy is None:
            model = self.estimator
            classifies = model is None or is_classifier(model)
            strategy = MarginSampling() if classifies else RandomSampling()
        model = _own_model(strategy) if self.estimator is None else self.estimator
        model = LogisticRegression() if model is None else model
        return model, strategy, model is strategy

    def _known(self):
        """Return the labeled rows, their labels, and a function for the pool."""
        ledger = self._ledger
        return (
            _safe_indexing(self._X, ledger.labeled),
            ledger.labels,
            # A function, since this is a copy of most of X.
            lambda: _safe_indexing(self._X, ledger.candidates),
        )

    def _seed(self, part):
        """Return the seed of a part; None leaves the seeds that the user gave it.

        The model starts from the same seed in every round, so that two curves, or
        two rounds of one, do not differ by the luck of an initialization; the
        strategy draws anew in each.
        """
        if self.random_state is None:
            return None
        n_iter = self.n_iter_ if part == "strategy" else 0
        entropy = np.random.SeedSequence([int(self._seeds[part]), n_iter])
        return int(entropy.generate_state(1)[0] % MAX_SEED)

    def _n_left(self):
        return self.budget + (not self._warm) * self.n_initial - self._ledger.n_paid

    def _can_draw(self):
        asking = self._answer is not None and not self._gave_up
        return asking and self._n_left() > 0 and len(self._ledger.candidates) > 0

    def _draw_second_class(self):
        """Draw rows one by one until a second class is seen; tell if one was."""
        seen = len(np.unique(self._ledger.labels))
        while seen == 1 and self._can_draw():
            self._ask(self._draw(1), 0)
            if len(np.unique(self._ledger.labels)) == 2:
                return True
        return False

    def _declared_classes(self):
        return None if self.classes is None else np.unique(as_labels(self.classes))

    def _checked_labels(self, X, y):
        if y is None:
            return np.full(_num_samples(X), self.missing_label, dtype=object)
        if hasattr(y, "__array__") and not hasattr(y, "isna"):
            y = np.asarray(y)
        if np.ndim(y) == 2 and np.shape(y)[1] == 1:
            y = column_or_1d(y, warn=True)
        if np.ndim(y) != 1:
            raise ValueError(f"y must be 1-d, got an array of shape {np.shape(y)}.")
        check_consistent_length(X, y)
        return y

    def _checked_start(self, labeled, n_samples):
        if labeled is None:
            return np.zeros(n_samples, dtype=bool)
        labeled = np.asarray(labeled)
        if labeled.dtype != bool or labeled.shape != (n_samples,):
            raise ValueError(
                f"labeled must be a boolean mask of shape ({n_samples},), got "
                f"{labeled.dtype} of shape {labeled.shape}."
            )
        return labeled

    def _check_open(self):
        check_is_fitted(self, "history_")
        if getattr(self, "_ledger", None) is None:
            raise ValueError(
                "This learner was fitted in a simulation and keeps no pool. To ask "
                "for labels, fit it on a y in which the unlabeled rows are missing."
            )

    def _publish(self):
        """Bring the public attributes up to date with the ledger."""
        ledger = self._ledger
        self.labeled_iter_ = ledger.labeled_iter.copy()
        self.queried_indices_ = np.array(ledger.order, dtype=np.intp)
        if is_classifier(self._parts()[0]):
            classes = self._declared_classes()
            if classes is None:
                classes = self._all_classes
            self.classes_ = np.unique(ledger.labels) if classes is None else classes
