"""Agents side by side: one agent loop a worker, on threads, in processes, or on any `concurrent.futures.Executor`."""

from __future__ import annotations

import logging
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from typing import Any, Literal, Protocol, TypeAlias

from hyperopt_core.agents.gpus import VISIBLE, Gpus
from hyperopt_core.agents.interrupt import Interrupt, Level
from hyperopt_core.agents.limit import Limit
from hyperopt_core.agents.loop import work
from hyperopt_core.agents.protocol import Evaluator, TrialSource
from hyperopt_core.agents.signals import handle_signals
from hyperopt_core.agents.spawn import Processes, WorkerDied
from hyperopt_core.errors import ConfigError, suggest

log = logging.getLogger(__name__)

ExecutorLike: TypeAlias = Literal["thread", "process"] | Executor
#: Opens the same source in another process: ``partial(Sweep.open, name, url)``.
Reopen: TypeAlias = Callable[[], AbstractContextManager[TrialSource]]

_TICK = 0.2  # seconds between looks at the interrupt
_GRACE = 5.0  # seconds that are left to loops after they were told to end for good
_DEATHS = 3  # a worker's processes that may die in a row with no trial ended in between

#: What OpenMP and the BLAS libraries read.
_THREAD_COUNTS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")


class MakeEvaluator(Protocol):
    """Makes an agent's evaluator: ``partial(FunctionEvaluator, objective=f)``."""

    def __call__(self, source: TrialSource, interrupt: Interrupt, /) -> Evaluator: ...


