"""The synthetic pose world's z-buffer and camera, against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from underspec.data.synthetic.poses.camera import DISTANCE, FOCAL, Turn, project, turned
from underspec.data.synthetic.poses.light import AMBIENT, Lamp, away, on_triangles, on_wall
from underspec.data.synthetic.poses.mesh import Mesh, box, column, revolve, tube
from underspec.data.synthetic.poses.raster import nearest
from underspec.data.synthetic.poses.render import drawn

WHITE = np.ones((1, 4, 3))
FRONT = Lamp(np.array([[0.0, -1.0, 0.0]]), np.ones((1, 3)))


def turn(azimuth=0.0, elevation=0.0, roll=0.0, size=1.0, x=0.0, z=0.0):
    return Turn(*(np.array([float(v)]) for v in (azimuth, elevation, roll, size, x, z)))


def ball(rings=60, sides=80):
    up = np.linspace(-math.pi / 2, math.pi / 2, rings)
    return revolve(np.cos(up)[:, None], np.sin(up)[:, None], sides=sides)


def plate(depth=0.0, half=0.5, part=0):
    corners = np.array([(-1, 0, -1), (1, 0, -1), (1, 0, 1), (-1, 0, 1)], float) * half
    faces = np.array([(0, 1, 2), (0, 2, 3)])
    return Mesh((corners + np.array([0, depth, 0]))[None], faces, np.full(2, part))


def both(a, b):
    vertices = np.concatenate([a.vertices, b.vertices], axis=1)
    faces = np.concatenate([a.faces, b.faces + a.vertices.shape[1]])
    return Mesh(vertices, faces, np.concatenate([a.parts, b.parts]))


@pytest.mark.parametrize("size", [0.4, 0.7, 1.0])
def test_a_ball_covers_the_area_that_perspective_gives_it(size):
    """A ball of radius r at distance d is a disc of radius f r / sqrt(d^2 - r^2)."""
    side = 64
    covered = drawn(ball(), turn(size=size), FRONT, WHITE, side)[0, ..., 3].sum()
    radius = FOCAL * size / math.sqrt(DISTANCE**2 - size**2) * side / 2
    assert covered == pytest.approx(math.pi * radius**2, rel=0.01)


@pytest.mark.parametrize("depth", [-2.0, 0.0, 3.0])
def test_a_plate_covers_the_area_that_its_distance_gives_it(depth):
    """Lengths fall as 1 over depth; the share of covered pixels is that of the square."""
    side, half = 64, 0.37
    covered = drawn(plate(depth, half), turn(), FRONT, WHITE, side)[0, ..., 3].sum()
    length = 2 * half * FOCAL / (DISTANCE + depth) * side / 2
    assert covered == pytest.approx(length**2, abs=2 * length)


def test_what_lies_off_the_picture_is_cut_off():
    """An object partly outside leaves the rest, and one wholly outside leaves nothing."""
    part = drawn(plate(), turn(x=1.15), FRONT, WHITE, 32)[0, ..., 3]
    assert part[:, -1].any()
    assert not part[:, 0].any()
    assert not drawn(plate(), turn(x=5.0), FRONT, WHITE, 32).any()


@pytest.mark.parametrize("swap", [False, True])
def test_the_nearer_plate_is_seen_whatever_the_order(swap):
    """Depth decides, not the order of triangles."""
    paint = np.array([[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 0], [0, 0, 0]]])
    near, far = plate(-0.5, part=0), plate(0.5, part=1)
    mesh = both(far, near) if swap else both(near, far)
    middle = drawn(mesh, turn(), FRONT, paint, 32)[0, 16, 16]
    assert middle == pytest.approx([1, 0, 0, 1])


def test_crossing_plates_part_where_they_meet():
    """Two plates tilted against each other cross in the middle column: depth is right inside, too."""
    left, right = plate(part=0), plate(part=1)
    left.vertices[0, :, 1] = 0.8 * left.vertices[0, :, 0]
    right.vertices[0, :, 1] = -0.8 * right.vertices[0, :, 0]
    paint = np.array([[[1.0, 0, 0], [0, 1.0, 0], [0, 0, 0], [0, 0, 0]]])
    lamp = Lamp(np.array([[0.0, 0.0, 1.0]]), np.ones((1, 3)))
    row = drawn(both(left, right), turn(), lamp, paint, 32)[0, 16]
    inside = row[:, 3] == 1
    assert inside.sum() > 10
    assert np.array_equal(row[inside, 0] > 0, np.flatnonzero(inside) < 16)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-4, 20), min_size=8, max_size=8))
def test_triangles_that_share_a_side_share_no_sample_and_leave_no_gap(numbers):
    """A triangle cut in three at a point inside covers each sample of the whole exactly once."""
    corners = np.array(numbers[:6]).reshape(3, 2)
    (ax, ay), (bx, by) = corners[1] - corners[0], corners[2] - corners[0]
    assume(abs(ax * by - bx * ay) > 1e-3)
    share = np.abs(np.array([*numbers[6:], 1.0])) + 0.1
    middle = (share / share.sum()) @ corners
    pieces = np.array([np.vstack([corners[[k, (k + 1) % 3]], middle]) for k in range(3)])

    def covered(triangles):
        count = len(triangles)
        found = nearest(triangles, np.ones((count, 3)), np.arange(count), count, 16)
        return (found >= 0).sum(axis=0)

    assert np.array_equal(covered(corners[None]), covered(pieces))


@pytest.mark.parametrize("elevation", [0, 30, 60, 80])
def test_a_tilted_plate_is_lit_by_lamberts_law(elevation):
    """Light falls with the cosine between the normal and the lamp."""
    colour = np.array([[0.9, 0.5, 0.7]])
    lamp = Lamp(FRONT.direction, colour)
    picture = drawn(plate(), turn(elevation=elevation), lamp, WHITE, 32)[0]
    expected = colour[0] * (AMBIENT + (1 - AMBIENT) * math.cos(math.radians(elevation)))
    assert picture[16, 16, :3] == pytest.approx(expected, abs=1e-6)


def test_light_from_behind_leaves_what_comes_from_everywhere():
    """Either side of a triangle may be seen; the lamp lights the side that it is on."""
    lamp = Lamp(np.array([[0.0, 1.0, 0.0]]), np.ones((1, 3)))
    for azimuth in (0, 180):
        picture = drawn(plate(), turn(azimuth=azimuth), lamp, WHITE, 32)[0]
        assert picture[16, 16, :3] == pytest.approx([AMBIENT] * 3)
    assert on_wall(lamp) == pytest.approx(AMBIENT)
    assert on_wall(FRONT) == pytest.approx(1.0)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_roll_by_right_angles_turns_the_picture(quarter):
    """An object turned in the picture plane, with the lamp behind the camera, is np.rot90."""
    mesh = box([-0.6, -0.3, -0.4 + np.zeros(1)], [0.1, 0.3, 0.7], 0)
    straight = drawn(mesh, turn(20, 15), FRONT, WHITE, 48)[0]
    rolled = drawn(mesh, turn(20, 15, 90.0 * quarter), FRONT, WHITE, 48)[0]
    assert straight[..., 3].any()
    # A centre on the very edge may fall to the other side.
    assert np.abs(np.rot90(straight, quarter) - rolled).mean() < 2e-3


def test_elevation_shows_the_top_and_azimuth_turns_left():
    """From above, the top comes towards the camera; the right side goes to the back."""
    point = np.array([[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]])
    top, _ = turned(point, turn(elevation=30))[0]
    assert top == pytest.approx([0, -0.5, math.sqrt(0.75)])
    _, right = turned(point, turn(azimuth=90))[0]
    assert right == pytest.approx([0, 1, 0])
    assert project(np.array([[[0.0, 0.0, 0.0]]])).flat[0, 0] == pytest.approx([0.5, 0.5])


def test_pixels_are_means_of_four_samples():
    """Edges are smoothed: covered shares are quarters, and some are strictly between."""
    share = drawn(ball(), turn(), FRONT, WHITE, 32)[0, ..., 3]
    assert set(np.unique(share).tolist()) == {0, 0.25, 0.5, 0.75, 1}


@pytest.mark.parametrize("degrees", [0, 40, 120])
@pytest.mark.parametrize("about", [0.0, 0.3, 0.9])
def test_lamps_move_by_the_angle_asked_for(degrees, about):
    """The new direction has length 1 and makes the angle with the old one."""
    start = (-0.48, -0.64, 0.6)
    moved = away(start, np.array([float(degrees)]), np.array([about]))[0]
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert moved @ start == pytest.approx(math.cos(math.radians(degrees)))


def test_tubes_have_the_radius_asked_for():
    """Corners of a bent tube lie at the radius from its path."""
    path = np.array([[[0.0, 0, 0], [0.0, 0, 1], [1.0, 0, 2]]])
    mesh = tube(path, column([np.array([0.2]), 0.2, 0.3]), sides=7)
    ring = mesh.vertices[0].reshape(3, 7, 3)
    far = np.linalg.norm(ring - path[0][:, None], axis=2)
    assert far == pytest.approx(np.array([0.2, 0.2, 0.3])[:, None] * np.ones((1, 7)))


def test_a_flat_triangle_of_no_area_is_neither_lit_nor_a_fault():
    """Degenerate triangles, as at the pole of a ball, give finite light."""
    corners = np.zeros((1, 1, 3, 3))
    assert on_triangles(corners, FRONT) == pytest.approx(AMBIENT)
