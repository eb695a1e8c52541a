"""Several films on one page in a real browser: matched by name or by hand, ordered, with a reload in between."""

from __future__ import annotations

import pytest

from analyses.models import Analysis, ProviderAccount
from credits import ledger
from subjects.models import Subject
from tests.clips.films import write_film
from tests.driving import HOLD, MOST_SHIFTED, SHIFTED, SIZES, faults, open_pages, picture

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

UPRIGHT = {"seconds": 2, "fps": 60, "size": (480, 640)}
TAPS = 2  # each further runner of a testing day: the film, and whose it is


@pytest.fixture
def runners(organization, engine_account):
    names = ("Mara Lindqvist", "Jörg Müller", "Ines Prado")
    return {name: Subject.objects.create(organization=organization, name=name) for name in names}


@pytest.fixture
def films(tmp_path):
    return [
        str(write_film(tmp_path / name, **UPRIGHT))
        for name in ("mara_lindqvist_back_treadmill.mp4", "Mueller Joerg.mp4", "IMG_0007.mp4")
    ]


@pytest.fixture
def drive(request, as_carol):
    return lambda act, size="desktop": open_pages(request, act, (as_carol, size))


def rows(page, count):
    page.wait_for_function(f"document.querySelectorAll('[data-film-row]').length === {count}")
    return page.locator(".upload-film")


@pytest.mark.parametrize("size", SIZES)
def test_three_films_are_dropped_matched_and_ordered(drive, films, runners, size):
    def act(page):
        seen = {}
        page.goto("/upload/")
        page.set_input_files("[data-upload] [data-input]", films)
        page.wait_for_url("**/upload/several/")
        rows(page, 3)
        page.wait_for_timeout(300)
        picture(page, f"several-came-{size}")
        seen["faults"] = faults(page)
        mara, joerg, image = (page.locator(".upload-film", has_text=name) for name in ("mara_", "Mueller", "IMG_"))
        seen["who"] = [one.locator(".film-who summary strong").inner_text() for one in (mara, joerg, image)]

        page.select_option("[data-for-all] [name=treadmill]", "1")
        page.fill("[data-for-all] [name=pace]", "5:30")
        page.keyboard.press("Tab")
        page.select_option("[data-for-all] [name=view]", "back_view")
        page.wait_for_function("document.querySelectorAll('[data-ready=\"1\"]').length === 2")
        # A press on a row that just comes anew would go nowhere.
        image.locator("option[value=back_view][selected]").wait_for(state="attached")
        image.locator("label", has_text="Ines Prado").click()
        page.wait_for_function("document.querySelectorAll('[data-ready=\"1\"]').length === 3")
        picture(page, f"several-ready-{size}")

        page.reload()
        page.wait_for_function("document.querySelectorAll('[data-ready=\"1\"]').length === 3")
        seen["button"] = page.inner_text("[data-order-all]").strip()
        page.click("[data-order-all]")
        page.wait_for_function("document.querySelectorAll('[data-ordered]').length === 3")
        picture(page, f"several-ordered-{size}")
        seen["faults"] += faults(page)
        page.reload()
        page.wait_for_load_state("networkidle")
        seen["left"] = page.locator(".upload-film").count()
        return seen

    seen = drive(act, size)
    assert seen["who"] == ["Mara Lindqvist", "Jörg Müller", "Whose film is it?"]
    assert seen["button"] == "Order 3 analyses"
    assert seen["faults"] == []
    assert seen["left"] == 0
    ordered = {one.subject.name: (one.view, one.pace_s_per_km) for one in Analysis.objects.select_related("subject")}
    assert ordered == dict.fromkeys(runners, ("back_view", 330))


