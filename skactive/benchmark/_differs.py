"""In what two configurations of a run differ, in words."""

#: So many differences are told; the others are counted.
MOST = 5
NOT_SET = object()
NAMES = {"fingerprint": "fingerprint of the data"}


def differing(stored, wanted):
    """Return in what two configurations differ, in words.

    Parameters
    ----------
    stored, wanted : dict
        As :func:`~skactive.benchmark._describe.describe` makes them.

    Returns
    -------
    words : list of str
        Such as "strategy.detach_epoch: 0.6 in the store, 0 now", one for each
        difference. Of two classes the parameters are not compared as well.
    """
    return [
        f"{NAMES.get(path, path)}: {_short(there)} in the store, {_short(here)} now"
        for path, there, here in _differences("", stored, wanted)
    ]


def told(differences):
    """Return differences as one text, the last ones counted."""
    more = len(differences) - MOST
    text = "; ".join(differences[:MOST])
    return f"{text}; and {more} more" if more > 0 else text


def _differences(path, there, here):
    """Yield (path, value there, value here) of all leaves that differ."""
    if isinstance(there, dict) and isinstance(here, dict):
        classes = [each.get("class") for each in (there, here)]
        if classes[0] != classes[1]:
            yield path, *classes
            return
        for key in [*here, *(key for key in there if key not in here)]:
            inner = f"{path}.{key}" if path else str(key)
            pair = there.get(key, NOT_SET), here.get(key, NOT_SET)
            yield from _differences(inner, *pair)
    elif isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for k, pair in enumerate(zip(there, here)):
            yield from _differences(f"{path}[{k}]", *pair)
    elif there != here and not (there != there and here != here):  # NaN is NaN
        yield path, there, here


def _short(value):
    """Return a value as it is told: of what has a class, that."""
    if value is NOT_SET:
        return "not set"
    if isinstance(value, dict):
        value = value.get("class", value.get("function", value))
    text = value.rpartition(".")[2] + "()" if _is_path(value) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_path(value):
    return (
        isinstance(value, str)
        and value.count(".") > 0
        and all(part.isidentifier() for part in value.split("."))
    )
