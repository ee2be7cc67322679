import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geodata.masking import mask, told

CELLS = re.compile(r"310112\d{9}")
PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("请联系13812345678张先生", "请联系138****5678张先生", id="mobile"),
        pytest.param("138-1234-5678", "138-****-5678", id="mobile with dashes"),
        pytest.param("138 1234 5678", "138 **** 5678", id="mobile with blanks"),
        pytest.param("１３８１２３４５６７８", "１３８****５６７８", id="full-width mobile"),
        pytest.param("+86 138—1234—5678", "+86 138—****—5678", id="mobile of a country"),
        pytest.param("008613812345678", "0086138****5678", id="mobile of a country, dialled"),
        pytest.param("①③⑧①②③④⑤⑥⑦⑧", "①③⑧****⑤⑥⑦⑧", id="mobile in circles"),
        pytest.param("138\u200b1234\u200b5678", "138\u200b****\u200b5678", id="mobile with signs of no width"),
        pytest.param("**13812345678**", "**138****5678**", id="mobile between stars"),
        pytest.param("13812345678 13987654321", "138******** *******4321", id="two mobiles"),
        pytest.param("2024-05-13 13812345678", "2024-05-13 *******5678", id="mobile behind a date"),
        pytest.param("021-12345678", "021-****5678", id="telephone"),
        pytest.param("（021）62345678", "（021）****5678", id="telephone with brackets"),
        pytest.param("02162345678", "021****5678", id="telephone in one piece"),
        pytest.param("0571-8765432", "0571-***5432", id="telephone of seven digits"),
        pytest.param("+86 21 6234 5678", "+86 21 **** 5678", id="telephone of a country"),
        pytest.param("021-62345678-801", "021-********-801", id="telephone with an extension"),
        pytest.param("310112199001311234", "3101**********1234", id="identity card"),
        pytest.param("31011219900131123x", "3101**********123x", id="identity card with an X"),
        pytest.param("310112 19900131 1234", "3101** ******** 1234", id="identity card with blanks"),
        pytest.param("130102900131123", "1301*******1123", id="old identity card"),
        pytest.param("沪A·12345", "沪A·***45", id="plate"),
        pytest.param("沪a12345", "沪a***45", id="plate in small letters"),
        pytest.param("沪AD12345", "沪A****45", id="plate of a new-energy car"),
        pytest.param("皖Ｂ・１ ２ ３ ４ ５", "皖Ｂ・* * * ４ ５", id="plate in full width"),
        pytest.param("沪A1234学", "沪A***4学", id="plate of a driving school"),
        pytest.param("zhang.san@163.com", "z********@163.com", id="e-mail"),
        pytest.param("a@b.cn", "*@b.cn", id="e-mail of one letter"),
        pytest.param("zhang＠163．com", "z****＠163．com", id="e-mail in full width"),
    ],
)
def test_numbers_of_people_are_hidden(text, shown):
    assert mask(text) == shown
    assert told(text)
    # as part of a sentence as well
    assert mask(f"反映人（{text}），请回电") == f"反映人（{shown}），请回电"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "七宝镇宝南路30号102室",
        "东川路800弄12号",
        "20260131-000042",
        "工单20260131-000042与20260131-000043重复",
        "310112101001",
        "2024-05-13 18:30 至 2024-05-14 06:00",
        "电话12345，110，119，4008123123",
        "类别0501，0501 20260131",
        "121.405000, 31.105000",
        "创新B座1203室，云A栋",
        "新A馆",
        "WH2024-000123",
        "@所有人 a@b",
        "面积12345678901234567890平方米",
        "202401311530001",
    ],
)
def test_other_numbers_stay(text):
    assert mask(text) == text
    assert told(text) == frozenset()


def test_codes_of_cells_stay_though_they_hold_a_date():
    code = "310112101001001"
    assert mask(code) == "3101*******1001"
    assert mask(f"网格{code}", keep=CELLS) == f"网格{code}"
    assert told(code, keep=CELLS) == frozenset()
    assert mask("130102900131123", keep=CELLS) == "1301*******1123"
    assert mask("310112199001311234", keep=CELLS) == "3101**********1234"


def test_kinds_are_told_apart():
    text = "13812345678，310112199001311234，沪A12345，a.b@163.com"
    assert told(text) == {"telephone", "identity", "plate", "e-mail"}


AREAS = ["21", "10", "25", "512", "571", "755"]
FULL = str.maketrans("0123456789X-+", "０１２３４５６７８９Ｘ－＋")
GAPS = ["", "", "", " ", "-", "　", "－", "—", "\u200b", "·", "  ", " - ", ".", "\u00a0"]


