import numpy as np
import pytest
from shapes import box

from spatial.conversion import from_wgs84
from spatial.crs import BD09, CGCS2000, GCJ02, WGS84, Datum
from spatial.datum_check import OddityKind, oddities, weigh_datums
from spatial.errors import BadGeometry
from spatial.witnesses import Clues

DISTRICT = box(121.3, 31.0, 121.5, 31.2)
WEST, EAST = box(121.3, 31.0, 121.4, 31.2), box(121.4, 31.0, 121.5, 31.2)
TRUE = [WGS84, GCJ02, BD09]
METRE = Datum("epsg:4549")


def places(count, *, seed=1, spread=1.0):
    """WGS 84 positions over the district (or more, with a spread above 1)."""
    rng = np.random.default_rng(seed)
    lon = 121.4 + rng.uniform(-0.1, 0.1, count) * spread
    return lon, 31.1 + rng.uniform(-0.1, 0.1, count) * spread


def geocoded(lon, lat, *, seed=2, mistaken=0.2):
    """Where a gazetteer has the places: some 40 m off, and some of them kilometres."""
    rng = np.random.default_rng(seed)
    metres = 40 * np.exp(rng.normal(0, 1, len(lon)))
    metres = np.where(rng.random(len(lon)) < mistaken, rng.uniform(500, 8000, len(lon)), metres)
    turn = rng.uniform(0, 2 * np.pi, len(lon))
    return lon + metres * np.cos(turn) / 95_400, lat + metres * np.sin(turn) / 110_900


@pytest.mark.parametrize("declared", TRUE, ids=str)
@pytest.mark.parametrize("true", TRUE, ids=str)
def test_many_rows_in_the_district_tell_the_datum(true, declared):
    raw = from_wgs84(*places(300), true)
    verdict = weigh_datums(*raw, declared=declared, clues=Clues(inside=DISTRICT))
    assert verdict.best == true
    assert verdict.contradicts == (declared != true)
    assert verdict.weight(true).inside == verdict.rows == 300


@pytest.mark.parametrize("true", TRUE, ids=str)
@pytest.mark.parametrize("declared", TRUE, ids=str)
def test_named_areas_tell_the_datum(true, declared):
    rng = np.random.default_rng(3)
    lon, lat = 121.4 + rng.uniform(-0.015, 0.015, 60), rng.uniform(31.05, 31.15, 60)
    named = [WEST if x < 121.4 else EAST for x in lon]
    verdict = weigh_datums(*from_wgs84(lon, lat, true), declared=declared, clues=Clues(named_area=named))
    assert verdict.contradicts == (declared != true)
    assert verdict.weight(true).named == 60


@pytest.mark.parametrize("true", TRUE, ids=str)
@pytest.mark.parametrize("declared", TRUE, ids=str)
@pytest.mark.parametrize("seed", range(5))
def test_known_places_tell_the_datum_although_some_are_mistaken(true, declared, seed):
    lon, lat = places(20, seed=seed)
    near = geocoded(lon, lat, seed=seed + 100)
    verdict = weigh_datums(*from_wgs84(lon, lat, true), declared=declared, clues=Clues(near=near))
    assert verdict.best == true
    assert verdict.contradicts == (declared != true)
    assert verdict.weight(true).median_m < 200


def test_a_contradiction_is_said_with_its_numbers():
    raw = from_wgs84(*places(300), BD09)
    verdict = weigh_datums(*raw, declared=WGS84, clues=Clues(inside=DISTRICT))
    said = verdict.says()
    assert "Declared as WGS 84, but the positions look like BD-09" in said
    assert "as BD-09 300 of 300 inside the district" in said
    assert f"as WGS 84 {verdict.weight(WGS84).inside} of 300 inside the district" in said
    assert "import as bd09" in said


