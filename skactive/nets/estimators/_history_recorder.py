"""Keeps the weights that a net had at several moments of its training."""

from skorch.callbacks import Callback


class HistoryRecorder(Callback):
    """Keep copies of a net's weights while it is trained, for what it predicted then.

    A callback for a :class:`NetClassifier` or a net of skorch.
    :class:`~skactive.uncertainty.HistorySampling` reads it, and need not train the net
    of a learner a second time.

    Parameters
    ----------
    n_snapshots : int, default=10
        How many copies are kept, after epochs at even distances; the last is of the end
        of training. With fewer epochs, one of each.

    Attributes
    ----------
    states_ : list of dict
        Weights of ``module_``, in the memory of the CPU.
    epochs_ : list of int
        After how many epochs.

    Notes
    -----
    Memory: ``n_snapshots`` times the weights. Training costs a copy of these each.
    If training ends early, the copies are those up to then, and one of the end.

    Examples
    --------
    >>> import numpy as np
    >>> from skactive.nets import HistoryRecorder, NetClassifier
    >>> X = np.arange(20, dtype=np.float32).reshape(-1, 1)
    >>> recorder = HistoryRecorder(n_snapshots=4)
    >>> net = NetClassifier(max_epochs=20, callbacks=[("history", recorder)])
    >>> net = net.fit(X, X[:, 0] > 9)
    >>> dict(net.net_.callbacks_)["history"].epochs_
    [5, 10, 15, 20]
    """

    def __init__(self, n_snapshots=10):
        self.n_snapshots = n_snapshots

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        """Forget the snapshots of an earlier training.

        Parameters
        ----------
        net : skorch net
            What is trained.
        X, y : object
            Ignored.
        **kwargs : dict
            Ignored.
        """
        self.states_, self.epochs_ = [], []
        n = net.max_epochs
        steps = (
            round(k * n / self.n_snapshots) for k in range(1, self.n_snapshots + 1)
        )
        self._kept, self._before = {max(1, step) for step in steps}, len(net.history)

    def on_epoch_end(self, net, **kwargs):
        """Keep a copy, if it is time.

        Parameters
        ----------
        net : skorch net
            What is trained.
        **kwargs : dict
            Ignored.
        """
        if len(net.history) - self._before in self._kept:
            self._keep(net)

    def on_train_end(self, net, X=None, y=None, **kwargs):
        """Keep a copy of the end, where training ended early.

        Parameters
        ----------
        net : skorch net
            What is trained.
        X, y : object
            Ignored.
        **kwargs : dict
            Ignored.
        """
        done = len(net.history) - self._before
        if done and done not in self.epochs_:
            self._keep(net)

    def _keep(self, net):
        state = net.module_.state_dict()
        # A copy, also of what lies on the CPU.
        self.states_.append(
            {name: value.detach().cpu().clone() for name, value in state.items()}
        )
        self.epochs_.append(len(net.history) - self._before)
