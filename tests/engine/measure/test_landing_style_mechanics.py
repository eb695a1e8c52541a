"""Landing classes, running styles and the models of force and power, against worked examples."""

import pytest

from engine.measure.bands import usual_cadence_spm, usual_duty_factor
from engine.measure.landing import classify, usual
from engine.measure.mechanics import Inputs, estimate, leg_stiffness_kn_m, peak_force_n, power_w, stride_angle_deg
from engine.measure.numbers import Measure
from engine.measure.style import DUTY_WIDTH, find_style


@pytest.mark.parametrize(("angle", "kind"), [(15, "rearfoot"), (3, "midfoot"), (-8, "forefoot")])
def test_landing_follows_the_foot_angle(angle, kind):
    landing = classify(angle, 2.5)
    assert landing.kind == kind
    assert landing.sure
    assert sum(landing.probability.values()) == pytest.approx(1)


def test_a_landing_on_the_limit_is_not_sure():
    landing = classify(8.0, 2.5)
    assert landing.probability["rearfoot"] == pytest.approx(0.5)
    assert not landing.sure


def test_the_usual_landing_is_the_steps_summed():
    assert usual([classify(12, 2.5), classify(9, 2.5), classify(2, 2.5)]) == "rearfoot"
    assert usual([]) is None


@pytest.mark.parametrize(
    ("faster", "duty", "name"), [(0, -0.04, "bounce"), (0, 0.04, "stick"), (0.08, 0, "hop"), (-0.08, 0.01, "push")]
)
def test_styles_by_rate_and_duty(faster, duty, name):
    cadence = usual_cadence_spm(3, 1.75) * (1 + faster)
    style = find_style(cadence, usual_duty_factor(3, 1.75) + duty, 3, 1.75, 15)
    assert style.name == name
    assert sum(style.shares.values()) == pytest.approx(1)


@pytest.mark.parametrize(("knee_deg", "name"), [(25, "sit"), (5, "bounce")])
def test_between_two_styles_bent_knees_sit_and_straight_ones_do_not(knee_deg, name):
    half_way = usual_duty_factor(3, 1.75) - 0.75 * DUTY_WIDTH
    assert find_style(usual_cadence_spm(3, 1.75), half_way, 3, 1.75, knee_deg).name == name


def test_peak_force_of_a_half_sine():
    inputs = Inputs(0.25, 0.10, 3.33, 1.75, 70, treadmill=True)
    assert peak_force_n(inputs) == pytest.approx(70 * 9.81 * 1.5708 * 1.4, rel=1e-3)
    assert leg_stiffness_kn_m(inputs) == pytest.approx(9.3, abs=0.6)


def test_power_of_a_seventy_kilo_runner_at_twelve_km_h():
    assert power_w(Inputs(0.25, 0.1, 12 / 3.6, 1.75, 70, treadmill=False)) == pytest.approx(234, abs=1)
    assert power_w(Inputs(0.25, 0.1, 12 / 3.6, 1.75, 70, treadmill=True)) == pytest.approx(228.7, abs=0.1)


def test_stride_angle_is_that_of_a_body_thrown_as_long_as_the_flight():
    # In the air for 0.1 s it left the ground at 9.81 · 0.1 / 2 = 0.49 m/s upwards and 3.33 m/s ahead.
    assert stride_angle_deg(Inputs(0.25, 0.1, 12 / 3.6, 1.75, 70, treadmill=True)) == pytest.approx(8.37, abs=0.01)


def test_doubt_in_contact_becomes_doubt_in_stiffness():
    def stiffness(doubt_ms):
        measures = {
            "contact_time_ms": Measure(250, "ms", doubt_ms, 5, 10),
            "flight_time_ms": Measure(100, "ms", doubt_ms, 5, 10),
            "speed_m_s": Measure(3.33, "m/s", 0.1, 0, 10),
        }
        return estimate(measures, 1.75, 70, treadmill=True)["leg_stiffness_kn_m"]

    assert stiffness(20).uncertainty_95 > 0.15 * stiffness(20).value
    assert stiffness(20).uncertainty_95 > stiffness(5).uncertainty_95


def test_without_flight_nothing_is_modelled():
    measures = {"contact_time_ms": Measure(250, "ms", 10, 5, 10), "speed_m_s": Measure(3, "m/s", 0.1, 0, 10)}
    assert estimate(measures, 1.75, 70, treadmill=True) == {}
