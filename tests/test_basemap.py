"""The base map: coasts and cuts, relief in its light, names beside their rivers, degrees at the edge."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from animap.draw import Canvas
from animap.errors import DataError
from animap.film import Film, load_film
from animap.geo.projection import Extent, projection_for
from animap.layers.base import Setting
from animap.layers.basemap.contents import Contents, limits_of
from animap.layers.basemap.ground import ground
from animap.layers.basemap.layer import BasemapData
from animap.layers.basemap.relief import hillshade
from animap.layers.basemap.rivers import river_names
from animap.marks import Area, Frame, Group, Image, Line, Page, Text, TextAlong
from animap.scene import Scene, Take
from animap.style import Style, load_style
from animap.style.model import ReliefStyle
from conftest import FilmFolder

SMALL = Take(Page(640, 360), Fraction(25), "fr")


@pytest.fixture(scope="module")
def liberation() -> Film:
    return load_film("liberation")


def basemap_of(film: Film) -> Contents:
    return next(data.contents for data in film.layers if isinstance(data, BasemapData))


# --- cuts are no coasts --------------------------------------------------------------------------------


def island(film: FilmFolder, *ring: tuple[float, float]) -> Scene:
    """The small film with land of one outline."""
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    film.write("land.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return Scene(load_film(film.folder), load_style("atlas"), SMALL)


def shores(scene: Scene) -> list[Line]:
    """Coast and waterlines."""
    style = scene.style.basemap
    pens = (style.coast, *style.waterlines)
    return [m for m in ground(basemap_of(scene.film), scene.setting) if isinstance(m, Line) and m.pen in pens]


CUT = ((1.8, 49.5), (4.5, 49.5), (4.5, 51.0), (3.0, 50.8), (1.8, 50.9))
"""Land whose north is a coast; its other sides are where the data ends."""


def test_where_data_was_cut_off_there_is_neither_coast_nor_waterline(film: FilmFolder) -> None:
    scene = island(film, *CUT)
    edge = scene.film.projection.geometry(
        shapely.segmentize(shapely.LineString([(1.8, 49.5), (1.8, 50.9)]), 0.01)
    )
    coast = scene.film.projection.geometry(shapely.LineString(CUT[2:]))
    drawn = shores(scene)
    assert len(drawn) == 1 + len(scene.style.basemap.waterlines)
    step = scene.setting.metres_per_unit
    for line in drawn:
        xy = shapely.points(line.paths.xy)
        assert len(xy) > 3
        # A coast may end at the cut but never runs along it.
        along = shapely.distance(xy, edge) < 30 * step
        near_coast = shapely.distance(xy, coast) < 60 * step
        assert (near_coast | ~along).all()


def test_a_coast_that_only_touches_its_box_stays_a_coast(film: FilmFolder) -> None:
    scene = island(film, (1.8, 50.2), (2.6, 50.1), (3.3, 50.3), (2.4, 50.9))
    assert basemap_of(scene.film).limits is None
    coast = next(line for line in shores(scene) if line.pen == scene.style.basemap.coast)
    length = sum(shapely.LineString(p).length for p in coast.paths.parts())
    assert length == pytest.approx(basemap_of(scene.film).land.length, rel=0.01)


@given(st.floats(-10, 10), st.floats(40, 55), st.floats(0.5, 6), st.floats(0.5, 4))
@settings(max_examples=25, deadline=None)
def test_a_box_of_land_ends_where_its_limits_do(west: float, south: float, wide: float, tall: float) -> None:
    extent = Extent(west, south, west + wide, south + tall)
    projection = projection_for("lambert", extent)
    land, limits = limits_of(
        projection.geometry(shapely.box(west, south, west + wide, south + tall)), projection
    )
    assert limits is not None
    assert shapely.hausdorff_distance(land.boundary, limits.boundary) < 5
    # Sides follow the parallels, which are curved on the map.
    degrees = projection.degrees(shapely.get_coordinates(limits))
    on = np.abs(degrees[:, None, 1] - [south, south + tall]).min(axis=1)
    on = np.minimum(on, np.abs(degrees[:, None, 0] - [west, west + wide]).min(axis=1))
    assert on.max() < 1e-6


@pytest.mark.parametrize("size", [Page(1920, 1080), Page(1080, 1920), Page(1080, 1080), Page(1440, 1080)])
def test_the_shipped_layers_reach_beyond_every_shape_of_picture(liberation: Film, size: Page) -> None:
    scene = Scene(liberation, load_style("lesson"), Take(size, Fraction(25), "fr"))
    limits = basemap_of(liberation).limits
    assert limits is not None
    half = scene.setting.view.width / 2
    tall = half * size.down / size.across
    view = scene.setting.view
    assert limits.contains(shapely.box(view.x - half, view.y - tall, view.x + half, view.y + tall))


# --- relief --------------------------------------------------------------------------------------------


@given(st.floats(0, 360), st.floats(15, 75), st.floats(0, 360))
@settings(max_examples=50, deadline=None)
def test_slopes_are_lit_from_the_azimuth_and_flat_ground_is_bare(
    azimuth: float, altitude: float, faces: float
) -> None:
    style = ReliefStyle(azimuth=azimuth, altitude=altitude, exaggeration=1)
    rows, columns = np.mgrid[0:6, 0:6].astype(float)
    # A plane that falls gently towards `faces`: east is along the columns, north against the rows.
    fall = math.radians(faces)
    plane = -(columns * math.sin(fall) - rows * math.cos(fall)) * 100 * 0.05
    share = hillshade(plane, 100.0, style)
    assert np.ptp(share) < 1e-9
    towards = math.cos(math.radians(faces - azimuth))
    if abs(towards) > 0.2:
        assert (share > 0).all() == (towards > 0)
    assert np.abs(hillshade(np.full((4, 4), 70.0), 100.0, style)).max() < 1e-12


def with_relief(film: FilmFolder, crs: str = "EPSG:4326") -> Path:
    """A hill in the middle of the small film's land."""
    lon, lat = np.meshgrid(1.7 + np.arange(240) * 0.01, 51.1 - np.arange(160) * 0.01)
    hill = 900 * np.exp(-(((lon - 2.6) / 0.25) ** 2) - ((lat - 50.5) / 0.16) ** 2)
    path = film.folder / "dem.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=240,
        height=160,
        count=1,
        dtype="float32",
        nodata=-9999,
        crs=crs or None,
        transform=Affine(0.01, 0, 1.695, 0, -0.01, 51.105),
    ) as file:
        file.write(hill.astype("float32"), 1)
    film.edit("film.toml", 'land = "land.geojson"', 'land = "land.geojson"\nrelief = "dem.tif"')
    return path