@st.composite
def canaries(draw):
    """A number of a person, and one of many ways to write it."""
    digits = draw(st.integers(0, 10**8 - 1).map("{:08d}".format))
    month, day = draw(st.integers(1, 12)), draw(st.integers(1, 31))
    year = draw(st.integers(1930, 2019))
    check = draw(st.sampled_from("0123456789X"))
    mobile = f"1{draw(st.integers(3, 9))}{digits}{draw(st.integers(0, 9))}"
    bare = draw(
        st.sampled_from(
            [
                mobile,
                f"+86{mobile}",
                f"0{draw(st.sampled_from(AREAS))}{draw(st.integers(2, 8))}{digits[1:]}",
                f"310112{year}{month:02d}{day:02d}{digits[:3]}{check}",
                f"430103{year % 100:02d}{month:02d}{day:02d}{digits[:3]}",
                f"{draw(st.sampled_from(PROVINCES))}{draw(st.sampled_from('ABCDEFGHJK'))}{digits[:5]}",
                f"{draw(st.sampled_from(PROVINCES))}A{draw(st.sampled_from('DF'))}{digits[:5]}",
            ]
        )
    )
    written = ""
    for sign in bare:
        gap = draw(st.sampled_from(GAPS)) if written else ""
        written += gap + (sign.translate(FULL) if draw(st.booleans()) else sign)
    return bare, written


def bare_text(text):
    """What somebody reads who copies the letters and digits only."""
    narrow = text.translate(
        {ord(wide): plain for wide, plain in zip("０１２３４５６７８９Ｘ＋", "0123456789X+", strict=True)}
    )
    return re.sub(r"[^0-9A-Za-z@*\u4e00-\u9fff]", "", narrow).upper()


@settings(max_examples=300)
@given(
    canary=canaries(),
    before=st.text("路号，：电话tel abc\n沪", max_size=8),
    after=st.text("路号，。；\n先生 ", max_size=8),
)
def test_no_canary_survives_in_any_writing(canary, before, after):
    bare, written = canary
    shown = mask(before + written + after)
    assert bare.lstrip("+") not in bare_text(shown)
    hidden = sum(a != b for a, b in zip(before + written + after, shown, strict=True))
    assert hidden >= 3


TROUBLE = st.one_of(
    st.text("0139 -·沪A@.x*１", max_size=60),
    st.text("013 5", max_size=60),
    st.lists(
        st.sampled_from(
            [
                *("13812345678", "310112199001311234", "310112900131123", "沪A12345", "沪AB1", "021-62345678"),
                *("a@b.cn", " ", "-", "1", "13", "86", "X", "a", "@163.com", "．", "*", "＋", "学", "310112101001001"),
            ]
        ),
        max_size=8,
    ).map("".join),
    st.text(max_size=60),
)


@settings(max_examples=1000)
@given(TROUBLE)
@example("1381234567 89@x.com")
@example("沪A1234 567@x.com")
@example("沪ABC 13812345678")
@example("沪A12313 812345678")
@example("310112199001011390 1234567")
@example("沪A0000A0101000000")
def test_hiding_twice_is_hiding_once_and_keeps_the_length(text):
    once = mask(text)
    assert mask(once) == once
    assert len(once) == len(text)
    assert all(new in {old, "*"} for old, new in zip(text, once, strict=True))
    assert bool(told(text)) == (once != text)
    assert not told(once)
    assert mask(mask(text, keep=CELLS), keep=CELLS) == mask(text, keep=CELLS)


HOSTILE = [
    "1 3 ",
    "1 9 ",
    "131",
    "3101121990",
    "a",
    "a@",
    "@",
    "沪A1",
    "沪A 1 ",
    " ",
    "1--- ",
    "13812345678 ",
    "a.",
    "021 6",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_length_alone(piece):
    def seconds(length):
        text = (piece * (length // len(piece) + 1))[:length]
        times = []
        for _ in range(3):
            began = time.process_time()
            mask(text)
            times.append(time.process_time() - began)
        return min(times)

    seconds(10_000)
    short, long = seconds(100_000), seconds(400_000)
    # some 10 to 90 ms on two slow processors
    assert short < 0.25
    assert long < 8 * max(short, 0.005)


def test_ordinary_texts_take_microseconds():
    texts = ["七宝镇宝南路30号102室", "路边摆摊", "垃圾桶满溢，味道大", "夜间施工噪声"] * 1250
    began = time.process_time()
    assert [mask(text) for text in texts] == texts
    assert time.process_time() - began < 0.25
