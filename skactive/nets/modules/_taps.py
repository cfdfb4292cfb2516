"""Outputs of the inner layers of a net."""

import torch


class Taps:
    """Collect the outputs of named layers while a net runs.

    A context manager: inside it, forward hooks keep what the named layers return, and
    on exit the hooks are removed. It may be entered again and again.

    Parameters
    ----------
    module : Module
        Any net.
    names : str or sequence of str
        Names of layers, as :func:`layer_names` lists them.
    copy : bool, default=False
        Keep copies, which a later layer that works in place does not change.

    Attributes
    ----------
    names : tuple of str
        The names, in the order given.

    Raises
    ------
    ValueError
        If `module` has no layer of a name. The message lists those it has.

    Notes
    -----
    Outputs are kept as they are, with their gradients and, unless `copy`, without a
    copy: a layer that works in place, such as ``ReLU(inplace=True)``, changes what a
    tap before it collected. A net that is compiled by torch.compile runs its hooks
    outside of the compiled graph.

    Examples
    --------
    >>> import torch
    >>> from skactive.nets.modules import MLP, Taps
    >>> net = MLP(n_features=4, n_classes=3, hidden=(16, 8))
    >>> with Taps(net, ["hidden.0", "head"]) as taps:
    ...     logits = net(torch.zeros(5, 4))
    >>> [tuple(output.shape) for output in taps.outputs]
    [(5, 16), (5, 3)]
    >>> taps.outputs[1] is logits
    True
    """

    def __init__(self, module, names, *, copy=False):
        self.names = (names,) if isinstance(names, str) else tuple(names)
        known = dict(module.named_modules())
        unknown = [name for name in self.names if not name or name not in known]
        if unknown:
            raise ValueError(
                f"There is no layer named {', '.join(map(repr, unknown))}. This "
                f"{type(module).__name__} has: {', '.join(layer_names(module))}."
            )
        self._layers = {name: known[name] for name in self.names}
        self._copy = copy
        self._collected = {}
        self._handles = []

    def __enter__(self):
        if self._handles:
            raise RuntimeError("These taps are open already. Make new ones to nest.")
        self._collected = {}
        for name, layer in self._layers.items():
            hook = layer.register_forward_hook(self._collector(name))
            self._handles.append(hook)
        return self

    def __exit__(self, *_):
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def _collector(self, name):
        def collect(layer, inputs, output):
            copied = self._copy and isinstance(output, torch.Tensor)
            self._collected[name] = output.clone() if copied else output

        return collect

    @property
    def outputs(self):
        """Outputs of the last forward pass, a list in the order of the names.

        Of a layer that ran more than once, the last output is kept. If the net has not
        run, its forward pass does not call a layer, or a layer does not return a
        tensor, this raises an error that names the layer.
        """
        silent = [name for name in self.names if name not in self._collected]
        if silent:
            raise RuntimeError(
                f"The layers {', '.join(silent)} have not run. Call the net inside "
                "the context; if that was done, its forward pass does not call them."
            )
        for name in self.names:
            if not isinstance(self._collected[name], torch.Tensor):
                raise TypeError(
                    f"The layer {name} returned "
                    f"{type(self._collected[name]).__name__}, not a tensor. Tap "
                    "another layer."
                )
        return [self._collected[name] for name in self.names]


def layer_names(module):
    """Return the names of all layers of a net, outer before inner.

    Parameters
    ----------
    module : Module
        Any net.

    Returns
    -------
    names : list of str
        Dotted names, without that of the net itself, which is empty.

    Examples
    --------
    >>> from torch import nn
    >>> from skactive.nets.modules import layer_names
    >>> layer_names(nn.Sequential(nn.Linear(4, 8), nn.Sequential(nn.ReLU())))
    ['0', '1', '1.0']
    """
    return [name for name, _ in module.named_modules() if name]
