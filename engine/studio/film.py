"""The film file, and its truth beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from engine.studio.camera import Look
from engine.studio.drawing import FIRST, OVERSAMPLING, SECOND, Figure, Picture, Shape, paint
from engine.studio.figure import Body, Performance
from engine.studio.room import Room
from engine.studio.scene import Scene
from engine.studio.truth import Truth, truth_of

QUALITY = "23"  # x264's constant rate factor
BLUR_EXPOSURES = 4  # pictures averaged while the shutter is open


def make_film(path: Path, scene: Scene) -> Truth:
    """Draw the scene into an H.264 MP4 at `path`, write its truth to `path` with the ending .truth.json, and return it.

    The same scene gives the same pictures every time. Raises BadScene when the scene asks for the impossible.
    """
    performance = Performance(scene)
    truth = truth_of(performance)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=Fraction(scene.fps).limit_denominator(1001))
        stream.width, stream.height, stream.pix_fmt = scene.width_px, scene.height_px, "yuv420p"
        stream.options = {"crf": QUALITY, "preset": "superfast", "g": str(max(1, round(scene.fps / 2)))}
        for picture in pictures(performance):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    path.with_suffix(".truth.json").write_text(json.dumps(asdict(truth)) + "\n")
    return truth


def pictures(performance: Performance) -> Iterator[Picture]:
    """Every frame of the performance, (height, width, 3) in blue, green, red."""
    scene = performance.scene
    room = Room(scene)
    outfits = (FIRST, SECOND)
    figures = [Figure(runner.scene, outfit) for runner, outfit in zip(performance.runners, outfits, strict=False)]
    exposures = BLUR_EXPOSURES if scene.blur else 1
    open_s = scene.blur / scene.fps / scene.slow_motion
    within = open_s * ((np.arange(exposures) + 0.5) / exposures - 0.5)
    moments = (performance.time_s[:, None] + within).ravel()
    bodies = [runner.body(moments) for runner in performance.runners]
    looks = performance.camera.at(moments)
    total = np.zeros((scene.height_px, scene.width_px, 3), np.uint16)
    for index, moment in enumerate(moments):
        actors = [(figure, body.at(index)) for figure, body in zip(figures, bodies, strict=True)]
        picture = _expose(room, actors, looks.frame(index), float(moment))
        if exposures > 1:
            total += picture
            if (index + 1) % exposures:
                continue
            picture = (total // exposures).astype(np.uint8)
            total[:] = 0
        yield room.develop(picture)


def _expose(room: Room, actors: list[tuple[Figure, Body]], look: Look, time_s: float) -> Picture:
    """The picture of one instant, before light and grain."""
    picture = room.behind(look, time_s)
    # Who is farther away is drawn first.
    actors.sort(key=lambda one: -float(np.linalg.norm(one[1].points["nose"][0] - look.position)))
    for figure, body in actors:
        hip = (body.points["left_hip"][0] + body.points["right_hip"][0]) / 2
        low = min(float(foot.heel_y[0]) for foot in body.feet.values())
        room.shadow(picture, look, float(hip[0]), float(hip[2]), max(0.0, low))
        _draw(picture, figure.shapes(body, 0, look), look)
    return picture


def _draw(picture: Picture, shapes: list[Shape], look: Look) -> None:
    """Draw the shapes into an enlarged copy of the window they fill, and shrink it back: smooth edges, cheaply."""
    points = np.concatenate([look.project(shape.sections[None])[0].reshape(-1, 2) for shape in shapes])
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int) - 3, 0)
    x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 3, [picture.shape[1], picture.shape[0]])
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    window = picture[y0:y1, x0:x1]
    size = ((x1 - x0) * OVERSAMPLING, (y1 - y0) * OVERSAMPLING)
    large = np.asarray(cv2.resize(window, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    # Pixel centres: the middle of a pixel of the picture is the middle of its OVERSAMPLING² small ones.
    paint(large, shapes, look, OVERSAMPLING, (x0 - 0.5 + 0.5 / OVERSAMPLING, y0 - 0.5 + 0.5 / OVERSAMPLING))
    window[:] = cv2.resize(large, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
