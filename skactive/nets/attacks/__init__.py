"""Adversarial directions, and distances to boundaries."""

__all__ = []  # public names are those of skactive.nets