def test_a_hill_is_light_towards_the_light_and_dark_behind(film: FilmFolder) -> None:
    with_relief(film)
    loaded = load_film(film.folder)
    pixels = {}
    for azimuth in (315.0, 135.0):
        style = load_style("atlas")
        relief = ReliefStyle(azimuth=azimuth, strength=0.8, smooth=1, light="#ffffff", shade="#000000")
        style = style.model_copy(update={"basemap": style.basemap.model_copy(update={"relief": relief})})
        scene = Scene(loaded, style, SMALL)
        marks = tuple(ground(basemap_of(loaded), scene.setting))
        assert isinstance(marks[0], Image)
        frame = Frame(
            0, Fraction(0), 0.0, SMALL.page, scene.setting.view, style.basemap.land, (Group(marks=marks),)
        )
        pixels[azimuth] = Canvas(SMALL.page).draw(frame).pixels.astype(int).sum(axis=2)
        top = scene.setting.view.to_page(np.array([loaded.projection.point(2.6, 50.5)]), SMALL.page)[0]
    x, y = (int(v * SMALL.page.unit) for v in top)
    north_west, south_east = np.s_[y - 16 : y - 4, x - 16 : x - 4], np.s_[y + 5 : y + 17, x + 5 : x + 17]
    assert pixels[315.0][north_west].mean() > pixels[315.0][south_east].mean() + 30
    assert pixels[135.0][north_west].mean() < pixels[135.0][south_east].mean() - 30


def test_relief_ends_with_its_grid_and_never_lies_on_the_sea(film: FilmFolder) -> None:
    with_relief(film)
    scene = Scene(load_film(film.folder), load_style("atlas"), SMALL)
    marks = list(ground(basemap_of(scene.film), scene.setting))
    kinds = [type(m) for m in marks]
    assert kinds.index(Image) < kinds.index(Area)
    heights = basemap_of(scene.film).relief
    assert heights is not None
    assert np.nanmax(heights.values) == pytest.approx(900, rel=0.02)
    lon_lat = scene.film.projection.degrees(np.array([[heights.left, heights.top]]))[0]
    assert lon_lat == pytest.approx([1.695, 51.105], abs=0.1)


