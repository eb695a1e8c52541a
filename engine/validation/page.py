"""docs/validation.md: what was compared with what (preface.md), how it came out, and why (reasons.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.measure.angles import JOINT_ANGLES
from engine.measure.side import MOMENTS
from engine.validation import clips, mocap, sweeps
from engine.validation.readings import Reading, StepErrors, summarise
from engine.validation.targets import Target

PREFACE, REASONS = (Path(__file__).with_name(name) for name in ("preface.md", "reasons.md"))


def write(
    targets: Sequence[Target],
    marker: Sequence[mocap.Outcome],
    film: Sequence[clips.Outcome],
    studio: Sequence[sweeps.Outcome],
    *,
    quick: bool,
    missing: Sequence[str],
) -> str:
    """The whole page."""
    extent = "This is the short run." if quick else "This is the full run."
    if missing:
        extent = (
            f"This is the {'short' if quick else 'full'} run but for what is named here. Not run: {', '.join(missing)}."
        )
    preface, reasons = (part.read_text(encoding="utf-8").rstrip("\n") for part in (PREFACE, REASONS))
    parts = [preface.format(extent=extent), _targets(targets), reasons]
    if marker:
        parts += [_marker_measures(marker), _marker_conditions(marker), _marker_trials(marker)]
    if film:
        parts.append(_films(film))
    if studio:
        parts += [_studio_measures(studio), _studio_angles(studio), _studio_cases(studio)]
    return "\n".join(parts).rstrip() + "\n"


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], note: str) -> str:
    lines = [f"\n## {title}\n", note, "", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def _targets(targets: Sequence[Target]) -> str:
    missed = sum(target.met is False for target in targets)
    met = sum(target.met is True for target in targets)
    rows = [(t.source, t.measure, t.wanted, t.found, t.verdict) for t in targets]
    note = f"{met} met, {missed} missed."
    return _table("Targets", ("by", "measure", "wanted", "found", ""), rows, note)


def _row(name: str, readings: Iterable[Reading]) -> tuple[str, ...] | None:
    summary = summarise(readings)
    if summary is None:
        return None
    small = max(abs(summary.bias), summary.sd) < 0.1
    digits = 3 if small else 1
    low, high = summary.limits
    held = "" if summary.coverage is None else f"{100 * summary.coverage:.0f} %"
    limits = f"{low:+.{digits}f} … {high:+.{digits}f}"
    told = "" if summary.told is None else f"±{summary.told:.{digits}f}"
    return (name, f"{summary.bias:+.{digits}f}", f"{summary.sd:.{digits}f}", limits, told, str(summary.n), held)


def _rows(readings: Sequence[Reading], names: Iterable[str]) -> list[tuple[str, ...]]:
    rows = (_row(f"`{name}`", [r for r in readings if r.measure == name]) for name in names)
    return [row for row in rows if row]


def _names(readings: Iterable[Reading]) -> list[str]:
    return sorted({reading.measure for reading in readings if "." not in reading.measure})


ERROR_HEAD = ("measure", "bias", "SD", "95 % limits", "told", "n", "doubt held")


def _marker_measures(outcomes: Sequence[mocap.Outcome]) -> str:
    judged = [o for o in outcomes if o.condition.fps == 60 and o.condition.noise_mm == 8]
    readings = [r for o in judged for r in o.readings]
    rows = _rows(readings, _names(readings))
    for name in ("contact_time_ms", "flight_time_ms"):
        row = _row(f"`{name}`, others' constants", _others(judged, name))
        rows += [row] if row else []
    note = "One number a trial; white and correlated noise together."
    return _table("Marker key points, 60 fps, 8 mm noise", ERROR_HEAD, rows, note)


def _others(outcomes: Sequence[mocap.Outcome], measure: str) -> list[Reading]:
    """Each reading less the mean error of the other runners under the same condition."""
    rows = [(o.trial.runner, r) for o in outcomes for r in o.readings if r.measure == measure]
    out = []
    for runner, reading in rows:
        others = summarise(r for who, r in rows if who != runner and r.group == reading.group)
        if others:
            shifted = reading.measured - others.bias
            out.append(Reading(reading.case, measure, shifted, reading.truth, reading.uncertainty_95, reading.group))
    return out


def _marker_conditions(outcomes: Sequence[mocap.Outcome]) -> str:
    rows = []
    side = [o for o in outcomes if o.view == "side_view"]
    for condition in sorted({str(o.condition) for o in side}, key=lambda text: (int(text.split()[0]), text)):
        same = [o for o in side if str(o.condition) == condition]
        readings = [r for o in same for r in o.readings]
        contact = summarise(r for r in readings if r.measure == "contact_time_ms")
        knee = summarise(r for r in readings if r.measure == "knee_at_strike_deg")
        rows.append(
            (
                condition,
                *_event_cells([o.steps for o in same]),
                f"{contact.bias:+.1f} / {contact.sd:.1f}" if contact else "–",
                f"{100 * contact.within(15):.0f} %" if contact else "–",
                f"{knee.bias:+.1f} / {knee.sd:.1f}" if knee else "–",
            )
        )
    head = ("frame rate, noise", "strike", "toe-off", "missed, invented", "contact", "within 15 ms", "knee at strike")
    return _table(
        "Marker key points by frame rate and noise", head, rows, "Bias / SD: events in ms a step, contact in ms."
    )


def _event_cells(steps: Sequence[StepErrors]) -> tuple[str, str, str]:
    every = StepErrors.of_all(steps)
    cells = []
    for errors in (every.strike_ms, every.toe_off_ms):
        if len(errors) < 2:
            cells.append("–")
            continue
        mean = sum(errors) / len(errors)
        spread = (sum((error - mean) ** 2 for error in errors) / (len(errors) - 1)) ** 0.5
        cells.append(f"{mean:+.1f} / {spread:.1f}")
    return cells[0], cells[1], f"{every.missed}, {every.invented} of {every.true}"


def _marker_trials(outcomes: Sequence[mocap.Outcome]) -> str:
    rows = []
    judged = [o for o in outcomes if o.condition.fps == 60 and o.condition.noise_mm == 8 and o.view == "side_view"]
    for name in sorted({o.trial.name for o in judged}):
        same = [o for o in judged if o.trial.name == name]
        truth = same[0].trial.truth
        label = truth["foot_strike_type_published"] or {}
        errors = [
            summarise(r for o in same for r in o.readings if r.measure == measure)
            for measure in ("cadence_spm", "contact_time_ms", "knee_at_strike_deg", "foot_strike_angle_deg")
        ]
        cells = [f"{error.bias:+.1f}" if error else "–" for error in errors]
        landing = " / ".join(str(label.get(side, "?")) for side in ("left", "right"))
        rows.append((name, f"{truth['speed_m_s']:g}", landing, *_event_cells([o.steps for o in same]), *cells))
    head = ("trial", "m/s", "landing", "strike", "toe-off", "missed, inv.", "cadence", "contact", "knee", "foot angle")
    return _table("Marker key points by trial (speed, landing)", head, rows, "60 fps, 8 mm; mean errors.")


def _films(outcomes: Sequence[clips.Outcome]) -> str:
    rows = []
    for outcome in outcomes:
        numbers = "; ".join(f"{r.measure} {r.measured:.1f} for {r.truth:.1f}" for r in outcome.readings)
        said = f"refused: {outcome.refused}" if outcome.refused else f"{outcome.steps_measured} steps"
        cells = _event_cells([outcome.steps])
        rows.append((outcome.clip.name, said, *cells, numbers, ", ".join(outcome.warnings)))
    head = ("film", "outcome", "strike", "toe-off", "missed, invented", "numbers", "warnings")
    return _table(
        "Real film", head, rows, "Hand marks are good to about ±1 frame (33 ms); cadence over ground by hand to ±5."
    )


def _studio_measures(outcomes: Sequence[sweeps.Outcome]) -> str:
    readings = [r for o in outcomes if o.case.good for r in o.readings]
    rows = _rows(readings, _names(readings))
    return _table("Studio film, taken as a coach is told to", ERROR_HEAD, rows, "One number a film.")


TOLD = (*MOMENTS, "min", "max", "mean", "range")


def _studio_angles(outcomes: Sequence[sweeps.Outcome]) -> str:
    readings = [r for o in outcomes if o.case.good and o.case.scene.view == "side_view" for r in o.readings]
    rows = []
    for joint in JOINT_ANGLES:
        summaries = [
            summarise(r for r in readings if r.measure.rpartition(".")[0] == f"{joint}.{moment}") for moment in TOLD
        ]
        cells = [f"{s.bias:+.1f} / {s.sd:.1f} ({100 * (s.coverage or 0):.0f} %)" if s else "–" for s in summaries]
        rows.append((joint, *cells))
    note = "The films above, each side for itself: bias / SD in degrees, and how often the stated doubt held."
    return _table("Studio film, the joints through the stride", ("joint", *TOLD), rows, note)


SWEPT = ("cadence_spm", "contact_time_ms", "knee_at_strike_deg", "knee_stance_peak_deg", "knee_swing_peak_deg")
SWEPT_BACK = ("pelvic_drop_deg", "hip_adduction_deg", "pronation_deg")


def _studio_cases(outcomes: Sequence[sweeps.Outcome]) -> str:
    rows = []
    for outcome in outcomes:
        errors = {r.measure: r.error for r in outcome.readings}
        shown = SWEPT if outcome.case.scene.view == "side_view" else SWEPT_BACK
        cells = ", ".join(f"{_short(name)} {errors[name]:+.1f}" for name in shown if name in errors)
        said = f"refused: {outcome.refused}" if outcome.refused else f"{outcome.steps.true} steps"
        right = "" if outcome.right else " **WRONG**"
        rows.append(
            (outcome.case.name, said + right, *_event_cells([outcome.steps]), cells, ", ".join(outcome.warnings))
        )
    head = ("film", "outcome", "strike", "toe-off", "missed, inv.", "errors", "warnings")
    note = "Errors: measured minus true, events as bias / SD in ms. A gate that should close and does not is WRONG."
    return _table("Studio sweeps, one knob at a time", head, rows, note)


def _short(name: str) -> str:
    return name.removesuffix("_spm").removesuffix("_ms").removesuffix("_deg").replace("_", " ")
