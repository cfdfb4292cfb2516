"""Autoencoders, and the games on their latents."""

__all__ = []  # public names are those of skactive.nets
