"""The pose model places points where the drawn runner's joints are; its weights are checked before use."""

import numpy as np
import pytest

from engine import weights
from engine.measure.track import AT, JOINTS
from engine.pose import CROP_SIZE, MODEL_ROWS, Detector, Landmarker, Region
from engine.studio.figure import Performance
from engine.studio.film import make_film
from engine.studio.scene import Scene
from engine.trimmed import trimmed
from engine.video import Picture, pictures

pytestmark = pytest.mark.slow

SCENE = Scene(fps=30, seconds=0.5, width_px=540, height_px=960)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The first picture of a drawn runner."""
    path = tmp_path_factory.mktemp("studio") / "runner.mp4"
    make_film(path, SCENE)
    return next(iter(pictures(path, threads=1)))


@pytest.fixture(scope="module")
def truth_px():
    return Performance(SCENE).track().points_px[0]


def _body_px(points):
    return np.ptp(points[:, 1])


def test_a_region_maps_to_the_crop_and_back():
    region = Region(310.0, 420.0, 500.0, 0.4)
    places = np.array([[310.0, 420.0], [250.0, 500.0], [400.0, 300.0]])
    onto = region.onto_crop()
    crop = places @ onto[:, :2].T + onto[:, 2]
    assert crop[0] == pytest.approx([CROP_SIZE / 2, CROP_SIZE / 2])
    assert region.to_picture(crop / CROP_SIZE) == pytest.approx(places)


def test_an_upright_body_gives_an_upright_region_with_room_around_it():
    region = Region.around(np.array([100.0, 200.0]), np.array([100.0, 120.0]))
    assert (region.x, region.y, region.angle) == pytest.approx((100, 200, 0))
    assert region.side == pytest.approx(2 * 80 * 1.25)


def test_the_detector_finds_the_one_runner(drawn, truth_px):
    people = Detector(threads=1).people(drawn.rgb())
    assert len(people) == 1
    hips = truth_px[[AT["left_hip"], AT["right_hip"]]].mean(0)
    assert np.hypot(*(people[0].hip_centre - hips)) < 0.15 * _body_px(truth_px)


def test_the_detector_finds_nobody_in_an_empty_room():
    room = np.full((960, 540, 3), 150, np.uint8)
    room[700:] = 90
    assert Detector(threads=1).people(room) == []


def test_the_detector_gives_places_in_the_film_s_pixels(drawn):
    detector = Detector(threads=1)
    small = drawn.scaled(270, 480).rgb()
    fine, coarse = detector.people(drawn.rgb())[0], detector.people(small, scale=2.0)[0]
    assert coarse.hip_centre == pytest.approx(fine.hip_centre, abs=20)
    assert coarse.size_px == pytest.approx(fine.size_px, rel=0.1)


def test_joints_are_placed_within_a_few_percent_of_the_body(drawn, truth_px):
    landmarker = Landmarker(threads=1)
    first = landmarker.pose(drawn, Detector(threads=1).people(drawn.rgb())[0].region)
    pose = landmarker.pose(drawn, first.next_region)
    assert pose.person_score > 0.9
    found = pose.points_px[list(MODEL_ROWS)]
    error = np.hypot(*(found - truth_px).T) / _body_px(truth_px)
    for joint in ("right_shoulder", "right_hip", "right_knee", "right_ankle", "right_elbow"):  # the near side
        assert error[AT[joint]] < 0.04, joint
    assert np.nanmedian(error) < 0.03


def test_an_empty_region_holds_no_person():
    grey = np.full((144, 96), 128, np.uint8)
    empty = Picture.unpacked(grey, 0, 0.0)
    assert Landmarker(threads=1).pose(empty, Region(48, 48, 90, 0.0)).person_score < 0.5


def test_every_joint_of_the_measuring_has_a_row_of_the_model():
    assert len(MODEL_ROWS) == len(set(MODEL_ROWS)) == len(JOINTS)


def test_missing_weights_say_where_they_were_looked_for_and_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setenv("ENGINE_WEIGHTS", str(tmp_path))
    with pytest.raises(weights.WeightsUnusable) as missing:
        weights.landmarker()
    assert str(missing.value) == (
        f"The pose weights are missing: pose_landmark_heavy.tflite is not in {tmp_path}. "
        "Run `npm ci` in the project folder, or set ENGINE_WEIGHTS to the folder that holds them."
    )


def test_other_weights_than_the_measured_ones_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("ENGINE_WEIGHTS", str(tmp_path))
    (tmp_path / weights.DETECTOR).write_bytes(b"other weights")
    with pytest.raises(weights.WeightsUnusable) as wrong:
        weights.detector()
    assert str(wrong.value) == (
        f"The pose weights pose_solution_packed_assets.data in {tmp_path} are not the expected ones "
        "(sha256 53959fa102f3...). Run `npm ci` in the project folder again."
    )


def test_what_is_trimmed_away_changes_no_number_that_is_read():
    from ai_edge_litert.interpreter import Interpreter

    picture = np.random.default_rng(5).random((1, CROP_SIZE, CROP_SIZE, 3), np.float32)
    answers = []
    for network in (
        Interpreter(model_path=str(weights.landmarker())),
        Interpreter(model_content=trimmed(weights.landmarker(), (0, 1, 3))),
    ):
        network.allocate_tensors()
        network.set_tensor(network.get_input_details()[0]["index"], picture)
        network.invoke()
        answers.append([network.get_tensor(output["index"]) for output in network.get_output_details()])
    whole, less = answers
    assert len(whole) == 5
    assert len(less) == 3
    for one, two in zip((whole[0], whole[1], whole[3]), less, strict=True):
        assert np.array_equal(one, two)
