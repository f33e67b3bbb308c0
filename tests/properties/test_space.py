"""What holds of every search space."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperopt_core.errors import InvalidTrial
from hyperopt_core.space import Parameter, SearchSpace
from tests.properties.spaces import parameters, search_spaces, searched_parameters

SEEDS = st.integers(0, 2**32 - 1)


@given(searched_parameters(), st.floats(0, 1))
def test_a_decoded_value_is_clean_and_comes_back_from_its_coordinate(parameter: Parameter, u: float) -> None:
    value = parameter.decode(u)
    assert parameter.clean(value) == value
    coordinate = parameter.encode(value)
    assert 0 <= coordinate <= 1
    again = parameter.decode(coordinate)
    assert again == value or again == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(searched_parameters(), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_snap_and_draw_land_on_the_coordinates_of_values(parameter: Parameter, us: list[float]) -> None:
    u = np.array(us)
    for landed in (parameter.snap(u), parameter.draw(u)):
        expected = [parameter.encode(parameter.decode(x)) for x in landed]
        np.testing.assert_allclose(landed, expected, atol=1e-7)
    np.testing.assert_allclose([parameter.encode(parameter.decode(x)) for x in us], parameter.snap(u), atol=1e-7)


@given(searched_parameters(), st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_draw_is_monotone_as_an_inverse_distribution_function(parameter: Parameter, us: list[float]) -> None:
    assert np.all(np.diff(parameter.draw(np.sort(us))) >= -1e-12)


@given(parameters())
def test_levels_are_distinct_and_indexed(parameter: Parameter) -> None:
    if parameter.levels is None:
        return
    indices = range(min(parameter.levels, 50))
    values = [parameter.level(i) for i in indices]
    assert [parameter.index(v) for v in values] == list(indices)
    assert [parameter.decode(parameter.encode(v)) for v in values] == values


@given(search_spaces(), SEEDS)
def test_samples_are_points_and_survive_both_round_trips(space: SearchSpace, seed: int) -> None:
    u = space.sample_unit(np.random.default_rng(seed), 8)
    configurations = [space.decode(row) for row in u]
    for params in configurations:
        assert space.clean(params) == params
        assert json.loads(json.dumps(params)) == params
    np.testing.assert_allclose(space.encode(configurations), u, atol=1e-7)
    np.testing.assert_allclose(space.snap(u), u, atol=1e-7)


@given(search_spaces(), SEEDS)
def test_active_columns_are_the_parameters_that_a_configuration_has(space: SearchSpace, seed: int) -> None:
    u = space.sample_unit(np.random.default_rng(seed), 8)
    active = space.active(u)
    for row, on in zip(u, active, strict=True):
        flat = space.flatten(space.decode(row))
        assert [c.name for c, a in zip(space.columns, on, strict=True) if a] == [
            c.name for c in space.columns if c.name in flat
        ]
        assert np.isnan(row[~on]).all()
        assert not np.isnan(row[on]).any()


@given(search_spaces())
def test_json_round_trip(space: SearchSpace) -> None:
    again = SearchSpace.from_dict(json.loads(json.dumps(space.to_dict())))
    assert again == space
    assert [c.name for c in again.columns] == [c.name for c in space.columns]


@settings(max_examples=60)
@given(search_spaces(finite=True))
def test_the_grid_is_every_point_once(space: SearchSpace) -> None:
    if space.grid.size > 2000:
        return
    points = [space.nest(p) for p in space.grid]
    assert len(points) == space.size
    assert len({space.key(p) for p in points}) == len(points)
    for params in points:
        assert space.clean(params) == params


@settings(max_examples=40)
@given(search_spaces(finite=True), SEEDS)
def test_random_points_of_a_finite_space_are_in_its_grid(space: SearchSpace, seed: int) -> None:
    if space.grid.size > 500:
        return
    keys = {space.key(space.nest(p)) for p in space.grid}
    assert {space.key(p) for p in space.sample(np.random.default_rng(seed), 20)} <= keys


@given(search_spaces(), SEEDS, st.sampled_from(["nope", "lr2"]))
def test_an_unknown_name_is_refused(space: SearchSpace, seed: int, name: str) -> None:
    params = space.sample(np.random.default_rng(seed))[0]
    with pytest.raises(InvalidTrial, match=name):
        space.clean({**params, name: 1})
