"""The colours of every figure: they hold in print, in grey, and for colour-blind readers."""

from __future__ import annotations

from collections.abc import Mapping

from hyperopt_core.trial import State

INK = "#1f2328"  # text
MUTED = "#5c6670"  # ticks and notes; 5.9:1 on white
RULE = "#8b949e"  # axis lines
FAINT = "#c9ced4"  # what is in the background
LANE = "#f1f3f5"
ACCENT = "#b84a00"  # the incumbent: vermilion, apart from every colour of the scale; 5.2:1 on white
BLUE = "#31688e"  # the middle of the scale
BAND = "#b9cedd"  # a standard deviation around it

#: Viridis backwards, worst to best, without its palest end, which white paper swallows.
SCALE = ("#bddf26", "#5ec962", "#21918c", "#3b528b", "#440154")

#: state -> its colour where states stand beside each other
STATES: Mapping[State, str] = {
    State.COMPLETED: BLUE,
    State.STOPPED: "#6fb1a0",
    State.PAUSED: "#d9a441",
    State.RUNNING: "#7a4fa3",
    State.FAILED: "#a40e26",
    State.CANCELLED: RULE,
}
#: state -> how figures call it, where that is not its name
WORDS: Mapping[State, str] = {State.STOPPED: "stopped early"}


def word(state: State) -> str:
    """What figures call a state."""
    return WORDS.get(state, str(state))
