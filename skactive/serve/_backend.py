"""The ML backend: a labeling tool asks it for predictions, and says when to learn."""

import hashlib
import logging
import threading
from numbers import Integral

from skactive._sklearn import _num_samples
from skactive.io._ids import checked_ids
from skactive.io.label_studio._items import check_config
from skactive.io.label_studio._pictures import picture_size
from skactive.serve._trained import (
    Trained,
    as_learner,
    learn,
    predictions,
    put_in_order,
    ranks_of,
    read_truth,
    row_of_task,
)
from skactive.serve._worker import Worker
from skactive.serve._wsgi import Refusal, ThreadingServer, respond
from skactive.utils._rows import take_rows, with_rows

LOG = logging.getLogger("skactive.serve")

#: What the server sends when there is something to learn; all else is not heeded.
LEARN_FROM = {
    "ANNOTATION_CREATED",
    "ANNOTATIONS_CREATED",
    "ANNOTATION_UPDATED",
    "ANNOTATIONS_DELETED",
    "START_TRAINING",
}


class LabelStudioBackend:
    """Predict what people see pre-filled in Label Studio, and learn as they answer.

    An ML backend as a WSGI callable: the server asks it for predictions when a task is
    opened, and tells it of each answer. It learns in a thread of its own, and predicts
    with the last model that is ready.

    Where you can choose, use :class:`~skactive.serve.LabelStudioRun`: it asks the
    server, which then needs no special settings, and keeps a journal.

    Parameters
    ----------
    learner : ActiveLearner or estimator
        What learns: copies of it, from all answers, each time. A learner without a
        journal and without an oracle; if it is fitted, it predicts until there are
        answers to learn from.
    X : array-like of shape (n_samples, ...)
        What it learns from and predicts for.
    client : LabelStudioClient
        The way to the server, to read the answers.
    project : int
        Number of the project, as in its address. Requests about another are refused.
    config : LabelConfig
        The labeling config of the project.
    ids : sequence of int or str of length n_samples, default=None
        The name of each row of ``X``, as given when the tasks were made by
        :func:`~skactive.io.label_studio.to_tasks`. None: its position. Tasks of other
        names get no prediction.
    control : str, default=None
        Which question of the config is answered. None: the only one.
    image_size : tuple (height, width), default=None
        Size of the pictures, for boxes and polygons where ``X`` holds no pictures.
    ahead : int, default=0
        How many open tasks are asked in the order of the learner's query, renewed after
        each training. It takes an ActiveLearner, and a project that is on "Uncertainty
        sampling". 0: the project's order stays.
    name : str, default="skactive"
        Beginning of the versions by which the server knows the models.
    auth : tuple (user, password), default=None
        What the server has to say, by HTTP basic auth. It says it everywhere but at
        ``/webhook``, which therefore is believed nothing.

    Attributes
    ----------
    version : str
        The model that answers now.
    error : Exception or None
        Why the last training failed; the model before it answers on.

    Raises
    ------
    TypeError
        If ``config`` is no LabelConfig.
    ValueError
        If the learner has a journal or an oracle, or is asked for several labels of a
        sample, ``ahead`` needs a learner, ``ids`` are not one for each row, or ``auth``
        is no pair of strings.

    See Also
    --------
    skactive.serve.LabelStudioRun : Asks what a learner queries; the better way.
    skactive.io.label_studio : The same by files, without a server.

    Notes
    -----
    By default the server refuses addresses of its own network. Where the backend runs
    on the same machine, it must have been started with
    ``LABEL_STUDIO_SSRF_PROTECTION_ENABLED=false`` and
    ``LABEL_STUDIO_ML_BLOCK_LOCAL_IP=false`` in its environment, which lets everybody
    who may set up a project reach that network.

    Answers are not taken from what the server sends, since events are lost, and anyone
    may send one: each leads to reading all answers, and to a training if any has
    changed. Many events during a training lead to one more. Of several answers to a
    task the newest counts, skips teach nothing, and answers that cannot be used are
    logged and left out (logger "skactive.serve").

    A score is the probability of the predicted class, or that of the region that the
    model is least sure of; 0 where it says none. With ``ahead`` it is the place in the
    query, and 1 for all other tasks, so that the server, which asks for low scores
    first, follows it; and ``model_version`` of the project is set after each training,
    without which it would ask in random order. Old predictions stay on the server.

    Versions name the number of answers and a hash of them, so that the same answers
    have the same version after a restart, and the server asks only for what is new.

    Cost: each training reads the whole export of the project, with the data of its
    tasks if ``ahead``. The server waits 1 s for most answers, 100 s for predictions.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from skactive.io.label_studio import LabelConfig
    >>> from skactive.serve import LabelStudioBackend
    >>> X, y = load_iris(return_X_y=True)
    >>> config = LabelConfig.make("classes", ["0", "1", "2"], of="table")
    >>> class Client:  # in place of LabelStudioClient(url, token)
    ...     def get(self, path, query):
    ...         return []
    >>> backend = LabelStudioBackend(
    ...     LogisticRegression(), X, Client(), project=7, config=config
    ... )
    >>> backend
    <LabelStudioBackend of project 7: skactive-0>

    ``backend.make_server().serve_forever()`` answers on port 9090, the address to enter
    on the page "Model" of the project's settings: http://localhost:9090.
    """

    def __init__(
        self,
        learner,
        X,
        client,
        project,
        config,
        *,
        ids=None,
        control=None,
        image_size=None,
        ahead=0,
        name="skactive",
        auth=None,
    ):
        check_config(config)
        _check_learner(learner, ahead)
        _check_auth(auth)
        n = _num_samples(X)
        names = list(range(n)) if ids is None else checked_ids(ids, owner="the samples")
        if len(names) != n:
            raise ValueError(
                f"LabelStudioBackend: X has {n} rows, and there are {len(names)} ids."
            )
        self.client = client
        self.project = int(project)
        self.config = config
        self.control = config.control(control)
        self.image_size = image_size
        self.ahead = ahead
        self.name = name
        self.auth = auth
        self.error = None
        self._X = with_rows(X)
        self._names = names
        self._row_of = {name: row for row, name in enumerate(names)}
        self._learner = as_learner(learner, self.control)
        fitted = learner if hasattr(learner, "estimator_") else None
        self._trained = Trained(f"{name}-{'given' if fitted else '0'}", fitted)
        self._hash = None  # of the answers that were learned last
        self._worker = Worker(self._train)
        self._asking = threading.Lock()  # nets are not asked by two threads at once

    def __repr__(self):
        return f"<LabelStudioBackend of project {self.project}: {self.version}>"

    @property
    def version(self):
        """The model that answers now."""
        return self._trained.version

    # ------------------------------------------------------------------- learning

    def train(self):
        """Learn in the background, after what is running now.

        Returns
        -------
        self : object
            The backend; ``wait`` for it to be done.
        """
        self._worker.begin()
        return self

    def wait(self, timeout=None):
        """Wait until everything that was heard of is learned.

        Parameters
        ----------
        timeout : float, default=None
            Seconds; None: as long as it takes.

        Returns
        -------
        done : bool
            Whether it is.
        """
        return self._worker.wait(timeout)

    def _train(self):
        try:
            self._learn()
            self.error = None
        except Exception as error:
            self.error = error
            LOG.exception("Training failed; the model stays %s.", self.version)

    def _learn(self):
        truth = read_truth(
            self.client,
            self.project,
            self.config,
            self.control.name,
            self._names,
            all_tasks=self.ahead > 0,
        )
        if truth.hash == self._hash:
            return
        for fault in truth.faults:
            LOG.warning("An answer was left out. %s", fault)
        learner = learn(self._learner, self._X, truth)
        if learner is None:
            LOG.info("%d answers are not enough to learn from.", len(truth.rows))
        else:
            text = f"{self._learner!r} {self.config.to_xml()} {truth.hash}"
            text = hashlib.sha256(text.encode()).hexdigest()[:8]
            ranks = ranks_of(learner, list(truth.open), self.ahead)
            version = f"{self.name}-{len(truth.rows)}-{text}"
            self._trained = trained = Trained(version, learner, ranks)
            if ranks:
                found = self._predict(trained, list(ranks))
                put_in_order(self.client, self.project, trained, truth.open, found)
        self._hash = truth.hash

    def _predict(self, trained, rows):
        with self._asking:
            return predictions(
                trained, self._X, rows, self.config, self.control, self._size_of
            )

    def _size_of(self, row):
        shown = [tag for tag, _ in self.config.objects.values()]
        if self.image_size is not None or "Image" not in shown:
            return self.image_size
        sample = take_rows(self._X, row)
        is_picture = hasattr(sample, "ndim") and sample.ndim > 1
        return picture_size(sample) if is_picture else None

    # ------------------------------------------------------------------ answering

    def __call__(self, environ, start_response):
        """Answer a request, as WSGI has it.

        Parameters
        ----------
        environ : dict
            The request.
        start_response : callable
            What takes status and headers.

        Returns
        -------
        body : list of bytes
            JSON.
        """
        # The server says no password at /webhook.
        at_webhook = environ.get("PATH_INFO", "").strip("/") == "webhook"
        auth = None if at_webhook else self.auth
        return respond(environ, start_response, self._routes(), auth)

    def make_server(self, host="127.0.0.1", port=9090):
        """Return a server of the standard library that asks this backend.

        Parameters
        ----------
        host : str, default="127.0.0.1"
            Where it listens: this machine only, unless you say otherwise.
        port : int, default=9090
            The port; 0 for a free one.

        Returns
        -------
        server : wsgiref.simple_server.WSGIServer
            With a thread for each request; ``server_port`` is its port, and
            ``serve_forever()`` begins. Any other WSGI server will do, as long as it is
            one process: others would each learn for themselves.
        """
        return ThreadingServer.of(self, host, port)

    def _routes(self):
        """Return what the server asks: {path: (method of HTTP, what answers)}."""
        return {
            "/": ("GET", self._health),
            "/health": ("GET", self._health),
            "/setup": ("POST", self._setup),
            "/predict": ("POST", self._predict_tasks),
            "/webhook": ("POST", self._webhook),
            "/versions": ("GET", self._versions),
            "/metrics": ("GET", self._metrics),
        }

    def _check_project(self, number):
        # "7.1795633029": the number, and when it was made.
        if str(number).partition(".")[0] != str(self.project):
            raise Refusal(
                400,
                f"This backend is that of project {self.project}, and was asked about "
                f"{number!r}. Start one for each project.",
            )

    def _health(self, _):
        model = self._learner.estimator
        model = self._learner if model is None else model
        return 200, {"status": "UP", "model_class": type(model).__name__}

    def _setup(self, body):
        self._check_project(body.get("project"))
        if self._hash is None:  # answers may be there from before this start
            self.train()
        return 200, {"model_version": self.version}

    def _predict_tasks(self, body):
        self._check_project(body.get("project"))
        tasks = body.get("tasks")
        if not isinstance(tasks, list):
            raise Refusal(400, "tasks must be a list.")
        rows = [row_of_task(task, self._row_of) for task in tasks]
        return 200, {"results": self._predict(self._trained, rows)}

    def _webhook(self, body):
        project = body.get("project")  # absent where the server sends no payload
        number = project.get("id") if isinstance(project, dict) else project
        ours = number is None or str(number) == str(self.project)
        if not ours or body.get("action") not in LEARN_FROM:
            return 200, {"result": "nothing to do", "status": "ok"}
        self.train()
        return 201, {"result": "heard", "status": "ok"}

    def _versions(self, _):
        return 200, {"versions": [self.version]}

    def _metrics(self, _):
        return 200, {}


def _check_learner(learner, ahead):
    is_number = isinstance(ahead, Integral) and not isinstance(ahead, bool)
    if not is_number or ahead < 0:
        raise ValueError(f"LabelStudioBackend: ahead is from 0 on; got {ahead!r}.")
    if not hasattr(learner, "teach"):
        if ahead:
            raise ValueError(
                f"LabelStudioBackend: ahead={ahead} asks in the order of a query, and "
                f"{type(learner).__name__} has none. Pass ActiveLearner(model, "
                "strategy)."
            )
        return
    for what in ("journal", "oracle"):
        if getattr(learner, what) is not None:
            raise ValueError(
                f"LabelStudioBackend: copies of the learner learn what is on the "
                f"server, and its {what} would do nothing. Pass one without, or use "
                "LabelStudioRun."
            )


def _check_auth(auth):
    if auth is None:
        return
    is_pair = isinstance(auth, (tuple, list)) and len(auth) == 2
    if not is_pair or not all(isinstance(part, str) and part for part in auth):
        raise ValueError("LabelStudioBackend: auth is (user, password), two strings.")
