"""Pictures, tables and the like: taken, and not stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


class Media:
    """Any of W&B's media classes; holds what it was made of."""

    is_wandb_media = True

    def __init__(self, data: Any = None, *args: Any, caption: str | None = None, **options: Any) -> None:
        self.data, self.caption, self.options = data, caption, options

    @classmethod
    def from_file(cls, path: Any, *args: Any, **options: Any) -> Media:
        """Made of a file."""
        return cls(path, **options)

    from_numpy = from_sequence = from_smiles = from_point_cloud = from_file


class Image(Media):
    """A picture."""


class Video(Media):
    """A film."""


class Audio(Media):
    """A sound."""


class Html(Media):
    """A page."""


class Object3D(Media):
    """A body."""


class Molecule(Media):
    """A molecule."""


class Plotly(Media):
    """A figure of Plotly."""


class Graph(Media):
    """The layers of a model."""


class Histogram(Media):
    """A distribution."""

    MAX_LENGTH = 512

    def __init__(self, sequence: Any = None, np_histogram: Any = None, num_bins: int = 64) -> None:
        super().__init__(sequence)
        given = np_histogram if np_histogram is not None else ([], [])
        self.histogram, self.bins = given[0], given[1]


class Table(Media):
    """Rows under columns."""

    MAX_ROWS, MAX_ARTIFACT_ROWS = 10_000, 200_000

    def __init__(
        self,
        columns: Sequence[Any] | None = None,
        data: Any = None,
        rows: Any = None,
        dataframe: Any = None,
        **options: Any,
    ) -> None:
        if dataframe is not None:
            columns, data = list(dataframe.columns), dataframe.values.tolist()
        given = rows if data is None else data
        super().__init__([list(row) for row in given] if given is not None else [], **options)
        self.columns = list(columns) if columns is not None else ["Input", "Output", "Expected"]

    def add_data(self, *row: Any) -> None:
        """Append a row."""
        self.data.append(list(row))

    def add_row(self, *row: Any) -> None:
        """Append a row."""
        self.data.append(list(row))

    def add_column(self, name: Any, data: Iterable[Any], optional: bool = False) -> None:
        """Append a column."""
        self.columns.append(name)
        values = list(data)
        self.data = self.data or [[] for _ in values]
        for row, value in zip(self.data, values, strict=True):
            row.append(value)

    def get_column(self, name: Any, convert_to: str | None = None) -> Any:
        """A column's values."""
        at = self.columns.index(name)
        values = [row[at] for row in self.data]
        if convert_to == "numpy":
            import numpy

            return numpy.array(values)
        return values

    def get_dataframe(self) -> Any:
        """The rows in pandas."""
        import pandas

        return pandas.DataFrame(self.data, columns=self.columns)

    def iterrows(self) -> Iterable[tuple[int, list[Any]]]:
        """Rows with their numbers."""
        return enumerate(self.data)
