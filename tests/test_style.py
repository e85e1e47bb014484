"""Styles: all load, all differ, all can be read; a file that extends one changes what it says and no more."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest

from animap.errors import StyleError
from animap.style import Lettering, Style, load_style
from animap.style.colour import contrast, luminance, mix, rgba, with_alpha
from animap.style.load import shipped_styles

STYLES = sorted(shipped_styles())


@pytest.fixture(params=STYLES)
def style(request: pytest.FixtureRequest) -> Style:
    return load_style(request.param)


def test_styles_that_ship_load_and_say_what_they_are(style: Style) -> None:
    assert style.name in STYLES
    for language in ("fr", "en", "nl", "de"):
        assert style.title[language]
        assert style.description[language]
    assert set(style.nations) >= {"CA", "PL", "GB", "US", "CZ", "FR", "BE", "DE"}
    assert style.nation("XX") == style.unknown_nation


@pytest.mark.parametrize(("a", "b"), list(combinations(STYLES, 2)))
def test_styles_really_differ(a: str, b: str) -> None:
    first, second = load_style(a), load_style(b)
    for part in ("basemap", "towns", "labels", "advances", "pockets", "furniture", "cards"):
        assert getattr(first, part) != getattr(second, part), part
    assert (first.basemap.land, first.basemap.sea) != (second.basemap.land, second.basemap.sea)
    assert first.nations != second.nations


def written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_one_changed_value_changes_one_value(tmp_path: Path) -> None:
    path = written(tmp_path, 'extends = "atlas"\n[basemap]\nland = "#FF0000"\n')
    mine, atlas = load_style(str(path)), load_style("atlas")
    assert mine.basemap.land == "#ff0000"
    changed = mine.model_dump()
    changed["basemap"]["land"] = atlas.basemap.land
    assert changed == atlas.model_dump() | {"name": "mine", "extends": "atlas"}


def test_a_value_deep_down_leaves_its_neighbours(tmp_path: Path) -> None:
    path = written(tmp_path, 'extends = "night"\n[furniture.date]\nsize = 99\n')
    mine, night = load_style(str(path)).furniture.date, load_style("night").furniture.date
    assert mine == night.model_copy(update={"size": 99.0})


def test_styles_extend_through_several_files(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "atlas"\n[towns]\npulse = 11\n', "first.toml")
    written(tmp_path, 'extends = "first.toml"\n[nations]\nXX = "#123456"\n', "second.toml")
    style = load_style("second", tmp_path)
    assert style.towns.pulse == 11
    assert style.nation("XX") == "#123456"
    assert style.nation("CA") == load_style("atlas").nation("CA")
    assert style.name == "second"


def test_styles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "b.toml"\n', "a.toml")
    written(tmp_path, 'extends = "a.toml"\n', "b.toml")
    with pytest.raises(StyleError, match="circle"):
        load_style("a", tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[basemap]\nland = "red"', "'red' is not a colour"),
        ('[basemap]\nlnad = "#ff0000"', "lnad"),
        ("[furniture]\nmargin = -3", "margin"),
        ('[furniture.date]\nfont = "Alegrea-Bold.ttf"', "font 'Alegrea-Bold.ttf' not found"),
        ("[towns]\nradii = []", "radii"),
    ],
)
def test_what_is_wrong_in_a_style_is_said_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, f'extends = "atlas"\n{text}\n')
    with pytest.raises(StyleError) as caught:
        load_style(str(path))
    assert says in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert caught.value.problems[0].hint


def test_a_font_beside_the_style_is_found(tmp_path: Path) -> None:
    shipped = load_style("atlas").furniture.date.font
    (tmp_path / "Mine.ttf").write_bytes(Path(shipped).read_bytes())
    path = written(tmp_path, 'extends = "atlas"\n[furniture.date]\nfont = "Mine.ttf"\n')
    assert load_style(str(path)).furniture.date.font == str(tmp_path / "Mine.ttf")


def test_a_style_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(StyleError, match=r"atlas.*lesson.*night"):
        load_style("atlass")


# --- legibility ----------------------------------------------------------------------------------------


def over(grounds: Iterable[str], colour: str) -> list[str]:
    """What a colour that may be half transparent looks like over others."""
    return [mix(ground, colour[:7], rgba(colour)[3]) for ground in grounds]


def on_the_map(style: Style) -> list[str]:
    """Colours that may lie under a panel or a name."""
    base = style.basemap
    return [base.land, base.sea, base.lakes, *style.nations.values(), style.pockets.fill[:7]]


def worst(lettering: Lettering, grounds: Iterable[str]) -> float:
    assert rgba(lettering.colour)[3] == 1
    return min(contrast(lettering.colour, ground) for ground in grounds)


@pytest.mark.parametrize(
    "part", [name for name, value in load_style("atlas").furniture if isinstance(value, Lettering)]
)
def test_letters_on_a_panel_can_be_read_whatever_lies_under_it(style: Style, part: str) -> None:
    grounds = over(on_the_map(style), style.furniture.panel)
    assert worst(getattr(style.furniture, part), grounds) >= 4.5


def test_names_on_the_map_can_be_read_over_their_halo(style: Style) -> None:
    told = filter(None, (style.pockets.info, style.towns.date))
    for lettering in (*style.labels.ranks, style.pockets.name, *told):
        assert lettering.halo
        assert worst(lettering, over(on_the_map(style), lettering.halo)) >= 4.5


def under_names(style: Style) -> list[str]:
    """What may lie under names of countries and regions: free land, and land under the occupied tint."""
    land = style.basemap.land
    return [land, *over([land], style.territory.occupied)]


def least(style: Style) -> float:
    """WCAG 2 asks 4.5 of small letters, 3 of large ones such as quiet names of countries are."""
    return 4.5 if style.name == "contrast" else 3.0


def test_quiet_names_can_be_read_on_what_lies_under_them(style: Style) -> None:
    base = style.basemap
    for lettering in (base.country, base.region):
        # A halo only helps: it is as light, or as dark, as the land.
        assert worst(lettering, [base.land]) >= least(style)
        assert worst(lettering, under_names(style)) >= least(style)
    seas = [base.sea]
    if base.coast_glow:
        seas += over([base.sea], base.coast_glow.colour)
    for lettering in filter(None, (base.sea_name, base.strait_name)):
        assert worst(lettering, [base.sea]) >= least(style)
        assert worst(lettering, seas) >= least(style) * 0.85


def test_names_of_rivers_can_be_read(style: Style) -> None:
    lettering = style.basemap.river_name
    assert lettering is not None
    assert lettering.halo
    assert worst(lettering, over(under_names(style), lettering.halo)) >= (
        3.8 if style.name != "contrast" else 4.5
    )


def test_high_contrast_holds_for_every_text_there_is() -> None:
    style = load_style("contrast")
    base, furniture, cards = style.basemap, style.furniture, style.cards
    grounds = {
        "map": over(under_names(style), base.country.halo or "#00000000"),
        "sea": [base.sea, *over([base.sea], base.coast_glow.colour if base.coast_glow else base.sea)],
        "panel": over(on_the_map(style), furniture.panel),
        "card": over(on_the_map(style), cards.panel),
    }
    texts = {
        "map": [base.country, base.region],
        "sea": [base.sea_name, base.strait_name or base.sea_name],
        "panel": [v for v in dict(furniture).values() if isinstance(v, Lettering)],
        "card": [v for v in dict(cards).values() if isinstance(v, Lettering)],
    }
    for where, letterings in texts.items():
        assert letterings
        for lettering in letterings:
            assert worst(lettering, grounds[where]) >= 4.5, (where, lettering)
    told = (style.pockets.info, style.towns.date, base.river_name)
    for lettering in (*style.labels.ranks, style.pockets.name, style.advances.name, *filter(None, told)):
        assert lettering.halo
        assert worst(lettering, over(on_the_map(style), lettering.halo)) >= 4.5
    # Names of formations are lettered in the colour of their nation.
    for colour in style.nations.values():
        assert worst(style.advances.name.model_copy(update={"colour": colour}), ["#ffffff"]) >= 4.5


def test_nations_stand_out_from_the_land_and_from_each_other(style: Style) -> None:
    colours = list(style.nations.values())
    assert len(set(colours)) == len(colours)
    assert min(contrast(colour, style.basemap.land) for colour in colours) >= 2
    assert style.theme == ("dark" if luminance(style.basemap.land) < 0.2 else "light")


def test_colours_are_reckoned_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert mix("#000000", "#ffffff", 0.5) == "#808080ff"
    assert with_alpha("#12345680", 0.5) == "#12345640"
    assert rgba("#ff8000") == pytest.approx((1, 128 / 255, 0, 1))
