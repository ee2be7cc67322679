"""House numbers as they are written on maps and in lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geocode.parse import Dictionary, parse_address
from geodata.ingest.house_numbers import read_door, read_numbers, read_street

NAMES = Dictionary(roads=["春申路"])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("23", [(None, None, "23", None)]),
        ("023号", [(None, None, "23", None)]),
        ("88-1号", [(None, None, "88", "-1")]),
        ("甲5号", [(None, None, "5", "甲")]),
        ("1150弄23号", [("1150", None, "23", None)]),
        ("1150弄23支弄5号", [("1150", "23", "5", None)]),
        ("1150弄1、2号", [("1150", None, "1", None), ("1150", None, "2", None)]),
        ("1-99;101", [(None, None, "1", "-99"), (None, None, "101", None)]),
        ("5;5", [(None, None, "5", None)]),
        ("12A", [(None, None, "12", "A")]),
        ("😀", []),
        ("", []),
        ("S/N", []),
        ("9" * 40, []),
        (";".join(map(str, range(200))), []),
    ],
)
def test_house_numbers(text, read):
    assert [tuple(one) for one in read_numbers(text)] == read


def test_an_address_that_is_more_than_a_door_is_no_door():
    assert read_door("春申路88号")[0] == "春申路"
    assert [read_door(text) for text in ("春申路", "春申路88号旁饭店", "😀", "")] == [None] * 4


def test_a_street_that_goes_on_with_its_lane():
    street = read_street("春申路1150弄")
    assert (street.norm, street.lane) == ("春申路", "1150弄")
    assert [tuple(one) for one in read_numbers("23号", street.lane)] == [("1150", None, "23", None)]
    assert [tuple(one) for one in read_numbers("300弄9号", street.lane)] == [("300", None, "9", None)]


@given(st.text("0123456789弄号支-、;甲乙之/楼室至", max_size=12))
def test_every_number_that_is_read_is_an_address_that_says_the_same(text):
    for one in read_numbers(text):
        said = parse_address(one.named("春申路"), NAMES)
        assert (said.road, said.lane, said.sublane, said.number, said.suffix) == ("春申路", *one)


@given(st.text(max_size=80))
def test_no_text_stops_the_reading(text):
    read_numbers(text)
    read_street(text)
    read_door(text)
