"""An organisation's own logo and colour: what is taken, and where it shows."""

from __future__ import annotations

import io
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from accounts.models import AuditEntry, Organization
from clips import storage
from coachportal.backup import archive
from reports import actions, colour, pdf
from reports.logo import KEPT_PX, NotALogo, read_logo
from reports.models import Look, Report
from tests.pages.test_look import colours
from tests.reading import shown
from tests.reports.test_reports import text_of

LOGO, ACCENT, PAGE = "/settings/look/logo/", "/settings/look/colour/", "/settings/look/"
RED = (200, 16, 46, 255)


def drawn(size=(400, 200), kind="PNG", ink=RED, ground=(255, 255, 255, 0), **how) -> bytes:
    """A disc on an empty ground."""
    picture = Image.new("RGBA", size, ground)
    ImageDraw.Draw(picture).ellipse([size[0] // 4, 10, size[0] * 3 // 4, size[1] - 10], fill=ink)
    out = io.BytesIO()
    picture.convert(how.pop("mode", "RGBA")).save(out, kind, **how)
    return out.getvalue()


def upload(client, content: bytes, name="logo.png"):
    return client.post(LOGO, {"logo": SimpleUploadedFile(name, content)})


# ── the picture ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        drawn(),
        drawn(kind="WEBP"),
        drawn(kind="JPEG", mode="RGB", ground=(255, 255, 255, 255)),
        drawn(kind="JPEG", mode="CMYK", ground=(255, 255, 255, 255)),
        drawn(mode="P"),
        drawn(mode="LA"),
        drawn(mode="I;16", ink=(0, 0, 0, 255), ground=(255, 255, 255, 255)),
    ],
    ids=["png", "webp", "jpeg", "print", "palette", "grey", "16 bits"],
)
def test_the_usual_kinds_of_pictures_become_a_clean_png(content):
    logo = read_logo(content)
    with Image.open(io.BytesIO(logo.content)) as picture:
        assert (picture.format, picture.mode, picture.info) == ("PNG", "RGBA", {})
        assert picture.size == (logo.width_px, logo.height_px)


def test_what_a_camera_hid_in_the_file_does_not_stay():
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    assert b"a secret place" in (content := drawn(exif=exif))
    assert b"a secret place" not in read_logo(content).content


def test_the_empty_edge_goes_and_a_large_one_becomes_small():
    logo = read_logo(drawn(size=(3000, 1500)))
    assert logo.height_px == KEPT_PX[1]
    assert logo.width_px <= KEPT_PX[0]
    small = read_logo(drawn(size=(400, 200)))
    assert (small.width_px, small.height_px) == (201, 181)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (2 * 1024 * 1024 + 1), "This file is larger than 2 MB. Save the logo 800 pixels wide and upload that."),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
            "This is not a PNG, JPEG or WebP picture. Save the logo as PNG and upload that.",
        ),
        (
            drawn(kind="GIF", mode="P"),
            "This is not a PNG, JPEG or WebP picture. Save the logo as PNG and upload that.",
        ),
        (drawn()[:-400], "This picture is damaged. Save it once more and upload that."),
        (
            drawn(size=(3001, 20)),
            "This picture has too many pixels. Save the logo 800 pixels wide and upload that.",
        ),
        (
            drawn(size=(60, 30)),
            "This picture is only 60 × 30 pixels large. Upload one at least 120 pixels wide.",
        ),
        (
            drawn(ink=(250, 250, 250, 255)),
            "This logo cannot be seen on white paper. Upload its version for light backgrounds.",
        ),
        (drawn(ink=(0, 0, 0, 0)), "This logo cannot be seen on white paper. Upload its version for light backgrounds."),
    ],
    ids=["heavy", "svg", "gif", "damaged", "large", "small", "white", "empty"],
)
def test_what_cannot_be_a_logo_is_refused_with_the_cure(as_alice, organization, content, sentence):
    answer = upload(as_alice, content)
    assert answer.status_code == 422
    assert sentence in shown(answer)
    assert not Look.objects.exists()
    assert list(storage.every_key("logos/")) == []


