"""Models of torchvision, as modules that a shell trains."""

__all__ = []  # public names are those of skactive.nets.modules
