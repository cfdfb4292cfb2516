"""Nets on graphs."""

__all__ = []  # public names are those of skactive.nets
