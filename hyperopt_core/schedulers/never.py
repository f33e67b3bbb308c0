"""No early stopping: every trial runs to its end."""

from __future__ import annotations

from hyperopt_core.schedulers.protocol import Job
from hyperopt_core.trial import Trial, Verdict


class Never:
    """Always answers CONTINUE.

    >>> Never().name
    'never'
    """

    name = "never"

    def next_job(self, new: bool = True) -> Job:
        return Job()

    def started(self, trial: Trial) -> None: ...

    def report(self, trial: Trial, step: float, value: float) -> Verdict:
        return Verdict()

    def ended(self, trial: Trial) -> None: ...
