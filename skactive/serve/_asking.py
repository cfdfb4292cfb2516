"""Bring batches into a project, whole and once, and take away what is stale."""

from numbers import Integral

from skactive.serve._client import LabelStudioError
from skactive.serve._state import Batch
from skactive.serve._teaching import have


def names_to_ask(learner, n, state, row_of):
    """Return the names of the rows that a learner asks for; none if none is left."""
    live = [row_of[name] for batch in state.batches for name in batch.left()]
    free = ~learner.labeled_mask_
    free[[*learner.skipped_, *live]] = False
    if not free.any():
        return []
    name_of = {row: name for name, row in row_of.items()}
    n = learner._batch_size() if n is None else n
    if isinstance(n, Integral):  # the last batch may be smaller
        n = min(n, int(free.sum()))
    return [name_of[int(row)] for row in learner.query(n, exclude=live)]


def begin(state, names, settings):
    """Write down what is going to be asked, before it is."""
    k = len(state.batches)
    for batch in state.batches:
        batch.closed = True
    needed = settings.get("maximum_annotations") or 1
    state.batches.append(Batch(f"{state.run}-{k}", k, names, needed))
    state.save()


def complete(run, batch, state, row_of):
    """See to it that each row of a batch has a task, or its answer."""
    missing = _missing(run, batch, state, row_of)
    if missing:
        tasks = run.shown.tasks(
            batch.ids,
            [row_of[name] for name in batch.ids],
            batch=batch.name,
            round=batch.round,
            has_model=hasattr(run.learner, "estimator_"),
        )
        wanted = set(missing)
        tasks = [task for task in tasks if task["data"]["skactive_id"] in wanted]
        run.project.import_tasks(tasks)
        lost = _missing(run, batch, state, row_of)
        if lost:
            raise LabelStudioError(
                f"{run.client.url} took the tasks of the batch {batch.name!r}, and "
                f"lacks {len(lost)} of {len(missing)}, such as that of id {lost[0]!r}. "
                "Repeat the call."
            )
    if run.shown.predict is None:
        return
    # People see those of one model, and after an import still those of before.
    if any(task.get("total_predictions") for task in run.project.batch(batch.name)):
        run.project.show_predictions(batch.name)


def withdraw(run, state, keep=()):
    """Delete the tasks that nobody answered, but some that are still wanted."""
    wanted = {*keep, *state.taken}
    for batch in state.batches:
        batch.closed = True
        names = {name: None for name in batch.left() if name not in wanted}
        if not names:
            continue
        stale = [
            task["id"]
            for task in run.project.batch(batch.name)
            if task["data"].get("skactive_id") in names
        ]
        if stale:
            run.project.withdraw(stale)
        there = _names(run.project.batch(batch.name)) if stale else set()
        batch.withdrawn += [name for name in names if name not in there]
        state.save()


def _missing(run, batch, state, row_of):
    there = _names(run.project.once(batch.name))
    known = have(run.learner, [row_of[name] for name in batch.ids])
    gone = {*batch.withdrawn, *state.taken, *there}
    return [
        name
        for name, answer in zip(batch.ids, known, strict=True)
        if answer is None and name not in gone
    ]


def _names(tasks):
    return {task["data"].get("skactive_id") for task in tasks}
