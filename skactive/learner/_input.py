"""What a learner looks at before it knows any label, and what it says of itself."""

from copy import deepcopy

from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from skactive._sklearn import _num_samples
from skactive.base import QueryStrategy
from skactive.learner._batches import check_batch_size
from skactive.learner._lending import check_strategy, of_one_column, parts
from skactive.stopping import StoppingCriterion
from skactive.utils._answers_of import answers_of
from skactive.utils._items import refuse_pairs, shown
from skactive.utils._models import refuse_one_column, refuse_without_labels
from skactive.utils._parted import named
from skactive.utils._rows import refuse_streams


def checked_input(learner, X, y, X_val, y_val):
    """Check what does not depend on labels; return what an answer is."""
    model, strategy, _ = parts(learner.estimator, learner.strategy)
    refuse_streams(X)
    refuse_without_labels(learner, model)
    answers = answers_of(
        model,
        learner.missing_label,
        learner.classes,
        y,
        open_to_columns=of_one_column(learner.strategy, model) is None,
    )
    if answers.in_columns:
        strategy = parts(learner.estimator, learner.strategy, in_columns=True)[1]
        refuse_one_column(of_one_column(strategy, model), model)
        getattr(learner.oracle, "check_columns", bool)()
    check_strategy(strategy, model, learner.estimator is None, X)
    check_batch_size(learner, X_val is not None)
    getattr(learner.aggregate, "check", bool)()
    if y is None and learner.journal is None and isinstance(strategy, QueryStrategy):
        # The pool of the first round, which is the largest.
        strategy._check_n_pool(max(0, _num_samples(X) - learner.n_initial))
    alone = y is None and learner.oracle is None and learner.journal is None
    if alone:
        refuse_pairs(X, type(learner).__name__)
    wanted = None if alone else "no_validation"
    validate_data(learner, shown(named(X)), wanted, skip_check_array=True)
    if (X_val is None) != (y_val is None):
        raise ValueError("Pass X_val and y_val together, or neither.")
    if isinstance(learner.stopping, StoppingCriterion):
        learner.stopping._check_model(model, X_val is not None)
    return answers


def tags_like(tags, model, strategy=None, *, columns=True):
    """Return tags that say of a learner what those of its model say.

    Several labels per row are served if its strategy does, too; unless ``columns`` is
    False.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression, Ridge
    >>> from sklearn.utils import get_tags
    >>> from skactive.learner._input import tags_like
    >>> tags_like(get_tags(Ridge()), LogisticRegression()).estimator_type
    'classifier'
    """
    of_model = get_tags(model)
    for name in ("estimator_type", "classifier_tags", "regressor_tags", "input_tags"):
        setattr(tags, name, deepcopy(getattr(of_model, name)))
    of_target = of_model.target_tags
    takes = columns and of_one_column(strategy, model) is None
    tags.target_tags.multi_output = of_target.multi_output and takes
    tags.target_tags.single_output = of_target.single_output or not columns
    if tags.classifier_tags is not None and not takes:
        tags.classifier_tags.multi_label = False
    return tags
