"""Where everything of a parallel-coordinates figure stands, in points, from the sizes of its texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from hyperopt_core.plots.scales import Axis
from hyperopt_core.plots.style import NAME_SIZE, NOTE_SIZE, TICK_SIZE, TITLE_SIZE
from hyperopt_core.plots.text import plain, shorten, shorten_all, width, wrap_name, wrap_words

STRIP = 9.0  # width of the colour bar
GAP = 7.0  # between an axis and its labels
LANE_DROP, LANE_HEIGHT = 17.0, 13.0  # the lane "not set" below the axes
LANE_LABEL = "not set"
LINE = 1.25  # line height, in sizes of the text
_HEIGHT = 250.0  # of the axes; more where an axis has many labels
_LABEL_PITCH = 11.0  # least distance of labels on an axis
_SPACING = 66.0, 132.0  # between axes: least and most
_SPAN = 370.0, 900.0  # from the first to the last axis, as far as the spacing allows
_APART = 10.0  # between names
_LEAST_LABEL = 52.0  # room that even a shortened label has
_EDGE = 12.0  # margin of the page


@dataclass(frozen=True)
class Layout:
    """Positions in points from the lower left corner."""

    width: float
    height: float
    xs: tuple[float, ...]  # the axes; the last one is the metric's
    bottom: float  # of the axes
    rise: float  # from the bottom to the top of the axes
    names: tuple[str, ...]  # wrapped
    labels: tuple[tuple[str, ...], ...]  # of the labelled ticks of each parameter axis, shortened
    notes: str  # wrapped
    has_lane: bool
    title: str
    key: str  # names the incumbent; "" where there is none
    title_y: float
    key_y: float
    margin: float = _EDGE

    @property
    def top(self) -> float:
        """The upper end of the axes."""
        return self.bottom + self.rise

    def point(self, at: float, inactive: bool) -> float:
        """The height of a line's place 0..1 on its axis, or in the lane "not set" below it."""
        return self.bottom - LANE_DROP - (1 - at) * LANE_HEIGHT if inactive else self.y(at)

    def y(self, at: float) -> float:
        """The height of a place 0..1 on an axis."""
        return self.bottom + at * self.rise


def arrange(
    axes: Sequence[Axis],
    metric: tuple[str, str, Sequence[str]],  # its name, which way is better, and all labels beside it
    tags: Sequence[str],  # the incumbent's value on each axis, the metric's last; "" for none
    *,
    title: str,
    key: str,
    notes: str,
    has_lane: bool,
) -> Layout:
    """Measure the texts and give each its room: axes move apart up to a limit, then labels are shortened."""
    labels = [[t.label for t in axis.ticks if t.label] for axis in axes]
    tag_widths = [tag_width(tag) for tag in tags]
    direction = width(metric[1], NOTE_SIZE)
    spelt = [plain(axis.name) for axis in axes]
    full = [width(name, NAME_SIZE) for name in spelt] + [max(width(metric[0], NAME_SIZE, "bold"), direction)]
    gaps, rooms = _gaps(axes, labels, tag_widths, full, direction)
    short = [shorten_all(texts, room, TICK_SIZE) for texts, room in zip(labels, rooms, strict=True)]
    names, widths = _names([*spelt, metric[0]], gaps, full, direction)

    first_label = _widest(short[0]) if axes else 0.0
    lane_label = width(LANE_LABEL, TICK_SIZE) if has_lane else 0.0
    left = _EDGE + max(widths[0] / 2, max(first_label, lane_label) + 2 * GAP, 0.0 if axes else tag_widths[-1] + GAP)
    right = _EDGE + max(widths[-1] / 2, STRIP + 2 * GAP + _widest(metric[2]))
    heading = max(width(title, TITLE_SIZE, "bold"), 24 + width(key, NAME_SIZE))
    page = max(left + sum(gaps) + right, min(heading, _SPAN[1]) + 2 * _EDGE)
    title = shorten(title, page - 2 * _EDGE, TITLE_SIZE, "bold")
    key = shorten(key, page - 2 * _EDGE - 24, NAME_SIZE)

    note_lines = wrap_words(notes, page - 2 * _EDGE, NOTE_SIZE)
    bottom = _EDGE + _lines_height(note_lines, NOTE_SIZE) + 14 + (LANE_DROP + LANE_HEIGHT if has_lane else 4.0)
    metric_height = _lines_height(names[-1], NAME_SIZE) + NAME_SIZE * 1.35
    rise = max(_HEIGHT, _LABEL_PITCH * max(map(len, labels), default=0))
    names_top = bottom + rise + 12 + max(metric_height, *(_lines_height(n, NAME_SIZE) for n in names))
    key_y = names_top + (10 if key or title else 0.0)
    title_y = key_y + (NAME_SIZE * 2 if key and title else 0.0)
    height = title_y + max(TITLE_SIZE if title else 0.0, NAME_SIZE if key else 0.0) + _EDGE
    return Layout(
        width=page,
        height=height,
        xs=tuple(left + offset for offset in accumulate(gaps, initial=0.0)),
        bottom=bottom,
        rise=rise,
        names=tuple(names),
        labels=tuple(tuple(texts) for texts in short),
        notes=note_lines,
        has_lane=has_lane,
        title=title,
        key=key,
        title_y=title_y,
        key_y=key_y,
    )


