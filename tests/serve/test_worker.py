"""One job in the background."""

import threading

from skactive.serve._worker import Worker


def test_what_asks_during_a_job_is_served_by_one_more():
    begun, go = threading.Event(), threading.Event()
    done = []

    def job():
        done.append(1)
        begun.set()
        assert go.wait(30)

    worker = Worker(job)
    worker.begin()
    assert begun.wait(30)
    for _ in range(10):
        worker.begin()
    assert not worker.wait(0.01)
    assert done == [1]
    go.set()
    assert worker.wait(30)
    assert done == [1, 1]


def test_nothing_is_left_running_and_it_begins_again():
    done = []
    worker = Worker(lambda: done.append(threading.current_thread()))
    assert worker.wait()
    for k in range(3):
        worker.begin()
        assert worker.wait(30)
        assert len(done) == k + 1
    assert not any(thread.is_alive() for thread in done)
    assert all(thread.daemon for thread in done)


def test_no_request_to_begin_is_lost():
    # The moment in which the thread decides to end is the dangerous one.
    heard, seen = 0, -1

    def job():
        nonlocal seen
        seen = heard

    worker = Worker(job)
    for _ in range(2000):
        heard += 1
        worker.begin()
    assert worker.wait(30)
    assert seen == heard
