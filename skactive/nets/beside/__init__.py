"""What is trained beside an estimator, on the same samples or on others."""

__all__ = []  # public names are those of skactive.nets