def test_a_grid_that_says_not_where_it_lies_is_refused(film: FilmFolder) -> None:
    with_relief(film, crs="")
    with pytest.raises(DataError, match="no coordinate system"):
        load_film(film.folder)


def test_what_is_no_grid_is_refused(film: FilmFolder) -> None:
    with_relief(film).write_text("not a raster")
    with pytest.raises(DataError, match=r"dem\.tif: cannot be read"):
        load_film(film.folder)


def test_without_rasterio_one_is_told_what_to_install(
    film: FilmFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_relief(film)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(DataError, match=r"animap\[relief\]"):
        load_film(film.folder)


# --- rivers --------------------------------------------------------------------------------------------


def setting_of(film: Film, style: Style, page: Page) -> Setting:
    return Scene(film, style, Take(page, Fraction(25), "fr")).setting


@pytest.mark.parametrize("style", ["atlas", "print"])
def test_names_of_rivers_stand_beside_their_rivers_and_read_from_the_left(
    liberation: Film, style: str
) -> None:
    setting = setting_of(liberation, load_style(style), Page(960, 540))
    contents = basemap_of(liberation)
    names = river_names(contents, setting)
    assert len(names) > 15
    lettering = setting.style.basemap.river_name
    assert lettering is not None
    size = lettering.size * setting.metres_per_unit
    for name in names:
        river = shapely.union_all(
            [r.line for r in contents.rivers if f"river:{r.names.get('fr')}" == name.id]
        )
        for candidate in name.candidates:
            (mark,) = candidate.marks
            assert isinstance(mark, TextAlong)
            apart = shapely.distance(shapely.points(mark.xy), river)
            assert apart.max() < 2.2 * size
            assert apart.mean() > 0.25 * size
            assert mark.xy[0, 0] <= mark.xy[-1, 0] + size


def test_a_style_without_letters_for_rivers_names_none(liberation: Film) -> None:
    style = load_style("atlas")
    bare = style.model_copy(update={"basemap": style.basemap.model_copy(update={"river_name": None})})
    assert river_names(basemap_of(liberation), setting_of(liberation, bare, Page(640, 360))) == []


# --- names and degrees ---------------------------------------------------------------------------------


def test_a_place_may_have_several_spots(liberation: Film) -> None:
    places = basemap_of(liberation).places
    assert len({p.names["fr"] for p in places}) == len(places)
    assert any(len(p.spots) > 1 for p in places)


SEA = """\
id,kind,lon,lat,name_fr,name_en,angle
mer,sea,2.6,51.12,MER,SEA,0
mer,sea,3.0,50.4,MER,SEA,0
pays,region,2.4,50.98,Pays,Land,0
"""


def test_names_of_lands_keep_to_land_and_names_of_seas_to_the_sea(film: FilmFolder) -> None:
    film.edit("film.toml", 'land = "land.geojson"', 'land = "land.geojson"\nplaces = "places.csv"')
    film.write("places.csv", SEA)
    page = Page(960, 540)
    shown = Scene(load_film(film.folder / "film.toml"), load_style("atlas"), Take(page, Fraction(10), "fr"))
    placed = {p.name.id: p.candidate for p in shown.labels().placed}
    coast = shown.setting.view.to_page(shown.film.projection.points(np.array([(2.6, 51.0)])), page)
    for name, side in (("sea:MER", -1), ("region:Pays", 1)):
        middle = np.mean([(box[1] + box[3]) / 2 for box in placed[name].boxes])
        assert (middle - coast[0, 1]) * side > 0


def test_names_of_seas_and_lands_find_room_as_the_camera_rests(liberation: Film) -> None:
    shown = Scene(liberation, load_style("atlas"), Take(Page(1920, 1080), Fraction(30), "fr"))
    placed = shown.labels().placed
    wanted = {"sea:MANCHE", "sea:MER DU NORD", "country:PAYS-BAS", "strait:Pas de Calais"}
    assert wanted <= {p.name.id for p in placed}
    # Where names crowd, one is set tighter.
    letters = [p.candidate.marks[-1] for p in placed if p.name.id in wanted]
    full = {load_style("atlas").basemap.country.tracking, load_style("atlas").basemap.sea_name.tracking}
    assert any(isinstance(m, Text) and m.lettering.tracking < min(full) for m in letters)
