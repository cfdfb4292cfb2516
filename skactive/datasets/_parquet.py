"""Samples in files of parquet, read a row group at a time."""

import numpy as np

from skactive.utils._parted import PartedRows


class ParquetDataset(PartedRows):
    """Samples in files of parquet that are read a row group at a time.

    Takes the place of ``X`` or ``X_pool``, where samples outgrow memory: a learner or
    a strategy that scores reads each group once per round, and keeps one.

    Parameters
    ----------
    source : str, path, list of paths, pyarrow.dataset.Dataset, or list of these
        A file, a folder of files, several files, or what pyarrow.dataset.dataset makes
        of files elsewhere. Rows are in the order of files and groups.
    columns : list of str or None, default=None
        Names of the columns to read. None: all. Leave out the labels.
    as_frame : bool, default=False
        Whether rows are a data frame of pandas. If not, an array: of numbers, one
        column each, or of one column of lists that are all of one length, as
        embeddings are.

    Attributes
    ----------
    shape : tuple of int
        ``(n_samples, n_features)``.
    dtype : dtype
        Of arrays.
    columns : list of str
        Of data frames.
    edges : ndarray of int64 of shape (n_groups + 1,)
        Where each row group begins, and where the last one ends.

    Raises
    ------
    ImportError
        If pyarrow is not installed.
    ValueError
        If there are no such columns, or they are no numbers while `as_frame` is False;
        when it is read, if a file is not what it was.

    See Also
    --------
    skactive.ActiveLearner : Reads it block by block.

    Notes
    -----
    Opening reads what the files say of themselves at their end, no rows. A group is
    read as a whole for one row of it, so that its size decides what memory is needed:
    of a column of lists four times the group were measured, most of it pyarrow's while
    it reads. ``row_group_size`` of pyarrow.parquet.write_table says how many rows a
    group has; 10,000 of 512 columns are 20 MB. Single rows that were taken are kept,
    up to 32 MB. What needs all samples at once, such as ``CoreSet`` without an
    embedding, loads them all.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skactive.datasets import ParquetDataset
    >>> frame = pd.DataFrame({"a": np.arange(6.0), "b": 1.0, "label": 0})
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "pool.parquet"
    ...     frame.to_parquet(path, row_group_size=4)
    ...     X = ParquetDataset(path, columns=["a", "b"])
    ...     X.shape, X.edges.tolist(), X[[5, 0]].tolist()
    ((6, 2), [0, 4, 6], [[5.0, 1.0], [0.0, 1.0]])
    """

    def __init__(self, source, columns=None, *, as_frame=False):
        data = _opened(source)
        names = data.schema.names if columns is None else list(columns)
        strange = [name for name in names if name not in data.schema.names]
        if strange or not names:
            raise ValueError(
                f"columns must be among {data.schema.names}, got {columns!r}."
            )
        self.as_frame, self._names, self._schema = as_frame, names, data.schema
        self._groups = [g for f in data.get_fragments() for g in f.split_by_row_group()]
        super().__init__([sum(r.num_rows for r in g.row_groups) for g in self._groups])
        like = self._like = self._rows_of(data.schema.empty_table().select(names))
        if not as_frame and like.shape[1] == 0 and len(self):  # lists of any length
            like = self._row_block(0, 1)
        self.shape = (len(self), *like.shape[1:])
        if as_frame:
            self.columns, self.frame = names, like
        else:
            self.dtype = like.dtype

    def _none(self):
        return self._like

    def _read(self, part):
        group, n = self._groups[part], int(self.edges[part + 1] - self.edges[part])
        try:
            table = group.to_table(schema=self._schema, columns=self._names)
            fault = None if len(table) == n else f"{len(table)} rows in place of {n}"
        except (OSError, ValueError) as error:  # of pyarrow
            fault = str(error)
        if fault is not None:
            raise ValueError(
                f"{group.path} is not what it was when ParquetDataset opened it, in "
                f"rows {self.edges[part]} to {self.edges[part + 1] - 1}: {fault}. Open "
                "it again, and call fit again."
            )
        return self._rows_of(table)

    def _rows_of(self, table):
        """Return a table as rows that a model takes."""
        if self.as_frame:
            return table.to_pandas(ignore_metadata=True)
        lists = table.schema.types[0] if table.num_columns == 1 else None
        if getattr(lists, "value_type", None) is not None:
            return _matrix(table.column(0), lists, self._names[0])
        arrays = [column.to_numpy() for column in table.columns]
        odd = [n for n, a in zip(self._names, arrays) if a.dtype.kind not in "biuf"]
        if odd:
            raise ValueError(
                f"Columns {odd} hold no numbers. Leave them out of columns, or pass "
                "as_frame=True for rows of a data frame."
            )
        return np.column_stack(arrays)


def _opened(source):
    """Return a dataset of pyarrow."""
    try:
        import pyarrow.dataset as arrow
    except ImportError as error:
        raise ImportError(
            "ParquetDataset needs pyarrow: pip install 'skactive[parquet]'."
        ) from error
    if isinstance(source, (list, tuple)):
        if any(isinstance(part, arrow.Dataset) for part in source):
            return arrow.dataset([_opened(part) for part in source])
        source = [str(part) for part in source]
    elif not isinstance(source, arrow.Dataset):
        source = str(source)
    else:
        return source
    return arrow.dataset(source, format="parquet")


def _matrix(column, kind, name):
    """Return a column of lists as a matrix."""
    n = len(column)
    lists = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    values = lists.flatten().to_numpy()
    if n == 0:
        return np.empty((0, max(0, getattr(kind, "list_size", 0))), values.dtype)
    lengths = np.unique(lists.value_lengths().drop_null())
    if len(lengths) != 1 or column.null_count:
        raise ValueError(
            f"Lists in the column {name!r} must be of one length and not missing, got "
            f"the lengths {lengths.tolist()[:5]} and {column.null_count} missing."
        )
    return values.reshape(n, -1)