def test_a_bomb_is_refused_before_it_is_unpacked():
    content = bytearray(drawn())
    content[16:24] = (60_000).to_bytes(4, "big") * 2  # the size in a PNG's head
    with pytest.raises(NotALogo):
        read_logo(bytes(content))


# ── keeping it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_logo_takes_the_place_of_the_old_file(as_alice, organization):
    upload(as_alice, drawn())
    first = Look.of(organization).logo_key
    upload(as_alice, drawn(ink=(0, 0, 200, 255)))
    second = Look.of(organization).logo_key
    assert first != second
    assert list(storage.every_key("logos/")) == [second]
    as_alice.post(LOGO, {"remove": "1"})
    assert list(storage.every_key("logos/")) == []
    about = AuditEntry.objects.filter(action="settings_changed").order_by("number").values_list("about", flat=True)
    assert list(about) == ["logo", "logo", "no logo"]


def test_the_page_shows_it_by_a_link_that_expires(as_alice, as_carol, organization, monkeypatch):
    upload(as_alice, drawn())
    address = re.search(r'<img class="logo" src="([^"]+)"', shown(as_alice.get(PAGE))).group(1)
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    monkeypatch.setattr("clips.storage.time.time", lambda: 4_000_000_000)
    assert Client().get(address).status_code == 404
    for url in (PAGE, "/settings/look/samples.css"):
        assert as_carol.get(url).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_backup_has_it(organization, alice, tmp_path):
    actions.set_logo(organization=organization, logo=read_logo(drawn()), by=alice)
    archive.make(tmp_path / "backup")
    kept = [told["key"] for told in archive.read_manifest(tmp_path / "backup")["files"]]
    assert kept == [Look.of(organization).logo_key]


# ── the colour ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_grounds_are_those_of_the_pages():
    for dark, grounds in ((False, colour.LIGHT), (True, colour.DARK)):
        known = colours(dark)
        assert (known["page"], known["surface"]) == grounds
    assert colours(dark=False)["accent"] == colour.OURS
    assert settings.BASE.joinpath("static/css/look.css").read_text().count(colour.OURS) == 1


@pytest.mark.parametrize("chosen", ["#0d5c63", "#c8102e", "#1d4ed8", "#000000", "#6b21a8"])
def test_every_colour_that_is_taken_can_be_read_by_day_and_by_night(chosen):
    assert colour.is_readable(chosen)
    assert colour.worst_contrast(colour.by_night(chosen).accent, colour.DARK) >= 4.5
    assert colour.worst_contrast(colour.by_day(chosen).strong) >= 4.5


@pytest.mark.parametrize("chosen", ["#ffcc00", "#ffffff", "#7fb069", "#808080"])
def test_the_nearest_shade_that_is_offered_would_be_taken(chosen):
    assert not colour.is_readable(chosen)
    assert colour.is_readable(colour.nearest_readable(chosen))


def test_a_pale_colour_is_refused_with_the_nearest_that_can_be_read(as_alice, organization):
    answer = as_alice.post(ACCENT, {"accent": "#FFCC00"})
    assert answer.status_code == 422
    nearest = colour.nearest_readable("#ffcc00")
    assert (
        "Text in #ffcc00 is hard to read on paper: its contrast is 1.3, and 4.5 is needed. "
        f"The nearest shade that can be read is {nearest}."
    ) in shown(answer)
    assert "Write a colour as six digits, such as #0d5c63." in shown(as_alice.post(ACCENT, {"accent": "red}"}))
    assert Look.of(organization).accent == ""
    as_alice.post(ACCENT, {"accent": nearest})
    assert Look.of(organization).accent == nearest
    as_alice.post(ACCENT, {"remove": "1"})
    assert Look.of(organization).accent == ""
    about = AuditEntry.objects.filter(action="settings_changed").order_by("number").values_list("about", flat=True)
    assert list(about) == [f"colour {nearest}", "colour of the portal"]


