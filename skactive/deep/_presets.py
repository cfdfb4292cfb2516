"""Presets of a strategy, by name; and the settings of its parts."""

import inspect

from sklearn.base import clone


class PresetMixin:
    """Build a strategy by the name of a preset, and give access to nested settings.

    A subclass sets ``_presets``, the parameters of each preset, in which ``part__name``
    is a parameter of a part; and ``_parts``, for each part that may be None or a
    string, the function that makes the object it stands for.
    """

    _presets = {"default": {}}
    _parts = {}

    @classmethod
    def from_preset(cls, name, *first, **settings):
        """Return an unfitted strategy with settings that belong together.

        Parameters
        ----------
        name : str
            The preset; the docstring of the class lists them.
        *first : object
            The first parameter of the class, if it is not given by its name.
        **settings : dict
            Other parameters, which override those of the preset. ``part__name`` sets
            a parameter of a part, such as ``autoencoder__width=8``; objects that are
            given are copied before they are changed.

        Returns
        -------
        strategy : object
            The strategy.

        Raises
        ------
        ValueError
            If there is no preset of that name, or if a whole part is given and the
            preset sets one of its parameters.

        Examples
        --------
        >>> from skactive.deep import VAAL
        >>> VAAL.from_preset("released", 16, autoencoder__width=8)
        VAAL(autoencoder=VAEEmbedding(kl_reduction='sum', recon_reduction='mean',
                                      width=8),
             fused=False, latent_dim=16)
        """
        if name not in cls._presets:
            names = ", ".join(map(repr, cls._presets))
            raise ValueError(
                f"There is no preset {name!r} of {cls.__name__}; take one of {names}."
            )
        preset_nested, preset = _split(cls._presets[name])
        nested, given = _split(settings)
        given = inspect.signature(cls).bind_partial(*first, **given).arguments
        for part, value in given.items():
            if part in cls._parts and not _is_short(value):
                _refuse_both(name, part, preset_nested)
                given[part] = clone(value)
        return cls(**{**preset, **given}).set_params(**{**preset_nested, **nested})

    def get_params(self, deep=True):
        """Return the parameters of the strategy and of its parts.

        Parameters
        ----------
        deep : bool, default=True
            Whether those of its parts are among them.

        Returns
        -------
        params : dict
            Values by name.
        """
        params = super().get_params(deep)
        for part in self._parts:
            # The strategy seeds its parts. If their random_state were listed here, a
            # seed that is never read would be drawn for it, and the seed of the
            # strategy would depend on whether it has a part.
            params.pop(f"{part}__random_state", None)
        return params

    def set_params(self, **params):
        """Set parameters of the strategy and of its parts.

        Parameters
        ----------
        **params : dict
            Values by name. For ``part__name``, a part that is None or a string is
            replaced by the object that it stands for.

        Returns
        -------
        self : object
            The strategy.
        """
        for part, build in self._parts.items():
            if any(key.startswith(f"{part}__") for key in params):
                value = params.get(part, getattr(self, part))
                if _is_short(value):
                    params[part] = build(value)
        return super().set_params(**params)


def _is_short(value):
    """Tell whether a part is given as None or a string, and not as an object."""
    return value is None or isinstance(value, str)


def _split(settings):
    """Return the settings of parts, and the others."""
    nested = {key: value for key, value in settings.items() if "__" in key}
    return nested, {key: settings[key] for key in settings if key not in nested}


def _refuse_both(name, part, nested):
    """Refuse a whole part if a preset sets some of it: one would be ignored."""
    names = [key for key in nested if key.startswith(f"{part}__")]
    if names:
        raise ValueError(
            f"The preset {name!r} sets {', '.join(names)}, and a whole {part} is given "
            f"too. Pass only what should differ, as {part}__...=..., or set {part} "
            "afterwards with set_params."
        )