def _gaps(
    axes: Sequence[Axis],
    labels: Sequence[Sequence[str]],
    tags: Sequence[float],
    names: Sequence[float],
    direction: float,
) -> tuple[list[float], list[float]]:
    """The distances between neighbouring axes, and the room for the labels of each axis.

    Between two axes stand the left one's tag and the right one's labels. Numbers get the room they need; names of
    categories are cut where the figure would become too wide.
    """
    count = len(axes)
    if not count:
        return [], []
    least, most = max(_SPACING[0], _SPAN[0] / count), min(_SPACING[1], max(_SPAN[1] / count, _SPACING[0]))
    gaps = []
    for i in range(1, count):
        taken = tags[i - 1] + 4 * GAP
        inside = taken + _widest(labels[i])
        floor = max(least, taken + _LEAST_LABEL if axes[i].is_category else inside)
        wanted = max(inside, (names[i - 1] + names[i]) / 2 + _APART)
        gaps.append(max(floor, min(wanted, most)))
    above = (min(names[-2], least - _APART) + direction) / 2 + _APART
    gaps.append(max(least, tags[-2] + tags[-1] + 5 * GAP, above, min((names[-2] + names[-1]) / 2 + _APART, most)))
    first = max(_SPACING[1], _widest(labels[0])) if not axes[0].is_category else _SPACING[1]
    return gaps, [first, *(gap - tag - 4 * GAP for gap, tag in zip(gaps[:-1], tags, strict=False))]


def _names(
    names: Sequence[str], gaps: Sequence[float], full: Sequence[float], direction: float
) -> tuple[list[str], list[float]]:
    """The names over the axes and their widths: on one line where the neighbours leave room, else wrapped."""
    last = len(names) - 1
    weights = ["normal"] * last + ["bold"]
    wrapped, widths = [], []
    for i, name in enumerate(names):
        room = min((*gaps[max(i - 1, 0) : i], *gaps[i : i + 1]), default=_SPACING[1]) - _APART
        wrapped.append(wrap_name(name, max(room, direction) if i == last else room, NAME_SIZE, weights[i]))
        widths.append(max(width(line, NAME_SIZE, weights[i]) for line in wrapped[i].split("\n")))
    widths[last] = max(widths[last], direction)
    for i in range(len(names)):
        beside = [(gaps[i - 1], widths[i - 1])] if i else []
        beside += [(gaps[i], widths[i + 1])] if i < last else []
        if beside and all((full[i] + other) / 2 + _APART <= gap for gap, other in beside):
            wrapped[i], widths[i] = names[i], full[i]
    return wrapped, widths


def _widest(texts: Sequence[str]) -> float:
    return max((width(text, TICK_SIZE, "bold") for text in texts), default=0.0)


def _lines_height(text: str, size: float) -> float:
    return (text.count("\n") + 1) * size * LINE


def tag_width(tag: str) -> float:
    """The width of a tag with the incumbent's value, its frame included."""
    return width(tag, TICK_SIZE, "bold") + 8 if tag else 0.0
