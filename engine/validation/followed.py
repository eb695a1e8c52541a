"""Films and the runner's track through each: the dear part of a validation, kept in a folder between runs if wanted.

What is kept is named after everything it follows from (the scene or the film, the studio's, the reader's and the pose
model's code and weights), so that a change of any of them follows the films anew, and a change of the measuring does
not.
"""

from __future__ import annotations

import hashlib
import pickle
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine import video, weights
from engine.answer import answer
from engine.measure import measure
from engine.measure.track import Track
from engine.order import Order
from engine.pipeline import thread_count
from engine.studio.figure import Performance
from engine.studio.film import make_film
from engine.studio.scene import Scene
from engine.studio.truth import Truth, truth_of
from engine.tracking import follow

ENGINE = Path(__file__).resolve().parents[1]
# The studio but for its truth, which is worked out anew each time: it changes no picture.
DRAWN = tuple(f"studio/{name}.py" for name in ("camera", "drawing", "figure", "film", "leg", "room", "scene", "stride"))
BEHIND_A_TRACK = (*DRAWN, "video.py", "pose.py", "trimmed.py", "tracking.py", "camera.py", "repeats.py", "weights.py")
Change = Callable[[Path, Path], None]  # makes the second film from the first


@dataclass(frozen=True)
class Followed:
    """Follows runners through films; with a `folder`, what was followed once is read from there."""

    folder: Path | None = None

    def studio(self, scene: Scene, change: Change | None = None) -> tuple[Truth, Track]:
        """Film a scene, change the film if asked, and follow its runner."""

        def made() -> Track:
            with tempfile.TemporaryDirectory() as folder:
                path, changed = Path(folder) / "film.mp4", Path(folder) / "changed.mp4"
                make_film(path, scene)
                if change:
                    change(path, changed)
                return _follow(changed if change else path)

        track: Track = self._kept(_name_of(scene, change), made)
        return truth_of(Performance(scene)), track

    def film(self, path: Path) -> Track:
        """Follow the runner of a film that is there."""
        with path.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()
        found: Track = self._kept(name, lambda: _follow(path))
        return found

    def holds(self, scene: Scene, change: Change | None = None) -> bool:
        """Whether the runner of a scene was followed already."""
        path = self._path(_name_of(scene, change))
        return path is not None and path.exists()

    def _path(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        return self.folder / f"{hashlib.sha256(f'{name} {self._code}'.encode()).hexdigest()[:24]}.pickle"

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        path = self._path(name)
        if path is None:
            return make()
        if path.exists():
            # Written by this program, in a folder that the caller chose.
            return pickle.loads(path.read_bytes())  # noqa: S301  # nosec B301
        made = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(made))
        return made

    @cached_property
    def _code(self) -> str:
        parts = [path.read_bytes() for pattern in BEHIND_A_TRACK for path in sorted(ENGINE.glob(pattern))]
        return hashlib.sha256(b"".join(parts) + "".join(weights.SHA256.values()).encode()).hexdigest()


def _name_of(scene: Scene, change: Change | None) -> str:
    return f"{scene!r} {change.__name__ if change else ''}"


def house_of(track: Track, order: Order) -> dict[str, Any]:
    """What the answer about a track holds under `house`. Raises Refused."""
    _, calculated, _ = answer(measure(track, order), track, order)
    house: dict[str, Any] = calculated["house"]
    return house


def _follow(path: Path) -> Track:
    threads = thread_count()
    return follow(video.pictures(path, threads), threads)