def test_one_film_s_trouble_does_not_stop_the_others(drive, films, runners, tmp_path):
    slow = str(write_film(tmp_path / "ines prado back.mp4", seconds=2, fps=20, size=(480, 640)))

    def act(page):
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", slow)
        page.wait_for_selector(".checks .no")
        rows(page, 1)
        priced = [page.is_visible("[data-send-bar] [data-price]")]
        page.set_input_files("[data-upload] [data-input]", films[0])
        rows(page, 2)
        page.locator(".upload-film", has_text="mara_").locator("[name=pace]").fill("5:30")
        page.keyboard.press("Tab")
        page.wait_for_selector("[data-ready='1']")
        priced.append(page.is_visible("[data-send-bar] [data-price]"))
        page.route("**/upload/several/order/", lambda route: route.abort())
        page.click("[data-order-all]")
        page.wait_for_function("document.querySelector('[data-said]').textContent !== ''")
        broken = page.inner_text("[data-said]")
        page.unroute("**/upload/several/order/")
        page.click("[data-order-all]")
        page.wait_for_selector("[data-ordered]")
        return broken, page.locator(".upload-film .checks .no").inner_text(), priced

    broken, refused, priced = drive(act)
    assert priced == [False, True], "the price of nothing reads as free"
    assert broken == "The connection broke. What is ordered is ordered; press again for the others."
    assert "The film has 20 frames a second; 30 is the least that can be measured." in refused
    assert Analysis.objects.count() == 1


def test_what_is_chosen_while_a_row_comes_anew_is_kept(drive, films, runners):
    def act(page):
        page.add_init_script(HOLD)
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", films[0])
        rows(page, 1)
        page.evaluate("window.slow = 'treadmill=1'")
        page.select_option("[data-for-all] [name=treadmill]", "1")
        page.wait_for_function("held.length === 1")
        page.evaluate("window.slow = ''")
        page.fill("[data-for-all] [name=pace]", "5:30")
        page.keyboard.press("Tab")
        page.wait_for_selector(".upload-film [name=pace]")
        page.evaluate("held.forEach((go) => go())")  # the answer to the first question comes last
        page.select_option("[data-for-all] [name=view]", "back_view")
        page.wait_for_selector("[data-ready='1']")
        return page.input_value(".upload-film [name=pace]")

    assert drive(act) == "5:30"


def test_what_is_chosen_for_all_counts_before_the_first_row_is_there(drive, films, runners):
    def act(page):
        page.add_init_script(HOLD)
        page.goto("/upload/several/")
        page.evaluate("window.slow = '/several/film/'")
        page.set_input_files("[data-upload] [data-input]", films[2])
        page.wait_for_function("held.length === 1")
        page.evaluate("window.slow = ''")
        page.select_option("[data-for-all] [name=view]", "back_view")
        page.select_option("[data-for-all] [name=treadmill]", "1")
        page.evaluate("held.forEach((go) => go())")
        page.wait_for_selector(".upload-film [name=pace]")
        return page.input_value(".upload-film [name=view]")

    assert drive(act) == "back_view"


def test_a_field_in_which_somebody_types_stays_while_its_row_comes_anew(drive, films, runners):
    def act(page):
        page.add_init_script(HOLD)
        page.goto("/upload/several/")
        # Its name tells neither view nor treadmill: once the pace is asked, no answer is under way.
        page.set_input_files("[data-upload] [data-input]", films[1])
        rows(page, 1)
        page.select_option(".upload-film [name=treadmill]", "1")
        page.wait_for_selector(".upload-film [name=pace]")
        page.evaluate("window.slow = 'view=back_view'")
        page.select_option(".upload-film [name=view]", "back_view")
        page.wait_for_function("held.length === 1")
        page.locator(".upload-film [name=pace]").press_sequentially("5:")
        page.evaluate("window.slow = ''; document.querySelector('.upload-film [name=pace]').old = true")
        page.evaluate("held.forEach((go) => go())")
        page.wait_for_function("!document.querySelector('.upload-film [name=pace]').old")
        page.keyboard.type("30")
        page.keyboard.press("Tab")
        page.wait_for_selector("[data-ready='1']")
        return page.input_value(".upload-film [name=pace]")

    assert drive(act) == "5:30"


def test_what_is_chosen_while_a_film_is_refused_is_kept(drive, films, runners, organization):
    ProviderAccount.objects.create(organization=organization, kind="ochy")

    def act(page):
        page.add_init_script(HOLD)
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", films[0])
        page.locator(".upload-film [name=pace]").fill("5:30")
        page.keyboard.press("Tab")
        page.wait_for_selector("[data-ready='1']")
        page.evaluate("window.slow = '/order/'")
        page.click("[data-order-all]")
        page.wait_for_function("held.length === 1")  # the order is refused: there is no credit
        page.locator(".upload-film [name=pace]").fill("6:00")
        page.keyboard.press("Tab")
        page.wait_for_selector(".upload-film [name=pace][value='6:00']")
        page.evaluate("held.forEach((go) => go())")
        page.wait_for_selector("[data-order-all]:enabled")
        return page.input_value(".upload-film [name=pace]")

    assert drive(act) == "6:00"
    assert not Analysis.objects.exists()


