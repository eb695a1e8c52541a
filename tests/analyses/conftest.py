"""A film that was probed, and a service that measures in memory."""

from __future__ import annotations

import io

import pytest

from analyses import actions, remote
from analyses.models import Analysis, ProviderAccount
from clips import storage
from clips.models import Clip
from tests.analyses.service import Service

FILM = b"film " * 40_000


@pytest.fixture
def clip(organization):
    clip = Clip.objects.create(
        organization=organization,
        original_name="run.mp4",
        folder=storage.new_folder(),
        status=Clip.Status.PROBED,
        size_bytes=len(FILM),
        container="mp4",
        codec="h264",
        duration_s=6.0,
        fps=60,
        frame_count=360,
        rotation_deg=0,
        width_px=1080,
        height_px=1920,
    )
    storage.put(clip.original_key, io.BytesIO(FILM))
    return clip


@pytest.fixture
def service(monkeypatch):
    service = Service()
    monkeypatch.setattr(remote, "connect", lambda config: service)
    return service


@pytest.fixture
def account(organization):
    return ProviderAccount.objects.create(organization=organization, kind="ochy")


@pytest.fixture
def engine_account(organization):
    return ProviderAccount.objects.create(organization=organization, kind="engine")


@pytest.fixture
def order(clip, runner, engine_account, alice):
    """Order the side view of the film on a treadmill; free unless another account is named."""

    def make(**changes) -> Analysis:
        fields = {
            "clip": clip,
            "subject": runner,
            "account": engine_account,
            "view": "side_view",
            "treadmill": True,
            "pace_s_per_km": 360,
            "by": alice,
        }
        return actions.order_analysis(**{**fields, **changes})

    return make
