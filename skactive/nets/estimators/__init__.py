"""A module as an estimator: how a net is built, trained and used to predict."""

__all__ = []  # public names are those of skactive.nets
