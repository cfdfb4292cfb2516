"""Nets trained with an additional branch, on the same samples or on others."""

__all__ = []  # public names are those of skactive.nets
