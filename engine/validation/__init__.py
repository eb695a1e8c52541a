"""How right the engine is: every measure against force plates, hand marks and the studio's exact truth.

readings.py   one measured number beside its truth, and what many of them say together
mocap.py      marker trials with force plates, seen by a made camera, with the noise of a pose model
clips.py      real films with hand marks
sweeps.py     studio films: one knob turned at a time
targets.py    what must be met, and whether it is
page.py       docs/validation.md: preface.md, the targets, reasons.md, and the tables
__main__.py   `python -m engine.validation`
"""
