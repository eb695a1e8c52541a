"""The recipe as a whole: a film in, the contract's answer and its media out, with even progress."""

from itertools import pairwise

import pytest

from engine.order import Order, Refused
from engine.pipeline import BadThreads, measure_film, thread_count
from engine.studio.film import make_film as make_studio_film
from engine.studio.scene import Scene
from engine.video import probe
from tests.engine.small_films import codec_of, make_film

TREADMILL = Order(view="side_view", treadmill=True, pace_s_per_km=1000 / 3)


@pytest.mark.slow  # the pose model runs
def test_a_film_without_a_runner_is_refused_in_the_order_s_language(tmp_path):
    path = make_film(tmp_path / "film.mp4", pictures=60)
    with pytest.raises(Refused) as refusal:
        measure_film(path, Order(view="side_view"), media_folder=tmp_path)
    assert refusal.value.code == "no_runner"
    assert refusal.value.text == "No runner was found. Film the whole body, in good light."
    assert not (tmp_path / "annotated.mp4").exists()


def test_a_file_that_is_no_film_is_refused_before_anything_else(tmp_path):
    (tmp_path / "film.mp4").write_text("not a film")
    heard = []
    with pytest.raises(Refused) as refusal:
        measure_film(tmp_path / "film.mp4", Order(view="side_view", language="fr"), progress=heard.append)
    assert refusal.value.text == "Ce fichier n’est pas un film lisible. Envoyez un film MP4, MOV, AVI ou WEBM."
    assert heard == []


@pytest.mark.slow
def test_a_runner_on_a_treadmill_is_measured_with_film_and_thumbnail(tmp_path):
    truth = make_studio_film(tmp_path / "runner.mp4", Scene(fps=30, seconds=4, speed_m_s=3.0, cadence_spm=170))
    heard = []
    answer = measure_film(tmp_path / "runner.mp4", TREADMILL, progress=heard.append, media_folder=tmp_path)

    assert answer.calculated["metrics"]["step_frequency_steps_per_min"] == pytest.approx(170, abs=2)
    strikes = [event.strike_frame for event in truth.events if event.strike_frame is not None]
    for step in answer.calculated["house"]["steps"]:
        assert min(abs(step["strike_frame"] - strike) for strike in strikes) < 1.5

    assert heard == sorted(set(heard))
    assert heard[0] >= 1
    assert heard[-1] == 100
    assert max(after - before for before, after in pairwise(heard)) <= 5

    assert answer.film == tmp_path / "annotated.mp4"
    film = probe(answer.film)
    assert (film.frame_count, film.width_px, codec_of(answer.film)) == (120, 720, "h264")
    assert answer.thumbnail is not None
    assert answer.thumbnail.read_bytes().startswith(b"\xff\xd8")


@pytest.mark.slow
def test_the_same_film_gives_the_same_answer_whatever_the_threads(tmp_path, monkeypatch):
    make_studio_film(tmp_path / "runner.mp4", Scene(fps=30, seconds=2.5, width_px=540, height_px=960))
    answers = []
    for threads in ("1", "2"):
        monkeypatch.setenv("ENGINE_THREADS", threads)
        answers.append(measure_film(tmp_path / "runner.mp4", TREADMILL))
    assert answers[0].calculated == answers[1].calculated
    assert answers[0].film is None


def test_threads_are_a_setting(monkeypatch):
    monkeypatch.setenv("ENGINE_THREADS", "3")
    assert thread_count() == 3
    monkeypatch.delenv("ENGINE_THREADS")
    assert thread_count() >= 1


@pytest.mark.parametrize("value", ["0", "two", "-1", "1.5"])
def test_a_wrong_number_of_threads_says_so(monkeypatch, value):
    monkeypatch.setenv("ENGINE_THREADS", value)
    with pytest.raises(BadThreads) as wrong:
        thread_count()
    assert str(wrong.value) == f"ENGINE_THREADS is '{value}'. Set it to a whole number from 1, or leave it out."
