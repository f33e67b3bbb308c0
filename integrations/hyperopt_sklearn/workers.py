"""Jobs on joblib's workers, one after the other as workers become free: joblib itself only takes whole batches."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from joblib import dump, effective_n_jobs, load
from joblib.parallel import get_active_backend
from sklearn import config_context, get_config
from sklearn.utils.parallel import Parallel, delayed


class Workers:
    """As many as `n_jobs` means to joblib, on the backend that `joblib.parallel_config` names. A context manager.

    >>> with Workers(None) as workers:
    ...     workers.submit(lambda: 1).result()
    1
    """

    def __init__(self, n_jobs: int | None) -> None:
        self.count = effective_n_jobs(n_jobs)
        by_threads = self.count == 1 or getattr(get_active_backend()[0], "supports_sharedmem", False)
        # One a worker: they share joblib's processes. None: threads of our own.
        self._parallel = None if by_threads else [Parallel(n_jobs=n_jobs) for _ in range(self.count)]
        self._config = get_config()  # scikit-learn keeps it per thread
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for parallel in self._parallel or ():
            self._stack.enter_context(parallel)
        if self.count > 1:
            self._threads = self._stack.enter_context(ThreadPoolExecutor(self.count))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def share(self, data: Any) -> Any:
        """`data` as jobs should hold it: for processes mapped from one file, which joblib hands over by its name."""
        if self._parallel is None:
            return data
        folder = self._stack.enter_context(TemporaryDirectory(prefix="hyperopt-", ignore_cleanup_errors=True))
        path = str(Path(folder, "data"))
        dump(data, path)
        return load(path, mmap_mode="r")

    def submit(self, job: Callable[[], Any]) -> Future[Any]:
        """Run a job; at once, and in this thread, where there is one worker."""
        if self.count > 1:
            return self._threads.submit(self._run, job)
        done: Future[Any] = Future()
        done.set_result(job())
        return done

    def _run(self, job: Callable[[], Any]) -> Any:
        with config_context(**self._config):
            if self._parallel is None:
                return job()
            parallel = self._parallel.pop()
            try:
                return parallel([delayed(job)()])[0]
            finally:
                self._parallel.append(parallel)
