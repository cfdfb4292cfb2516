"""Settings with double underscores: which part has them, and are they valid?"""

import difflib
import inspect

from torch import nn

#: What comes before the double underscore.
PREFIXES = (
    "module",
    "criterion",
    "optimizer",
    "callbacks",
    "iterator_train",
    "iterator_valid",
)


def is_setting(name):
    """Tell whether a name is that of a setting, such as ``module__width``."""
    prefix, _, rest = name.partition("__")
    return prefix in PREFIXES and bool(rest)


def hint(name, known, end=""):
    """Return a sentence that names what may have been meant."""
    near = [each + end for each in difflib.get_close_matches(name, known, n=3)]
    return f" Did you mean {' or '.join(near)}?" if near else ""


def extra_parameters(owner):
    """Return what the constructor took as ``**kwargs``, valid or not."""
    named = type(owner)._get_param_names()
    return {
        name: value
        for name, value in vars(owner).items()
        if name not in named and not name.startswith("_") and not name.endswith("_")
    }


def check_names(owner):
    """Refuse unknown parameters; called in ``fit``, where scikit-learn validates."""
    for name in extra_parameters(owner):
        if is_setting(name):
            continue
        prefix, separator, rest = name.partition("__")
        near = (
            hint(prefix, PREFIXES, "__" + rest)
            if separator
            else hint(name, type(owner)._get_param_names())
        )
        raise TypeError(
            f"{type(owner).__name__} has no parameter {name!r}.{near} "
            "Settings of a part begin with its name and two underscores: "
            f"{', '.join(each + '__' for each in PREFIXES)}."
        )


def check_settings(prefix, part, given):
    """Refuse settings that a part does not take, before it is built.

    ``given`` holds the names after the double underscore.
    """
    if isinstance(part, nn.Module) and given:
        name = name_of(type(part))
        raise TypeError(
            f"{prefix} is an instance of {name}, built already: "
            f"{prefix}__{next(iter(given))} has no effect. Pass the class, "
            f"{prefix}={name}."
        )
    known = parameters_of(part)
    if known is None:
        return
    for name in given:
        if name not in known and not name.startswith("param_groups"):
            raise TypeError(
                f"{prefix}__{name}: {name_of(part)} has no parameter {name!r}."
                f"{hint(name, known)} It takes: {', '.join(known) or 'none'}."
            )


def check_loaders(settings):
    """Refuse settings of loaders that only a loader of single samples could follow.

    ``settings`` holds those of each part.
    """
    for loader in ("iterator_train", "iterator_valid"):
        for name in ("collate_fn", "batch_sampler"):
            if name in settings[loader]:
                raise ValueError(
                    f"{loader}__{name} has no use here: batches are cut from arrays at "
                    "once, and there are no samples to collate. Change batches by "
                    "augment=."
                )


def parameters_of(part):
    """Return the names a callable takes, or None if it takes any or is unknown."""
    try:
        parameters = inspect.signature(part).parameters.values()
    except (TypeError, ValueError):  # some builtins have no signature
        return None
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return [p.name for p in parameters if p.kind is not p.VAR_POSITIONAL]


def name_of(part):
    """Return the name of a class or function, for messages."""
    return getattr(part, "__name__", type(part).__name__)


class NestedSettingsMixin:
    """Parameters with double underscores, taken as ``**kwargs``.

    To the left of BaseEstimator. The constructor stores them by
    ``vars(self).update(kwargs)`` and ``fit`` calls ``check_names(self)``.
    """

    def get_params(self, deep=True):
        """Return the parameters, settings of the parts among them.

        Parameters
        ----------
        deep : bool, default=True
            Kept for scikit-learn; settings are always among the parameters.

        Returns
        -------
        params : dict
            Names and values.
        """
        return {**super().get_params(deep=deep), **extra_parameters(self)}

    def set_params(self, **params):
        """Set parameters, and settings of the parts such as ``module__width``.

        Parameters
        ----------
        **params : dict
            Names and values.

        Returns
        -------
        self : object
            The classifier.
        """
        settings = {k: v for k, v in params.items() if is_setting(k)}
        super().set_params(**{k: v for k, v in params.items() if k not in settings})
        vars(self).update(settings)
        return self

    def _settings(self, prefix):
        """Return the settings of a part, by their names in that part."""
        start = f"{prefix}__"
        return {
            k.removeprefix(start): v
            for k, v in vars(self).items()
            if k.startswith(start)
        }