def test_the_last_credit_is_spent_once_and_the_page_says_what_is_left(drive, films, organization, alice):
    for name in ("Mara Lindqvist", "Jörg Müller"):
        Subject.objects.create(organization=organization, name=name)
    ProviderAccount.objects.create(organization=organization, kind="ochy")
    ledger.give(organization=organization, amount=1, reason="the last", by=alice)

    def act(page):
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", films[:2])
        rows(page, 2)
        page.select_option("[data-for-all] [name=treadmill]", "1")
        page.fill("[data-for-all] [name=pace]", "5:30")
        page.keyboard.press("Tab")
        page.select_option("[data-for-all] [name=view]", "back_view")
        page.wait_for_function("document.querySelectorAll('[data-ready=\"1\"]').length === 2")
        before = page.inner_text("[data-price]:not([data-film-row])")
        page.click("[data-order-all]")
        page.wait_for_selector(".checks .refused")
        page.wait_for_selector("[data-order-all]:enabled")
        return before, page.inner_text(".checks .refused"), page.inner_text("[data-price]:not([data-film-row])")

    before, refused, after = drive(act)
    assert before == "Uses 2 credits, 1 left."
    assert refused == "This takes 1 credit and 0 are left. Ask an admin for credits; your film is kept."
    assert after == "Uses 1 credit, 0 left."


def test_each_further_runner_of_a_testing_day_takes_two_taps(drive, films, runners):
    def act(page):
        taps = 0
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", films[0])
        rows(page, 1)
        page.select_option("[data-for-all] [name=treadmill]", "1")
        page.fill("[data-for-all] [name=pace]", "5:30")
        page.keyboard.press("Tab")
        page.select_option("[data-for-all] [name=view]", "back_view")
        page.wait_for_selector("[data-ready='1']")
        with page.expect_file_chooser() as chooser:
            page.locator("[data-drop]").tap()
            taps += 1
        chooser.value.set_files(films[2])
        rows(page, 2)
        page.locator(".upload-film", has_text="IMG_").locator("label", has_text="Ines Prado").tap()
        taps += 1
        page.wait_for_function("document.querySelectorAll('[data-ready=\"1\"]').length === 2")
        return taps

    assert drive(act, "phone") <= TAPS


@pytest.mark.parametrize("size", SIZES)
def test_nothing_moves_under_the_thumb_while_the_rows_come(drive, films, runners, size):
    Subject.objects.update(height_m=1.7, weight_kg=60)  # known, so that nothing more is asked

    def act(page):
        def once_the_empty_rows_are_seen(route):
            page.wait_for_selector(".to-come", state="attached")
            picture(page, f"several-waiting-{size}")
            route.continue_()

        page.route("**/begin/", once_the_empty_rows_are_seen)
        page.goto("/upload/")
        page.set_input_files("[data-upload] [data-input]", films[:2])
        page.wait_for_url("**/upload/several/")
        rows(page, 2)
        return page.evaluate(SHIFTED), page.locator(".to-come").count()

    shifted, waiting = drive(act, size)
    assert waiting == 0
    assert shifted <= MOST_SHIFTED


def test_a_new_runner_counts_as_soon_as_the_name_is_typed(drive, films, runners):
    def act(page):
        page.goto("/upload/several/")
        page.set_input_files("[data-upload] [data-input]", films[2])
        rows(page, 1)
        with page.expect_response("**/upload/runners/**"):
            page.locator(".film-who [type=search]").fill("Zoe Zuber")
        page.keyboard.press("Tab")
        page.wait_for_function("document.querySelector('.film-who summary strong').innerText.includes('Zoe')")
        return page.locator(".film-who summary strong").inner_text()

    assert drive(act) == "New runner: Zoe Zuber"
