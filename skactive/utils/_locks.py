"""Locks on files, which the operating system releases when a process ends."""

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    try:
        import msvcrt
    except ImportError:  # neither: two processes are then not told apart
        msvcrt = None

#: Where Windows locks a byte: behind all that a file will hold.
FAR = 2**40


def try_lock(file):
    """Lock an open file for this process, and tell whether that was possible.

    Parameters
    ----------
    file : file object
        Open for writing. Closing it releases the lock.

    Returns
    -------
    locked : bool
        False if it is locked already, by whomever.

    Examples
    --------
    >>> import tempfile
    >>> from skactive.utils._locks import try_lock
    >>> with tempfile.NamedTemporaryFile() as file, open(file.name, "ab") as other:
    ...     try_lock(file), try_lock(other)
    (True, False)
    """
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif msvcrt is not None:
            place = file.tell()
            file.seek(FAR)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            finally:
                file.seek(place)
    except (BlockingIOError, PermissionError):
        return False
    return True