def test_agreement_is_said_with_its_numbers():
    said = weigh_datums(*places(300), declared=WGS84, clues=Clues(inside=DISTRICT)).says()
    assert said.startswith("Nothing clearly contradicts WGS 84: as WGS 84 300 of 300")


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("declared", TRUE, ids=str)
def test_a_true_declaration_is_never_doubted(declared, seed):
    lon, lat = places(64, seed=seed, spread=1.02)  # the outline is a little too small for them
    raw = from_wgs84(lon, lat, declared)
    near = geocoded(lon, lat, seed=seed, mistaken=0.35)
    named = [WEST if x < 121.4 else EAST for x in lon]
    assert not weigh_datums(*raw, declared=declared, clues=Clues(inside=DISTRICT)).contradicts
    assert not weigh_datums(
        *raw, declared=declared, clues=Clues(inside=DISTRICT, named_area=named, near=near)
    ).contradicts


@pytest.mark.parametrize("declared", TRUE, ids=str)
def test_a_file_of_a_wider_region_says_nothing_by_the_outline(declared):
    verdict = weigh_datums(*places(500, spread=4), declared=declared, clues=Clues(inside=DISTRICT))
    assert not verdict.contradicts
    assert not verdict.weighs_inside
    assert "Too few rows" in verdict.says()


def test_cgcs2000_is_not_contradicted_by_wgs84_nor_the_other_way():
    lon, lat = places(100)
    for declared in (WGS84, CGCS2000):
        verdict = weigh_datums(
            lon, lat, declared=declared, hypotheses=(WGS84, CGCS2000, BD09), clues=Clues(inside=DISTRICT)
        )
        assert (verdict.best, verdict.margin_nats, verdict.contradicts) == (declared, 0, False)


@pytest.mark.parametrize(("rows", "contradicts"), [(3, False), (4, True)])
def test_three_rows_outside_do_not_decide_but_four_that_agree_do(rows, contradicts):
    lat = np.linspace(31.05, 31.15, rows)
    raw = from_wgs84(np.full(rows, 121.499), lat, BD09)
    verdict = weigh_datums(*raw, declared=WGS84, clues=Clues(inside=DISTRICT))
    assert verdict.weight(WGS84).inside == 0
    assert verdict.weight(BD09).inside == rows
    assert verdict.contradicts is contradicts


def test_three_rows_with_all_evidence_at_once_are_overwhelming():
    lon, lat = np.full(3, 121.499), np.array([31.05, 31.1, 31.15])
    verdict = weigh_datums(
        *from_wgs84(lon, lat, BD09),
        declared=WGS84,
        clues=Clues(inside=DISTRICT, named_area=[EAST] * 3, near=(lon, lat + 0.0002)),
    )
    assert verdict.margin_nats > 30
    assert verdict.contradicts


def test_two_rows_never_decide():
    lon, lat = np.full(2, 121.499), np.array([31.05, 31.1])
    verdict = weigh_datums(
        *from_wgs84(lon, lat, BD09),
        declared=WGS84,
        clues=Clues(inside=DISTRICT, named_area=[EAST] * 2, near=(lon, lat)),
    )
    assert not verdict.contradicts


def test_one_position_a_hundred_times_is_one_witness():
    x, y = from_wgs84([121.499], [31.1], BD09)
    verdict = weigh_datums(np.repeat(x, 100), np.repeat(y, 100), declared=WGS84, clues=Clues(inside=DISTRICT))
    assert verdict.rows == 1
    assert not verdict.contradicts


@pytest.mark.parametrize(
    ("x", "y"),
    [pytest.param([], [], id="no rows"), pytest.param([np.nan, np.inf], [31.1, 31.1], id="no positions")],
)
def test_without_rows_nothing_is_contradicted(x, y):
    verdict = weigh_datums(x, y, declared=GCJ02, clues=Clues(inside=DISTRICT))
    assert (verdict.rows, verdict.best, verdict.contradicts) == (0, GCJ02, False)


def test_without_evidence_that_is_said():
    verdict = weigh_datums(*places(10), declared=GCJ02, clues=Clues())
    assert not verdict.contradicts
    assert "Nothing to check" in verdict.says()


