"""What a learner tells scikit-learn of itself: parts, tags, and where metadata go."""

from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping

from skactive.learner._input import tags_like
from skactive.learner._lending import parts, refuse_name
from skactive.utils._constraints import refuse_classes


class MannersMixin:
    """What scikit-learn asks of a meta-estimator."""

    def get_metadata_routing(self):
        """Return the routing of metadata.

        Returns
        -------
        routing : MetadataRouter
            What ``fit`` takes itself, and what it passes on to ``estimator``.
        """
        fit = MethodMapping().add(caller="fit", callee="fit")
        router = MetadataRouter(owner=self).add_self_request(self)
        return router.add(estimator=self._parts()[0], method_mapping=fit)

    def _parts(self):
        """Return (model to predict with, strategy, are they one and the same?)."""
        return parts(self.estimator, self.strategy, self._in_columns)

    def _validate_params(self):
        for name in ("strategy", "initial_strategy"):
            refuse_name(name, getattr(self, name))
        refuse_classes(self)
        super()._validate_params()

    def __sklearn_tags__(self):
        tags = tags_like(super().__sklearn_tags__(), self._parts()[0], self.strategy)
        tags.target_tags.required = self.oracle is None and self.journal is None
        return tags
