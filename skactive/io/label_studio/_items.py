"""What a task shows: the data of samples, as JSON that the tool understands."""

import html
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from skactive.io.label_studio._config import LabelConfig
from skactive.io.label_studio._pictures import (
    local_file_url,
    picture_size,
    picture_to_uri,
)

#: Keys of the data that are ours.
OURS = "skactive_"
ADDRESSES = ("http:", "https:", "data:", "s3:", "gs:", "azure-blob:", "/data/")


def check_config(config):
    """Refuse what is no labeling config."""
    if not isinstance(config, LabelConfig):
        raise TypeError(
            f"config must be a LabelConfig, as of LabelConfig(xml); got {config!r:.60}."
        )


def as_items(data, config):
    """Return data as a list with a dict or a value for each sample.

    Parameters
    ----------
    data : list, array, data frame, or dict of these
        By sample, or by key of the config.
    config : LabelConfig
        Says which keys there are.

    Returns
    -------
    items : list
        Dicts by key, or the values of the only key.

    Examples
    --------
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.io.label_studio._items import as_items
    >>> config = LabelConfig.make("numbers", of="text")
    >>> as_items({"text": ["one", "two"]}, config)
    [{'text': 'one'}, {'text': 'two'}]
    """
    if hasattr(data, "to_dicts"):  # polars
        data = data.to_dicts()
    elif hasattr(data, "to_dict") and hasattr(data, "columns"):  # pandas
        data = data.to_dict("records")
    if isinstance(data, (str, bytes)) or not hasattr(data, "__len__"):
        raise TypeError(
            f"to_tasks: data must have an item for each id; got {type(data).__name__}."
        )
    if not isinstance(data, Mapping):
        return list(data)
    sizes = {key: len(values) for key, values in data.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"to_tasks: data has columns of several lengths: {sizes}.")
    columns = [list(values) for values in data.values()]
    return [dict(zip(data, row, strict=True)) for row in zip(*columns, strict=True)]


def to_data(item, config, root=None):
    """Return what a task shows of one sample, and the size of its picture if known.

    Parameters
    ----------
    item : dict or value
        By key of the config, or the value of the only key.
    config : LabelConfig
        Says what is shown how.
    root : path or None, default=None
        What paths are below.

    Returns
    -------
    shown : dict
        JSON values by key.
    size : tuple (height, width) or None
        Of the first picture that is an array.
    """
    shows = {key: tag for tag, key in config.objects.values()}
    item = _by_key(item, shows)
    shown, size = {}, None
    for key, value in item.items():
        if not isinstance(key, str) or key.startswith(OURS):
            raise ValueError(f"the key {key!r} of the data is not allowed: rename it")
        tag = shows.get(key)
        try:
            if tag == "Image" and _is_array(value):
                size = size or picture_size(value)
            shown[key] = _shown(value, tag, root)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{key!r}: {error}") from error
    return shown, size


def _is_array(value):
    names = ("__array__", "__array_interface__")  # the latter of Pillow
    return any(hasattr(value, name) for name in names) and not isinstance(value, str)


def _by_key(item, shows):
    is_row = isinstance(item, Mapping)
    if is_row and len(shows) == 1 and not set(shows) & set(item):
        # The names and values of a row, not those of a task.
        is_row = next(iter(shows.values())) not in ("Table", "HyperText")
    if not is_row:
        if len(shows) != 1:
            raise ValueError(
                f"a dict with {list(shows)} is needed, one value for each; got "
                f"{type(item).__name__}"
            )
        item = {next(iter(shows)): item}
    missing = [key for key in shows if item.get(key) is None]
    if missing:
        raise ValueError(
            f"the labeling config shows {missing}, which the data lack; they have "
            f"{list(item)}"
        )
    return dict(item)


def _shown(value, tag, root):
    """Return a value as JSON has it."""
    if tag == "Image":
        if isinstance(value, PurePath):
            return local_file_url(value, root)
        if isinstance(value, str):
            is_address = value.casefold().startswith(ADDRESSES)
            return str(value) if is_address else local_file_url(value, root)
        if _is_array(value):
            return picture_to_uri(value)
        raise TypeError(
            f"a picture is a path, an address, or an array; got {type(value).__name__}"
        )
    if tag == "Text" and not isinstance(value, str):
        raise TypeError(f"a text is a string; got {value!r}")
    if tag in ("Table", "HyperText") and not isinstance(value, str):
        row = value
        if not isinstance(value, Mapping):
            row = {str(k): each for k, each in enumerate(np.atleast_1d(value))}
        row = {str(name): as_json(each) for name, each in row.items()}
        return row if tag == "Table" else _as_html(row)
    return as_json(value)


def _as_html(row):
    cells = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in row.items()
    )
    return f"<table>{cells}</table>"


def as_json(value):
    """Return a value as JSON has it, or refuse it."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float) and not np.isfinite(value):
        raise ValueError(f"JSON has no {value}; give None or a text")
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [as_json(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    raise TypeError(
        f"{type(value).__name__} is nothing that JSON knows: give a text or a number"
    )
