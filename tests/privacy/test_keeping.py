"""Films, copies and numbers are kept as long as the organisation wants: what goes, and what stays."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage

from accounts import wall
from accounts.models import AuditEntry
from analyses import actions as measuring
from analyses.models import Analysis, Beside, Measurement, Move, Repeat, Result
from clips import storage
from clips.models import Clip
from privacy import actions, jobs
from privacy.actions.retention import months_before
from privacy.models import Removal, Retention
from reports.models import Report, ShareLink
from tests.analyses.finished import finish
from tests.privacy.keeping import NOW, age, keep, remove

pytestmark = pytest.mark.usefixtures("now")


def files() -> set[str]:
    return set(storage.every_key())


def page(client, analysis) -> str:
    return client.get(f"/analyses/{analysis.code}/").content.decode()


def with_landings(film) -> str:
    """Give a result a picture of its landings; return its key."""
    key = f"results/{film.code}/landings.webp"
    storage.put(key, io.BytesIO(b"landings"))
    Result.objects.filter(analysis=film).update(landings_key=key, landings_of=[1, 2])
    return key


# ── what goes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_sets_no_times_keeps_everything_for_ever(film, organization):
    before = files()
    assert remove(organization) == 0
    assert files() == before
    assert list(actions.due_organizations(NOW)) == []


def test_the_film_as_it_came_goes_and_the_rest_stays(film, organization, as_alice):
    keep(organization, originals_months=12)
    before = files()
    assert remove(organization) == 1
    assert before - files() == {film.clip.original_key}
    assert (
        "The film as it came was removed on 22 Nov 2026, as your organisation keeps it for 12 months; "
        "the copy to look at and the numbers stay." in page(as_alice, film)
    )
    assert "Original film" not in page(as_alice, film)
    assert Measurement.objects.filter(analysis=film).exists()


def test_the_copies_go_and_the_film_as_it_came_stays(film, organization, as_alice):
    Beside.objects.create(organization=organization, now=film, before=film, film_key="results/x/beside.mp4")
    storage.put("results/x/beside.mp4", io.BytesIO(b"two films"))
    young = Clip.objects.create(organization=organization, original_name="x", folder="films/y", review_key="films/y/r")
    keep(organization, copies_months=1)
    landings = with_landings(film)
    gone = {landings, film.clip.review_key, film.clip.thumbnail_key, film.result.film_key, film.result.thumbnail_key}
    before = files()
    assert remove(organization) == 1
    assert before - files() == {*gone, "results/x/beside.mp4"}
    assert not Beside.objects.exists()
    assert remove(organization) == 0
    young.refresh_from_db()
    assert young.review_key
    shown = page(as_alice, film)
    assert (
        "The copies to look at were removed on 22 Nov 2026, as your organisation keeps them for 1 month; "
        "the film as it came and the numbers stay." in shown
    )
    assert "The film is being prepared" not in shown
    assert "<video src" not in shown


def test_the_copy_to_look_at_goes_also_where_nothing_was_drawn(film, organization):
    Result.objects.update(film_key="", thumbnail_key="")
    keep(organization, copies_months=1)
    assert remove(organization) == 1
    assert film.clip.review_key not in files()


def test_pictures_of_the_landings_alone_are_copies_too(film, organization):
    landings = with_landings(film)
    Result.objects.update(film_key="", thumbnail_key="")
    Clip.objects.update(review_key="", thumbnail_key="")
    keep(organization, copies_months=1)
    assert remove(organization) == 1
    assert landings not in files()
    result = Result.objects.get()
    assert (result.landings_key, result.landings_of) == ("", [])


def test_all_of_the_film_goes_and_its_page_says_so(film, organization, as_alice):
    keep(organization, originals_months=12, copies_months=12)
    remove(organization)
    assert (
        "The film was removed on 22 Nov 2026, as your organisation keeps films for 12 months; the numbers stay."
        in page(as_alice, film)
    )
    assert files() == {film.result.raw_key}


def test_a_film_that_went_says_so_where_two_are_compared(film, organization, order, as_alice):
    again = finish(order(clip=film.clip, subject=film.subject), day=60)
    keep(organization, originals_months=12, copies_months=12)
    Result.objects.update(received_at=film.result.received_at)
    remove(organization)
    shown = as_alice.get(f"/analyses/{again.code}/compare/{film.code}/").content.decode()
    assert shown.count("The film was removed on 22 Nov 2026, as your organisation keeps films for 12 months") == 2
    assert "The film is being prepared" not in shown


def test_the_numbers_go_and_that_it_was_measured_stays(film, organization, runner, alice, as_alice, client):
    report = Report.objects.create(
        organization=organization, subject=runner, analysis=film, key="reports/1/report.pdf", size_bytes=1, page_count=1
    )
    storage.put(report.key, io.BytesIO(b"%PDF"))
    about = {"organization": organization, "subject": runner, "analysis": film, "language": "en"}
    link = ShareLink(**about, contents=["score"], expires_at=NOW + timedelta(days=30))
    link.make_token()
    link.save()
    same_minute = {"on": NOW.date(), "view": "side_view", "treadmill": True, "service": "engine", "is_fast": True}
    Repeat.objects.create(organization=organization, first=film, second=film, **same_minute)
    keep(organization, originals_months=12, copies_months=12, numbers_months=12)
    remove(organization)
    assert files() == set()
    for model in (Measurement, Result, Report, Repeat):
        assert not model.objects.exists()
    shown = page(as_alice, film)
    assert "The numbers were removed on 22 Nov 2026, as your organisation keeps them for 12 months." in shown
    assert as_alice.get(f"/analyses/{film.code}/raw/results/").status_code == 404
    link.refresh_from_db()
    assert not link.is_open
    film.refresh_from_db()
    assert (film.status, film.remote_id != "", film.total_score, film.height_m) == ("removed", True, None, 0)
    assert Move.objects.filter(analysis=film, new="removed", note="kept for 12 months").count() == 1
    for address in ("/", "/?show=reviewed", f"/runners/{runner.code}/", "/runners/"):
        assert as_alice.get(address).status_code == 200


def test_with_the_numbers_go_the_pictures_of_the_landings_though_copies_stay(film, organization, order):
    finish(order(clip=film.clip, subject=film.subject))
    landings = with_landings(film)
    keep(organization, originals_months=12, copies_months=12, numbers_months=12)
    with wall.only(organization.pk):
        Result.objects.exclude(analysis=film).update(received_at=NOW)
        Analysis.objects.exclude(pk=film.pk).update(finished_at=NOW)
    remove(organization)
    assert landings not in files()
    assert film.clip.review_key in files()


def test_a_film_nobody_measured_goes_whole(clip, organization):
    Clip.objects.filter(pk=clip.pk).update(created_at=months_before(NOW, 13), copy_status="failed")
    keep(organization, originals_months=12)
    assert remove(organization) == 1
    assert not Clip.objects.exists()
    assert files() == set()


def test_what_is_younger_stays(film, organization):
    keep(organization, originals_months=36, copies_months=36, numbers_months=36)
    assert remove(organization) == 0
    age(film, months=36)
    assert remove(organization) == 0, "to the day"
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert remove(organization) == 3


def test_a_film_measured_again_lately_keeps_what_was_drawn(film, organization):
    Result.objects.filter(analysis=film).update(received_at=NOW - timedelta(days=3))
    keep(organization, copies_months=1)
    assert remove(organization) == 0


@pytest.mark.parametrize("status", Analysis.Status.unfinished())
def test_a_film_that_is_still_to_be_measured_is_never_removed(film, organization, status):
    keep(organization, originals_months=1, copies_months=1, numbers_months=1)
    Analysis.objects.filter(pk=film.pk).update(status=status)
    before = files()
    assert remove(organization) == 0
    assert files() == before
    assert not actions.what_goes(Retention.objects.get(), now=NOW)


def test_a_film_whose_copy_is_being_made_waits(film, organization):
    Clip.objects.filter(pk=film.clip_id).update(copy_status="pending")
    keep(organization, originals_months=1, copies_months=1)
    assert remove(organization) == 0


def test_a_film_that_went_is_not_ordered(film, organization, order):
    keep(organization, originals_months=1)
    remove(organization)
    with pytest.raises(measuring.OrderRefused, match=r"^This film is no longer here\. Choose another one\.$"):
        order(clip=film.clip)


def test_a_failed_analysis_offers_no_film_that_went(film, organization, as_alice):
    Analysis.objects.filter(pk=film.pk).update(status="failed", reason="It failed.")
    keep(organization, originals_months=1, copies_months=1)
    remove(organization)
    shown = page(as_alice, film)
    assert "The film is kept." not in shown
    assert "Order it again" not in shown
    assert "The film was removed on 22 Nov 2026" in shown


def test_what_is_taken_out_for_the_runner_leaves_out_what_went(film, organization, as_alice):
    def films() -> list[str]:
        answer = as_alice.post(f"/privacy/runners/{film.subject.code}/export/")
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
            return [name for name in archive.namelist() if name.startswith("films/")]

    assert len(films()) == 1
    keep(organization, originals_months=1)
    remove(organization)
    assert films() == []


def test_another_organisation_s_films_stay(film, charlie):
    theirs = charlie.memberships.get().organization
    keep(theirs, originals_months=1, copies_months=1, numbers_months=1)
    before = files()
    assert list(actions.due_organizations(NOW)) == []
    assert actions.remove_what_is_old(organization=theirs, now=NOW) == 0
    assert files() == before


def test_the_record_tells_what_went(film, organization):
    keep(organization, originals_months=12, copies_months=12, numbers_months=12)
    remove(organization)
    entry = AuditEntry.objects.get(action=AuditEntry.Action.REMOVED)
    assert (entry.about, entry.by) == ("1 originals · 1 copies · 1 numbers", None)


# ── interrupted ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_that_the_store_does_not_delete_today_go_later(film, organization, monkeypatch):
    keep(organization, originals_months=1)
    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", lambda key: (_ for _ in ()).throw(OSError("the store is away")))
        jobs.remove_old(organization_id=organization.pk)
    assert film.clip.original_key in files(), "the row went, the file waits"
    assert list(actions.due_organizations(NOW)) == [organization]
    jobs.remove_old(organization_id=organization.pk)
    assert film.clip.original_key not in files()
    assert not Removal.objects.exists()
    assert list(actions.due_organizations(NOW)) == []


def test_a_worker_killed_within_a_batch_has_removed_nothing(film, organization, monkeypatch):
    keep(organization, originals_months=1, copies_months=1, numbers_months=1)
    before = files()

    def killed(**_):
        raise SystemExit

    monkeypatch.setattr("privacy.actions.retention.record", killed)
    with pytest.raises(SystemExit):
        remove(organization)
    film.refresh_from_db()
    assert (film.status, film.clip.original_removed_at, Removal.objects.count()) == ("succeeded", None, 0)
    assert files() == before


def test_many_films_go_in_small_batches(film, organization, monkeypatch):
    monkeypatch.setattr("privacy.actions.retention.AT_ONCE", 2)
    for number in range(4):
        made = Clip.objects.create(organization=organization, original_name="x", folder=f"films/{number}")
        facts = dict.fromkeys(("size_bytes", "duration_s", "fps", "frame_count", "width_px", "height_px"), 2)
        then = months_before(NOW, 20 + number)
        Clip.objects.filter(pk=made.pk).update(status="probed", copy_status="failed", created_at=then, **facts)
    keep(organization, originals_months=1)
    assert [remove(organization) for _ in range(4)] == [2, 2, 1, 0]
