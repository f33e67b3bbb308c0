import threading

import numpy as np
import pytest
import scipy.linalg.lapack  # noqa: F401

from hyperopt_core.maths.blas import _openblas, single_thread


@pytest.fixture
def libraries() -> list[object]:
    found = _openblas()
    if not found:
        pytest.skip("numpy and scipy run on another BLAS here")
    return list(found)


def counts() -> list[int]:
    return [library.get() for library in _openblas()]


@pytest.mark.usefixtures("libraries")
def test_one_thread_inside_and_the_users_setting_outside() -> None:
    before = counts()
    try:
        for library in _openblas():
            library.set(2)
        with single_thread():
            assert counts() == [1] * len(before)
            with single_thread():
                np.ones((9, 9)) @ np.ones((9, 9))
            assert counts() == [1] * len(before)
        assert counts() == [2] * len(before)
        with pytest.raises(ZeroDivisionError), single_thread():
            _ = 1 / 0
        assert counts() == [2] * len(before)
    finally:
        for library, threads in zip(_openblas(), before, strict=True):
            library.set(threads)


@pytest.mark.usefixtures("libraries")
def test_blocks_of_several_threads_that_overlap_restore_it_too() -> None:
    before = counts()
    first_in, second_in = threading.Event(), threading.Event()

    def first() -> None:
        with single_thread():
            first_in.set()
            second_in.wait(10)

    def second() -> None:
        first_in.wait(10)
        with single_thread():
            second_in.set()
            other.join(10)

    other, one = threading.Thread(target=first), threading.Thread(target=second)
    for thread in (other, one):
        thread.start()
    for thread in (other, one):
        thread.join(10)
    assert counts() == before