# ── where it shows ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def dressed(organization, alice):
    actions.set_logo(organization=organization, logo=read_logo(drawn()), by=alice)
    actions.set_accent(organization=organization, accent="#c8102e", by=alice)


@pytest.fixture
def link(done, alice):
    return actions.share(analysis=done, before=None, contents=["score"], language="en", by=alice)


def test_a_shared_page_wears_it(link, dressed):
    public, own = Client(), f"/s/{link.token}/"
    text = shown(public.get(own))
    assert f'<link rel="stylesheet" href="{own}look.css">' in text
    assert f'<img class="logo" src="{own}logo/" alt="" width="201" height="181">' in text
    picture = public.get(f"{own}logo/", follow=True)
    assert picture["Content-Type"] == "image/png"
    assert b"".join(picture.streaming_content).startswith(b"\x89PNG")
    sheet = public.get(f"{own}look.css")
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert "--accent: #c8102e;" in sheet.content.decode()


def test_an_ended_link_and_one_without_a_look_give_nothing_of_it(link, dressed, alice, organization):
    public, own = Client(), f"/s/{link.token}/"
    actions.set_logo(organization=organization, logo=None, by=alice)
    assert public.get(f"{own}logo/").status_code == 404
    actions.revoke(link=link, by=alice)
    assert public.get(f"{own}look.css").status_code == 404


def test_a_page_of_an_organisation_that_chose_nothing_asks_for_nothing(link):
    text = shown(Client().get(f"/s/{link.token}/"))
    assert "look.css" not in text
    assert 'class="logo"' not in text


@pytest.mark.parametrize("kind", Report.Kind.values)
def test_a_report_wears_it(done, dressed, kind):
    made = {"analyses": [done], "kind": Report.Kind(kind), "paper": Report.Paper.A4, "language": "en"}
    words = pdf.Words(title="Running analysis", findings="Upright.")
    content = pdf.make(**made, words=words, compressed=False).file.read()
    with_logo = content.count(b"/Subtype /Image")
    assert b".784314 .062745 .180392 rg" in content  # #c8102e
    Look.objects.all().delete()
    without = pdf.make(**made, words=words, compressed=False).file.read()
    # The picture and its transparency.
    assert with_logo == without.count(b"/Subtype /Image") + 2
    assert b".784314 .062745 .180392 rg" not in without


def test_a_stranger_s_logo_is_not_ours(as_charlie, organization, dressed):
    assert 'class="logo"' not in shown(as_charlie.get(PAGE))
    as_charlie.post(LOGO, {"remove": "1"})
    assert Look.of(organization).logo_key
    assert Organization.objects.count() == 2


def test_a_report_and_a_shared_page_speak_the_organisation_s_units(done, link, organization):
    Organization.objects.filter(pk=organization.pk).update(units="imperial")
    done.organization.refresh_from_db()
    assert "treadmill 9:39 /mi" in shown(Client().get(f"/s/{link.token}/"))
    words = pdf.Words(title="Running analysis", findings="Upright.")
    made = pdf.make(
        analyses=[done], kind=Report.Kind.CLINIC, paper=Report.Paper.A4, language="en", words=words, compressed=False
    )
    text = text_of(made.file.read())
    assert "9:39 /mi" in text
    assert "5 ft 9 in, 150 lb." in text


def test_links_and_reports_begin_in_the_organisation_s_language(as_alice, done, organization):
    Organization.objects.filter(pk=organization.pk).update(language="fr")
    for page in (f"/reports/share/{done.code}/", f"/reports/new/{done.code}/"):
        assert '<option value="fr" selected>' in shown(as_alice.get(page))
