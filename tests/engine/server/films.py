"""Small films for tests of the server; nobody runs in them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np


def make_film(path: Path, seconds: float = 1.0, fps: int = 30, size: tuple[int, int] = (64, 128)) -> Path:
    """Write a grey film that gets brighter."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264" if path.suffix != ".webm" else "libvpx", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for index in range(round(seconds * fps)):
            picture = np.full((size[1], size[0], 3), index % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path
