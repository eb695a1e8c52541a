"""A list of runners in a real browser: chosen, a column put right, imported, found, undone."""

from __future__ import annotations

import pytest

from subjects.models import Group, Subject
from tests.driving import SIZES, faults, open_pages, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LIST = """Nachname;Vorname;E-Mail;Jahrgang;Größe;Gewicht;Geschlecht;Verein
Müller;Jörg;joerg@example.com;1990;182;75,5;m;LG Nord
Groß;Änne;aenne@example.com;03.05.1985;168;60;w;LG Nord
Lindqvist;Mara;;1996;171;58;w;
Prado;Ines;ines at example;2001;165;55;w;
Lindqvist;Mara;;1996;;;w;LG Süd
"""


@pytest.mark.parametrize("size", SIZES)
def test_a_list_of_runners_becomes_runners(request, as_carol, organization, tmp_path, size):
    Group.objects.create(organization=organization, name="Juniors")
    Subject.objects.create(organization=organization, name="Mara Lindqvist", birth_year=1996, height_m=1.7)
    path = tmp_path / "Läufer 2026.csv"
    path.write_bytes(LIST.encode("cp1252"))

    def act(page):
        seen = {}
        page.goto("/runners/")
        page.click("a[href='/runners/import/']")
        picture(page, f"import-choose-{size}")
        seen["faults"] = faults(page)
        page.set_input_files("input[type=file]", str(path))
        page.click("button:has-text('Look at the list')")
        page.wait_for_selector("#lines")
        seen["fates"] = [" ".join(text.split()) for text in page.locator(".fates a").all_inner_texts()]
        with page.expect_navigation():
            page.select_option(".list-group select", label="Juniors")
        picture(page, f"import-look-{size}")
        seen["faults"] += faults(page)
        seen["button"] = page.inner_text(".list-send button").strip()
        page.click(".list-send button")
        page.wait_for_selector("text=3 runners imported.")
        picture(page, f"import-done-{size}")
        seen["faults"] += faults(page)
        page.goto("/runners/")
        seen["runners"] = page.locator("#runners tbody th").all_inner_texts()
        page.go_back()
        page.click("button:has-text('Undo the import')")
        page.wait_for_selector("text=The import is undone.")
        picture(page, f"import-undone-{size}")
        seen["faults"] += faults(page)
        return seen

    seen = open_pages(request, act, (as_carol, size))
    assert seen["fates"] == ["All 5", "New 2", "Changes 1", "As they are 0", "Twice 1", "Errors 1"]
    assert seen["button"] == "Import 3 runners"
    assert seen["runners"] == ["Jörg Müller", "Mara Lindqvist", "Änne Groß"]
    assert seen["faults"] == []
    mara = Subject.objects.get()
    assert (mara.name, mara.height_m, mara.sex) == ("Mara Lindqvist", 1.7, "")
