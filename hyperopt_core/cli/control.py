"""``hyperopt-core pause | resume | stop | cancel | retry``: what people want; agents see it within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from typer import Option

from hyperopt_core.cli.options import DEFAULT_STORAGE, Json, Name, Storage
from hyperopt_core.errors import InvalidTransition, InvalidTrial, SweepEnded

if TYPE_CHECKING:
    from hyperopt_core.storage import Status
    from hyperopt_core.sweep import Sweep


def pause(name: Name, storage: Storage = DEFAULT_STORAGE, json: Json = False) -> None:
    """Give out no new trials until `resume`; those that run go on.

    Agents wait.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.storage import Status

    with open_sweep(name, storage) as sweep:
        sweep.pause()
        _expect(sweep, Status.PAUSED)
        _confirm(sweep, json, "trials that run go on")


def resume(name: Name, storage: Storage = DEFAULT_STORAGE, json: Json = False) -> None:
    """Give out trials again after pause, stop or cancel.

    Agents that wait go on; start one where none is left.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.storage import Status

    with open_sweep(name, storage) as sweep:
        if sweep.status is Status.FINISHED:
            raise SweepEnded(
                f"sweep {sweep.name!r} is finished ({sweep.reason}): raise its limits in its file and `run` it, "
                "or `enqueue` or `retry` a trial"
            )
        sweep.resume()
        _confirm(sweep, json, "agents that wait go on; `hyperopt-core agent` starts another")


def stop(name: Name, storage: Storage = DEFAULT_STORAGE, json: Json = False) -> None:
    """Give out no new trials; those that run finish.

    Then agents end.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.storage import Status

    with open_sweep(name, storage) as sweep:
        sweep.stop()
        _expect(sweep, Status.STOPPED)
        _confirm(sweep, json, "trials that run finish")


def cancel(
    name: Name,
    storage: Storage = DEFAULT_STORAGE,
    trial: Annotated[int | None, Option(min=0, metavar="N", help="Only this trial.")] = None,
    json: Json = False,
) -> None:
    """End the trials that run and give out no new ones.

    With --trial, end one trial and let the sweep go on.
    """
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json

    with open_sweep(name, storage) as sweep:
        if trial is None:
            sweep.cancel()
            _confirm(sweep, json, "trials that run are being ended")
            return
        if not sweep.cancel_trial(trial):
            raise InvalidTrial(f"trial {trial} of sweep {name!r} has ended already")
    if json:
        say_json({"name": name, "trial": trial, "cancelled": True})
    else:
        say(f"trial {trial} of sweep {name} is being ended")


def retry(
    name: Name,
    trial: Annotated[int, Option(min=0, metavar="N", help="This trial; needed.")],
    storage: Storage = DEFAULT_STORAGE,
    json: Json = False,
) -> None:
    """Have a failed or cancelled trial tried again."""
    from hyperopt_core.cli.opening import open_sweep
    from hyperopt_core.cli.printing import say, say_json
    from hyperopt_core.cli.summary import waits

    with open_sweep(name, storage) as sweep:
        try:
            waiting = sweep.retry(trial)
        except InvalidTransition as error:
            raise InvalidTrial(
                f"trial {trial} of sweep {name!r} is {error.current}: failed and cancelled ones can be tried again"
            ) from None
        if json:
            say_json({"name": name, "trial": trial, "state": str(waiting.state)})
        else:
            say(waits(sweep, waiting, storage))


def _expect(sweep: Sweep, wanted: Status) -> None:
    """Raise `SweepEnded` where the sweep did not take the wish."""
    if sweep.status is not wanted:
        raise SweepEnded(f"sweep {sweep.name!r} is {sweep.status} ({sweep.reason}): it cannot be {wanted}")


def _confirm(sweep: Sweep, json: bool, words: str) -> None:
    from hyperopt_core.cli.printing import say, say_json

    if json:
        say_json({"name": sweep.name, "status": str(sweep.status)})
    else:
        say(f"sweep {sweep.name} is {sweep.status}: {words}")
