"""`wangge open311`: services, their types and their questions."""

import json

import pytest

from geodata.services import service_attributes

HEAD = "category_code,code,is_variable,datatype,is_required,position,name_zh,name_en,hint_zh,hint_en,choices"
DEPTH = "0406,DEPTH,true,number,true,1,积水多深（厘米）,How deep in cm,,,"
WHERE = "0406,WHERE,true,singlevaluelist,false,2,在哪里,Where,,,road=路面/road;tunnel=下穿/underpass"


@pytest.fixture
def run(wangge_on, fresh_engine):
    return lambda *arguments: wangge_on(fresh_engine, "open311", *arguments)


@pytest.fixture
def read(run, tmp_path):
    def read_lines(*lines):
        path = tmp_path / "questions.csv"
        path.write_text("\n".join((HEAD, *lines)), encoding="utf-8")
        return run("attributes", str(path))

    return read_lines


def listed(run):
    return {one["code"]: one for one in json.loads(run("services", "--json")[1])["services"]}


def test_services_are_listed_with_their_questions(run):
    code, told, _ = run("services")
    assert code == 0
    assert "PEOPLE* SIGNS" in told
    assert listed(run)["0508"] == {
        "code": "0508",
        "name_zh": "商业噪音",
        "name_en": "commercial noise",
        "type": "realtime",
        "attributes": ["NOISE_TIME", "NOISE_SOURCE"],
    }


def test_a_service_becomes_batch_and_realtime_again(run):
    assert run("type", "2101", "batch")[0] == 0
    assert listed(run)["2101"]["type"] == "batch"
    assert run("type", "2101", "realtime")[0] == 0
    assert listed(run)["2101"]["type"] == "realtime"


def test_a_type_that_is_none_is_wrong_usage_and_a_category_that_is_none_is_refused(run):
    assert run("type", "2101", "blackbox")[0] == 2
    code, _, told = run("type", "9999", "batch")
    assert (code, "9999" in told) == (1, True)


def test_a_file_gives_a_category_its_questions(run, read, records):
    assert read(DEPTH, WHERE)[0] == 0
    assert listed(run)["0406"]["attributes"] == ["DEPTH", "WHERE"]
    with records() as session:
        depth, where = service_attributes.questions_of(session, "0406")
        assert (depth.is_required, depth.choices) == (True, [])
        assert where.choices[1] == {"key": "tunnel", "name_zh": "下穿", "name_en": "underpass"}
    # the categories it names ask these and no others; all others ask what they asked
    assert read(WHERE)[0] == 0
    assert listed(run)["0406"]["attributes"] == ["WHERE"]
    assert read("0406" + "," * 10)[0] == 0
    assert listed(run)["0406"]["attributes"] == []
    assert listed(run)["2101"]["attributes"] == ["PEOPLE", "SIGNS"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([DEPTH.replace("0406", "9999")], "9999"),
        ([DEPTH.replace("number", "colour")], "datatype in line 2"),
        ([DEPTH.replace("DEPTH", "DE<>")], "code in line 2"),
        ([DEPTH.replace(",1,", ",x,")], "line 2"),
        ([DEPTH + "a=b/c"], "choices in line 2"),
        ([WHERE.partition("road=")[0]], "choices in line 2"),
        ([WHERE.replace("road=", "")], "line 2"),
        ([DEPTH, DEPTH], "codes and positions"),
        ([DEPTH, WHERE.replace(",2,", ",1,")], "codes and positions"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(run, read, lines, words):
    before = listed(run)
    code, _, told = read(*lines)
    assert (code, words in told) == (1, True), told
    assert listed(run) == before


def test_what_is_no_csv_is_refused(run, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\xff\xfe\x00")
    assert run("attributes", str(path))[0] == 1
    assert run("attributes", str(tmp_path / "nothing.csv"))[0] == 1