def test_rows_without_a_name_or_place_do_not_weigh():
    lon, lat = places(5)
    nothing = np.full(5, np.nan)
    verdict = weigh_datums(lon, lat, declared=BD09, clues=Clues(named_area=[None] * 5, near=(nothing, nothing)))
    assert (verdict.margin_nats, verdict.weights[0].named_of, verdict.weights[0].median_m) == (0, 0, None)


def test_outside_china_all_datums_are_one():
    lon, lat = np.full(20, -73.9), np.linspace(40.6, 40.8, 20)
    verdict = weigh_datums(lon, lat, declared=WGS84, clues=Clues(inside=box(-74.1, 40.5, -73.7, 40.9)))
    assert (verdict.best, verdict.margin_nats) == (WGS84, 0)


def test_projected_coordinates_are_weighed_too():
    raw = from_wgs84(*places(50), METRE)
    assert not weigh_datums(*raw, declared=METRE, clues=Clues(inside=DISTRICT)).contradicts
    assert weigh_datums(*raw, declared=WGS84, hypotheses=(*TRUE, METRE), clues=Clues(inside=DISTRICT)).best == METRE


@pytest.mark.parametrize(
    "evidence",
    [{"named_area": [WEST]}, {"near": ([1.0], [1.0])}],
    ids=["named areas", "places"],
)
def test_evidence_of_another_length_is_refused(evidence):
    with pytest.raises(BadGeometry, match="number of rows"):
        weigh_datums([121.4, 121.41], [31.1, 31.1], declared=WGS84, clues=Clues(**evidence))


def test_ordinary_coordinates_have_no_oddity():
    assert oddities(*places(100), declared=WGS84, inside=DISTRICT) == []
    assert oddities(*from_wgs84(*places(100), METRE), declared=METRE, inside=DISTRICT) == []
    assert oddities([], [], declared=WGS84) == []


@pytest.mark.parametrize(
    ("x", "y", "declared", "kind"),
    [
        pytest.param(31.1, 121.4, WGS84, OddityKind.SWAPPED, id="swapped"),
        pytest.param(0.0, 0.0, WGS84, OddityKind.ZERO, id="zero"),
        pytest.param(0.0, 0.0, METRE, OddityKind.ZERO, id="zero metres"),
        pytest.param(633_000.0, 3_442_000.0, WGS84, OddityKind.METRES, id="metres in a file of degrees"),
        pytest.param(121.4, 31.1, METRE, OddityKind.DEGREES, id="degrees in a file of metres"),
        pytest.param(np.nan, 31.1, WGS84, OddityKind.NOT_A_NUMBER, id="not a number"),
        pytest.param(121.4, np.inf, METRE, OddityKind.NOT_A_NUMBER, id="infinite"),
    ],
)
def test_an_odd_row_is_told(x, y, declared, kind):
    good_x, good_y = from_wgs84([121.4], [31.11], declared)
    (oddity,) = oddities([*good_x, x], [*good_y, y], declared=declared)
    assert (oddity.kind, oddity.rows) == (kind, (1,))


def test_a_swap_that_could_be_right_elsewhere_shows_by_the_outline():
    around = box(40.0, 30.0, 41.0, 31.0)
    assert oddities([30.5], [40.5], declared=WGS84) == []
    (oddity,) = oddities([30.5, 40.5], [40.5, 30.5], declared=WGS84, inside=around)
    assert (oddity.kind, oddity.rows) == (OddityKind.SWAPPED, (0,))


@pytest.mark.parametrize(("times", "count"), [(6, 0), (7, 1)])
def test_a_position_that_repeats_is_told(times, count):
    lon, lat = places(10)
    found = oddities([*lon, *[121.41] * times], [*lat, *[31.11] * times], declared=WGS84)
    assert [oddity.kind for oddity in found] == [OddityKind.REPEATED] * count
    assert all(oddity.rows == tuple(range(10, 10 + times)) for oddity in found)