def run_agents(
    source: TrialSource,
    make_evaluator: MakeEvaluator,
    *,
    workers: int = 1,
    executor: ExecutorLike = "thread",
    interrupt: Interrupt | None = None,
    reopen: Reopen | None = None,
    limit: int | None = None,
    gpus: Gpus | None = None,
) -> None:
    """Run `workers` agent loops until there are no more trials, or `limit` of them have run.

    executor: "thread" shares `source`; "process" starts a process a loop, which calls `reopen`, and another one where
    it dies; an executor of yours gets the loops submitted, once each, with equal shares of `limit`. gpus: a slot's
    trials get those of that slot; an executor of yours gives out its own. interrupt: None
    handles Ctrl-C and SIGTERM itself. Raises `ConfigError` for what cannot go to another process, `WorkerDied` where
    processes die again and again, `KeyboardInterrupt` where a trial did not end although it was to be killed, and what
    a loop raised.
    """
    if workers < 1:
        raise ConfigError(f"workers is {workers}: 1 or more are needed")
    if gpus is not None:
        gpus.check_workers(workers)
        if not (executor in ("thread", "process") or isinstance(executor, ThreadPoolExecutor)):
            raise ConfigError("gpus are those of this machine: an executor gives its workers GPUs of its own")

    def own(slot: int) -> tuple[str, ...]:
        return () if gpus is None else gpus.of(slot)

    permits = None if limit is None else Limit(limit, workers, shared=executor == "process")
    with ExitStack() as stack:
        if interrupt is None:
            interrupt = stack.enter_context(_handled())
        if executor == "thread" or isinstance(executor, ThreadPoolExecutor):
            submit = _in_thread if executor == "thread" else executor.submit
            evaluate = stack.enter_context(closing(make_evaluator(source, interrupt)))
            loops = _Loops(lambda slot: submit(work, source, evaluate, interrupt, slot, permits, own(slot)))
        elif executor == "process":
            loop = partial(agent_loop, _portable(reopen, make_evaluator), make_evaluator)
            processes = Processes(interrupt, thread_limits(workers))

            def start(slot: int) -> Future[int]:
                mine = own(slot)
                return processes.submit(
                    loop, slot, permits, mine, environment={VISIBLE: ",".join(mine)} if mine else {}
                )

            loops = _Loops(start, processes.kill, permits)
        elif isinstance(executor, str):
            known = ("thread", "process")
            raise ConfigError(f"executor is {executor!r}: thread, process or an Executor{suggest(executor, known)}")
        else:
            pool, loop = executor, partial(agent_loop, _given(reopen), make_evaluator)
            shares = [None if limit is None else limit // workers + (slot < limit % workers) for slot in range(workers)]
            loops = _Loops(lambda slot: pool.submit(loop, interrupt, slot, shares[slot]))
        loops.run(source, workers, interrupt)


def agent_loop(
    reopen: Reopen,
    make_evaluator: MakeEvaluator,
    interrupt: Interrupt,
    slot: int = 0,
    limit: Limit | int | None = None,
    gpus: tuple[str, ...] = (),
) -> int:
    """One agent with a source of its own: what is sent to another process. Returns how many trials ended."""
    if isinstance(limit, int):
        limit = Limit(limit, slot + 1)
    with reopen() as source, closing(make_evaluator(source, interrupt)) as evaluate:
        return work(source, evaluate, interrupt, slot, limit, gpus)


def thread_limits(workers: int) -> dict[str, str]:
    """Environment variables that share the cores between `workers` processes; {} where the user has set any of them.

    >>> set(thread_limits(10_000).values()) <= {"1"}
    True
    """
    names = [f"{library}_NUM_THREADS" for library in _THREAD_COUNTS]
    if any(name in os.environ for name in names):
        return {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return dict.fromkeys(names, str(max(1, cores // workers)))


class _Loops:
    """Loops that run, one a slot, and what to do when they end."""

    def __init__(
        self,
        start: Callable[[int], Future[int]],
        kill: Callable[[], None] = lambda: None,
        limit: Limit | None = None,
    ) -> None:
        self._start, self._kill, self._limit = start, kill, limit
        self._running: dict[Future[int], int] = {}
        self._deaths, self._ended = 0, 0
        self._error: BaseException | None = None

    def run(self, source: TrialSource, workers: int, interrupt: Interrupt) -> None:
        """Start them and wait for their end; the first error that one raised is raised when all have ended."""
        try:
            for slot in range(workers):
                self._running[self._start(slot)] = slot
            while self._running and interrupt.level < Level.KILL:
                done, _ = wait(self._running, _TICK, FIRST_COMPLETED)
                for future in done:
                    self._settle(future, self._running.pop(future), source, workers, interrupt)
        except BaseException:
            interrupt.escalate(Level.END)
            wait(self._running, _GRACE)
            raise
        finally:
            if self._running:
                self._kill()
                wait(self._running, _GRACE)
        if any(not future.done() for future in self._running):
            raise KeyboardInterrupt("a trial did not end")
        if self._error is not None:
            raise self._error

    def _settle(self, future: Future[int], slot: int, source: TrialSource, workers: int, interrupt: Interrupt) -> None:
        error = future.exception()
        if isinstance(error, WorkerDied) and error.began:
            if interrupt.level is not Level.NONE:
                return
            if self._limit is not None:
                self._limit.settle(slot, ended=False)
            ended = source.ended_count()
            self._deaths = self._deaths + 1 if ended == self._ended else 1
            self._ended = ended
            if self._deaths <= _DEATHS * workers:
                log.warning("%s; another one takes its place", error)
                self._running[self._start(slot)] = slot
                return
        if error is not None and self._error is None:
            self._error = error
            if self._running:  # it is raised, but only once the others are through
                log.error("worker %d has ended, the others go on: %s", slot, error)


@contextmanager
def _handled() -> Iterator[Interrupt]:
    interrupt = Interrupt()
    with handle_signals(interrupt):
        yield interrupt


def _in_thread(function: Callable[..., int], *args: Any) -> Future[int]:
    """Call a function on a thread that does not keep the program from ending, as an executor's threads would."""
    future: Future[int] = Future()

    def call() -> None:
        try:
            future.set_result(function(*args))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=call, name="hyperopt-agent", daemon=True).start()
    return future


def _given(reopen: Reopen | None) -> Reopen:
    if reopen is None:
        raise ConfigError(
            "this sweep lives in the memory of one process: use a storage that others can open, or threads"
        )
    return reopen


def _portable(reopen: Reopen | None, make_evaluator: MakeEvaluator) -> Reopen:
    """`reopen`; raises `ConfigError` where it or what the evaluator is made of cannot be sent to a process."""
    opener = _given(reopen)
    parts: list[Any] = [opener, make_evaluator]
    if isinstance(make_evaluator, partial):
        parts[1:] = [make_evaluator.func, *make_evaluator.args, *make_evaluator.keywords.values()]
    for part in parts:
        try:
            pickle.dumps(part)
        except Exception as error:
            name = getattr(part, "__qualname__", None) or repr(part)
            raise ConfigError(
                f"{name} cannot be sent to another process ({error}): define it at the top level of a module that can"
                ' be imported, or use executor="thread"'
            ) from None
    return opener
