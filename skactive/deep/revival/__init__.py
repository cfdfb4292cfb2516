"""REVIVAL and its parts: propagators, adversary, limitator."""

__all__ = []  # public names are those of skactive.deep
