"""A module as an estimator: how a net is built, trained and asked."""

__all__ = []  # public names are those of skactive.nets
