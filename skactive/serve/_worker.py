"""One job in the background, done again if it was asked for meanwhile."""

import threading


class Worker:
    """Do a job in a thread of its own, once for all that asked before it began.

    Parameters
    ----------
    job : callable
        Without arguments. It must not raise.

    Examples
    --------
    >>> from skactive.serve._worker import Worker
    >>> done = []
    >>> worker = Worker(lambda: done.append(1))
    >>> worker.begin()
    >>> worker.wait()
    True
    >>> done
    [1]
    """

    def __init__(self, job):
        self.job = job
        self._due = False
        self._thread = None
        self._state = threading.Lock()

    def begin(self):
        """Do the job, after what is running now; return at once."""
        with self._state:
            self._due = True
            if self._thread is None:
                # Not there from the beginning: servers that fork lose threads. It does
                # not hold up the end of the process.
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def wait(self, timeout=None):
        """Return whether nothing is left to do, after so many seconds at most."""
        with self._state:
            thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _work(self):
        while True:
            with self._state:
                if not self._due:
                    self._thread = None
                    return
                self._due = False
            self.job()
