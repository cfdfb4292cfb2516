"""How a net is trained, as an object: passed to a shell, and saved by its name."""

from dataclasses import dataclass
from typing import ClassVar

from skactive.nets._storage import load_weights
from skactive.nets.estimators._net import ClassifierNet


@dataclass(frozen=True)
class Target:
    """What the net is trained on, and what follows from ``y``.

    values : what the net is trained on, or None if nothing is labeled.
    n_outputs : number of columns that the module must return.
    fitted : fitted attributes of the shell that follow from ``y``, such as classes_.
    """

    values: object
    n_outputs: int
    fitted: dict


@dataclass(frozen=True)
class Recipe:
    """Train the module alone; subclasses train something with it.

    A recipe holds settings and nothing that is learned. It reads the shell, which is
    the estimator that is trained, and never writes to it: one recipe may train many.
    A shell calls the methods in the order in which they stand here.
    """

    #: Weights are saved under this name, and loaded by a recipe of the same name.
    name: ClassVar[str] = "plain"
    #: Whether ``beside`` takes ``X_pool``, samples without labels.
    uses_pool: ClassVar[bool] = False
    #: Modules of the skorch net that are saved.
    modules: ClassVar[tuple] = ("module_",)

    def target(self, shell, X, y):
        """Return checked samples, and a :class:`Target` made from ``y``."""
        return shell._target(X, y)

    def beside(self, shell, X, target):
        """Check what training is given in addition to ``X`` and ``y``.

        A subclass has parameters for it, and returns a dict: arguments of ``sizes``
        and of ``train`` of the skorch net.
        """
        return {}

    def sizes(self, settings, X, y, **beside):
        """Return numbers, known from the data alone, that ``net`` needs.

        They are saved with the weights.
        """
        return {}

    def net(self, module, settings, sample_shape, **sizes):
        """Return an initialized skorch net; ``settings`` are those of the shell."""
        return ClassifierNet(module, **settings).initialize()

    def go_on(self, net, before):
        """Copy what an earlier net learned outside its module, which is copied."""

    def finish(self, net, X, target):
        """Check the trained net; return the target, perhaps updated."""
        return target

    def answer(self, shell, outputs):
        """Return the predictions from the outputs of the module."""
        return shell._answer(outputs)

    def state(self, net):
        """Return what is saved of a trained net: tensors and plain data."""
        return {name: getattr(net, name).state_dict() for name in self.modules}

    def load(self, net, state):
        """Load into a new net what ``state`` returned for a trained one."""
        for name in self.modules:
            load_weights(getattr(net, name), state[name])


PLAIN = Recipe()
