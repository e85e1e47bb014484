"""The lesson page in Chromium, opened from disk: what a class sees, hears of and can do."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

import animap
from animap.page import Edition, LessonPage, write_page
from animap.style import load_style
from conftest import FilmFolder, lesson_film

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("no Chromium here: the page's tests in a browser were left out", allow_module_level=True)

DAYS = [f"{n} septembre 1944" for n in ("1er", 2, 3, 4, 5, 6)]
FIRST = "La ville est <libre> & </script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Root, as in a container, has no sandbox.
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=root)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def lesson(make_film: Callable[[], FilmFolder]) -> Path:
    """A page in two languages, each with a film of its own."""
    film = lesson_film(make_film())
    movie = animap.open(film.folder, size="160x90", fps=12)
    gif = animap.open(film.folder, size="160x90", fps=5)
    return movie.write_page(film.folder / "lesson", gif=gif, jobs=1, cache=False)


@pytest.fixture
def opened(browser: Browser, lesson: Path) -> Iterator[Callable[..., Page]]:
    """Opens the page with a context's options; nothing may be asked of a network, nothing may fail."""
    contexts = []

    def open_page(query: str = "", path: Path = lesson, **options: Any) -> Page:
        context = browser.new_context(**{"locale": "fr-FR", "offline": True, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("console", lambda said: said.type == "error" and pytest.fail(said.text))
        asked = re.compile(r"(file|data|blob|about):")
        page.on("request", lambda request: asked.match(request.url) or pytest.fail(request.url))
        page.goto(path.as_uri() + query)
        return page

    yield open_page
    for context in contexts:
        context.close()


def second(page: Page) -> float:
    at: float = page.evaluate("document.querySelector('video').currentTime")
    return at


def test_the_film_plays_and_the_date_runs_along(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.locator("#date")).to_have_text(DAYS[0])
    page.get_by_role("button", name="Lecture").click()
    expect(page.locator("#date")).to_have_text(DAYS[2], timeout=20_000)
    expect(page.locator("#text")).to_have_text(FIRST)
    page.get_by_role("button", name="Pause").click()
    stopped = second(page)
    assert stopped > 1
    assert page.evaluate("document.querySelector('video').error") is None
    expect(page.get_by_role("button", name="Lecture")).to_be_visible()


def test_letters_are_the_style_s_own(opened: Callable[..., Page]) -> None:
    page = opened()
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].map((face) => face.family + ' ' + face.status)")
    assert "animap-title loaded" in [one.replace('"', "") for one in loaded]
    assert not [one for one in loaded if "error" in one]


def test_arrows_step_by_day(opened: Callable[..., Page]) -> None:
    page = opened()
    slider = page.get_by_role("slider", name="Ligne du temps")
    seen = []
    for _ in DAYS:
        page.keyboard.press("ArrowRight")
        seen.append(page.locator("#date").inner_text())
        assert slider.get_attribute("aria-valuetext") == seen[-1]
    assert seen == DAYS
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#date")).to_have_text(DAYS[-2])
    slider.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#date")).to_have_text(DAYS[-3])
    page.keyboard.press("Home")
    assert second(page) == 0
    page.keyboard.press("PageDown")
    expect(page.locator("#text")).to_have_text(FIRST)


def test_space_plays_wherever_it_does_nothing_else(opened: Callable[..., Page]) -> None:
    page = opened()
    playing = "!document.querySelector('video').paused"
    page.keyboard.press("Space")
    page.wait_for_function(playing)
    page.get_by_role("slider").focus()
    page.keyboard.press("Space")
    page.wait_for_function(playing.removeprefix("!"))
    box = page.get_by_role("checkbox")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    assert not page.evaluate(playing)


def test_dragging_stops_at_an_event_that_is_near(opened: Callable[..., Page]) -> None:
    page = opened()
    data = page.evaluate("JSON.parse(document.getElementById('data').textContent)")
    show, seconds = data["events"][0]["show"], data["seconds"]
    slider = page.get_by_role("slider").bounding_box()
    assert slider
    thumb = 22
    middle = slider["y"] + slider["height"] / 2

    def across(at: float) -> float:
        return slider["x"] + thumb / 2 + (slider["width"] - thumb) * at / seconds

    page.mouse.move(across(0), middle)
    page.mouse.down()
    page.mouse.move(across(show) + 5, middle, steps=4)
    assert float(page.get_by_role("slider").input_value()) == pytest.approx(show, abs=1e-3)
    expect(page.locator("#text")).to_have_text(FIRST)
    page.mouse.move(across(show) + 40, middle, steps=4)
    assert float(page.get_by_role("slider").input_value()) > show
    page.mouse.up()


def test_an_event_is_told_in_a_live_region_with_its_sources(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_role("button", name="Événement suivant").click()
    expect(page.locator("[aria-live=polite]")).to_have_text(f"2 septembre 1944 · Ville{FIRST}")
    expect(page.locator("#cited li")).to_have_text(["Un livre sur la ville"])
    expect(page.locator("#date")).to_have_text(DAYS[1])
    page.get_by_role("button", name="Le hameau est libre").click()
    expect(page.locator("#cited li")).to_have_text(["Un livre sur la ville", "S2"])
    page.get_by_role("button", name="Événement précédent").click()
    expect(page.locator("#text")).to_have_text(FIRST)


def test_the_language_changes_all_words_and_the_film_but_not_the_place(opened: Callable[..., Page]) -> None:
    page = opened()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    before = second(page)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page).to_have_title("Small film")
    expect(page.locator("#date")).to_have_text("2 September 1944")
    expect(page.locator("#text")).to_have_text("The town is <free> & </script>")
    expect(page.locator("ol.storyboard:visible")).to_have_count(1)
    expect(page.locator("ol.storyboard:visible .text").first).to_have_text("The town is <free> & </script>")
    expect(page.locator("video")).to_have_attribute("src", re.compile(r"-en\.mp4$"))
    page.wait_for_function("document.querySelector('video').readyState > 1")
    assert second(page) == pytest.approx(before)
    for word in ("Lecture", "Vitesse", "Télécharger", "Événement", "Copier"):
        assert word not in page.locator("main").inner_html().replace("data-", "")


def test_the_address_and_the_browser_choose_the_language(opened: Callable[..., Page]) -> None:
    expect(opened(locale="en-GB").locator("html")).to_have_attribute("lang", "en")
    expect(opened("?lang=fr", locale="en-GB").locator("html")).to_have_attribute("lang", "fr")
    expect(opened(locale="pl-PL").locator("html")).to_have_attribute("lang", "fr")


def test_speed_holds_for_every_language(opened: Callable[..., Page]) -> None:
    page = opened()
    page.get_by_label("Vitesse").select_option("2×")
    page.get_by_role("button", name="English").click()
    page.wait_for_function("document.querySelector('video').playbackRate === 2")


def test_nothing_is_cut_off_on_a_narrow_screen(opened: Callable[..., Page]) -> None:
    page = opened(viewport={"width": 360, "height": 740}, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for control in page.locator("button:visible, select:visible, input:visible, video, a:visible").all():
        box = control.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    for button in page.locator(".controls button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44


def test_with_reduced_motion_the_film_goes_in_steps(opened: Callable[..., Page]) -> None:
    page = opened(reduced_motion="reduce")
    page.clock.install()
    page.reload()
    expect(page.get_by_role("checkbox", name="Pas à pas")).to_be_checked()
    page.get_by_role("button", name="Lecture").click()
    expect(page.locator("#text")).to_have_text(FIRST)
    first = second(page)
    page.clock.run_for(1000)
    assert second(page) == first
    assert page.evaluate("document.querySelector('video').paused")
    page.clock.run_for(6000)
    expect(page.locator("#text")).to_have_text("Le hameau est libre")
    page.clock.run_for(9000)
    expect(page.get_by_role("button", name="Lecture")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("style", ["atlas", "night", "contrast"])
def test_axe_finds_nothing(
    opened: Callable[..., Page], lesson: Path, style: str, width: int, tmp_path: Path
) -> None:
    film = animap.open(lesson.parents[1]).film
    video = next(lesson.parent.glob("film/*-fr.mp4"))
    editions = [Edition(language, video, video.with_suffix(".gif")) for language in ("fr", "en")]
    index = write_page(LessonPage(film, load_style(style), editions), tmp_path / "lesson").index
    page = opened(path=index, viewport={"width": width, "height": 800})
    page.get_by_role("button", name="Événement suivant").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def test_on_paper_it_is_a_storyboard(opened: Callable[..., Page]) -> None:
    page = opened()
    page.emulate_media(media="print")
    expect(page.locator("video")).to_be_hidden()
    expect(page.locator("#snippet")).to_be_hidden()
    board = page.locator("ol.storyboard:visible li.card")
    expect(board).to_have_count(2)
    for told in ("2 septembre 1944", FIRST, "Un livre sur la ville"):
        expect(board.first).to_contain_text(told)
    assert page.evaluate(
        "[...document.querySelectorAll('ol:not([hidden]) img')].every((image) => image.naturalWidth)"
    )
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_embed_code_shows_the_player_in_another_page(opened: Callable[..., Page], lesson: Path) -> None:
    code = opened().locator("#snippet").input_value()
    host = lesson.parents[1] / "host.html"
    host.write_text(f"<!doctype html><title>Cours</title>{code}", "utf-8")
    page = opened(path=host)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("button", name="Lecture")).to_be_visible()
    expect(frame.locator(".pictures")).to_be_hidden()
    frame.get_by_role("button", name="Événement suivant").click()
    expect(frame.locator("#text")).to_have_text(FIRST)


def test_the_code_is_copied_and_the_files_are_offered(opened: Callable[..., Page], lesson: Path) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copier le code").click()
    expect(page.get_by_role("status")).to_have_text("Code copié")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#snippet").input_value()
    for name, suffix in (("GIF", ".gif"), ("film", ".mp4")):
        address = page.get_by_role("link", name=name).get_attribute("href")
        assert address
        assert (lesson.parent / address).suffix == suffix
        assert (lesson.parent / address).is_file()


def test_without_scripts_there_is_the_film_and_the_storyboard(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    expect(page.locator("video")).to_have_attribute("controls", "")
    expect(page.get_by_role("slider")).to_have_count(0)
    expect(page.locator("li.card").first).to_contain_text("La ville est")
