"""The search field's answers over 20,000 units, 100,000 places and 1,000,000 tickets.

    python benchmarks/search.py [--rounds 3] [--write] [--keep FOLDER]

A private server is started in a temporary folder and stopped at the end. The ground is that of scratch_district.py;
names and tickets are seeded and made of few signs, so that short words stand in thousands of names and some words
only in old tickets. The questions are what people type, letter by letter: names, initials, pinyin, codes, addresses,
coordinates, nonsense. Each goes through the whole application (`/api/search`) as a signed-in reader of tickets, beside
a plain scan of the same records for the same text, so that both see the same load of the machine. What was promised:

    95 of 100 answers within 50 ms

With `--write` the figures go into docs/benchmarks.md.
"""

import argparse
import os
import platform
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from figures import write
from flask.testing import FlaskClient
from pypinyin import lazy_pinyin
from scratch_district import SIDE_M, SOUTH, SRID, WEST, folder_for, scratch
from sqlalchemy import Engine, text

from geodata.db import open_engine, session_on
from geodata.geocode.gazetteer import entry_parts
from geodata.services.search import refresh
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app

HEADING = "## Search"

UNIT_COUNT, PLACE_COUNT, TICKET_COUNT = 20_000, 100_000, 1_000_000
LIMIT_MS = 50

STEMS = (
    "东川莘庄七宝梅陇虹桥浦江吴泾颛桥马桥华漕江川古美新龙柏田园春申沪闵都市剑银漕宝临河中山人民解放建设和平文化友谊长宁平阳"
    "兰坪鹤庆瑞丽安宁景谷红旗向阳光明星辰金银花木兰桂竹松云南北西湖海天地水石桥头湾港湖畔丽景苑庭锦绣锦江御城府上尚品"
)
KINDS = {
    "school": ("小学", "中学", "幼儿园", "实验学校"),
    "hospital": ("医院", "社区卫生服务中心"),
    "enterprise": ("有限公司", "科技有限公司", "上海分公司"),
    "property": ("物业管理有限公司", "物业管理处"),
    "market": ("菜市场", "集贸市场"),
    "shop": ("超市", "便利店", "KFC店", "小吃店"),
}
PLACE_ENDS = ("小区", "花园", "新村", "公园", "广场", "大厦", "公寓", "苑", "停车场", "地铁站", "公交站", "Plaza")
ISSUES = (
    *(
        "垃圾桶满溢",
        "占道经营",
        "路灯不亮",
        "违章停车",
        "井盖破损",
        "暴露垃圾",
        "非法小广告",
        "噪音扰民",
        "绿化损坏",
        "道路积水",
    ),
    *(
        "楼道堆物",
        "群租",
        "乱晾晒",
        "共享单车乱停放",
        "高空抛物",
        "消防通道堵塞",
        "污水外溢",
        "油烟扰民",
        "流浪犬只",
        "护栏损坏",
    ),
)
# words that stand in old tickets only, and in many of them
OLD_ISSUES = ("核酸检测排队", "口罩随意丢弃")
OLD_SHARE = 0.4

PLACE = f"""ST_Transform(
        ST_SetSRID(ST_MakePoint({WEST} + {SIDE_M} * random(), {SOUTH} + {SIDE_M} * random()), {SRID}), 4326)"""

UNITS = text(f"""
    INSERT INTO member_unit (code, name, kind, geom)
    SELECT code, name, kind, {PLACE}
      FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]), CAST(:kinds AS text[])) AS u (code, name, kind)
""")

PLACES = text(f"""
    INSERT INTO gazetteer_entry (kind, name, name_norm, road, cross_road, lane, number, source, accuracy_m, geom)
    SELECT p.*, 'bench', 10, {PLACE}
      FROM unnest(CAST(:kinds AS text[]), CAST(:names AS text[]), CAST(:norms AS text[]), CAST(:roads AS text[]),
                  CAST(:cross_roads AS text[]), CAST(:lanes AS text[]), CAST(:numbers AS text[])) AS p
""")

# Twenty-four months, in the order in which they were reported but for some that came late.
TICKETS = text(f"""
    INSERT INTO ticket (number, source, category_code, title, address, state, reported_at, due_at, geom)
    SELECT 'G' || to_char(r.at, 'YYYYMM') || '-' || lpad(CAST(r.i AS text), 7, '0'), 'bench', '0501',
           r.road || r.door || '号旁' || CASE WHEN r.i < :old AND r.w < 0.3 THEN r.was ELSE r.issue END,
           r.road || r.door || '号', 'closed', r.at, r.at + INTERVAL '3 days', {PLACE}
      FROM (SELECT t.*, TIMESTAMPTZ '2024-01-01' + (t.i - 3000 * floor(t.w + 0.02)) * CAST(:step AS interval) AS at,
                   (CAST(:roads AS text[]))[1 + CAST(floor(t.u * :road_count) AS integer)] AS road,
                   1 + CAST(floor(1999 * t.v) AS integer) AS door,
                   (CAST(:issues AS text[]))[1 + CAST(floor(:issue_count * t.x * t.x) AS integer)] AS issue,
                   (CAST(:old_issues AS text[]))[1 + t.i % 2] AS was
              FROM (SELECT i, random() AS u, random() AS v, random() AS w, random() AS x
                      FROM generate_series(1, :count) AS i) AS t) AS r
""")

PLAIN_NAMES = text("""
    SELECT kind, key
      FROM search_name
     WHERE strpos(name, :word) > 0
     ORDER BY length(name), name, key
     LIMIT 12
""")

PLAIN_TICKETS = text("""
    SELECT number
      FROM ticket
     WHERE strpos(lower(title), :word) > 0 OR strpos(lower(address), :word) > 0
     ORDER BY reported_at DESC, number DESC
     LIMIT 6
""")


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=3, help="askings of each question")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the district, kept for the next run")
    given = reader.parse_args()
    with folder_for(given.keep) as folder, scratch(folder, cell_m=100):
        section = measure(Settings(data_dir=folder), rounds=given.rounds)
    print(section)  # noqa: T201 - what a benchmark is for
    if given.write:
        write(section)


def measure(settings: Settings, *, rounds: int) -> str:
    """All questions on a district, as the section of the document."""
    engine = open_engine(settings)
    made_s = fill(engine, units=UNIT_COUNT, places=PLACE_COUNT, tickets=TICKET_COUNT)
    ask = asker(settings, engine)
    questions = list(typed())
    for _shape, question in questions:
        ask(question)
    taken: dict[str, list[float]] = defaultdict(list)
    for _round in range(rounds):
        for shape, question in questions:
            begun = time.perf_counter()
            ask(question)
            taken[shape].append(1000 * (time.perf_counter() - begun))
    plain = list(scanned(engine, [question for shape, question in questions if shape.startswith("Chinese")][::8]))
    engine.dispose()
    return told(taken, plain, asked=len(questions), rounds=rounds, made_s=made_s)


# -- the records ----------------------------------------------------------------------------------


def fill(engine: Engine, *, units: int, places: int, tickets: int) -> float | None:
    """Units, places and tickets, each with its names; seconds of making the names, None where all were there."""
    chance = random.Random(7)  # noqa: S311 - the same names each time
    roads = road_names(chance, 400)
    with session_on(engine) as session:
        if session.execute(text("SELECT EXISTS (SELECT FROM ticket)")).scalar_one():
            return None
        session.execute(text("SELECT setseed(0.25)"))
        kinds = [chance.choice(list(KINDS)) for _ in range(units)]
        names = [f"{stem(chance)}{chance.choice(KINDS[kind])}" for kind in kinds]
        session.execute(UNITS, {"codes": [f"MH{n:06}" for n in range(units)], "names": names, "kinds": kinds})
        chosen = [place_name(chance, roads) for _ in range(places)]
        columns = [list(column) for column in zip(*(entry_parts(name) for name in chosen), strict=True)]
        session.execute(
            PLACES, dict(zip(("kinds", "norms", "roads", "cross_roads", "lanes", "numbers"), columns, strict=True))
            | {"names": chosen}
        )  # fmt: skip
        session.execute(
            TICKETS,
            {
                "count": tickets,
                "old": OLD_SHARE * tickets,
                "roads": roads,
                "road_count": len(roads),
                "issues": list(ISSUES),
                "issue_count": len(ISSUES),
                "old_issues": list(OLD_ISSUES),
                "step": f"{2 * 365 * 86400 / tickets} seconds",
            },
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    with session_on(engine) as session:
        begun = time.perf_counter()
        refresh(session)
        taken = time.perf_counter() - begun
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return taken


def stem(chance: random.Random) -> str:
    """Two to five signs that could be a name."""
    return "".join(chance.choice(STEMS) for _ in range(chance.choice((2, 2, 3, 4, 5))))


def road_names(chance: random.Random, count: int) -> list[str]:
    """Names of roads, each once."""
    return sorted({f"{stem(chance)[:3]}{chance.choice('路路路街')}" for _ in range(count)})


def place_name(chance: random.Random, roads: Sequence[str]) -> str:
    """A door, a crossing, or a place with a name of its own."""
    kind = chance.random()
    if kind < 0.4:
        return f"{chance.choice(roads)}{chance.randint(1, 1999)}号"
    if kind < 0.43:
        return f"{chance.choice(roads)}{chance.choice(roads)}"
    return f"{stem(chance)}{chance.choice(PLACE_ENDS)}"


# -- the questions --------------------------------------------------------------------------------


def typed() -> Iterator[tuple[str, str]]:
    """Shape and text of each question, the same each time."""
    chance = random.Random(11)  # noqa: S311 - the same questions each time
    roads = road_names(random.Random(7), 400)  # noqa: S311 - those of the records
    names = [f"{stem(chance)}{chance.choice(PLACE_ENDS[:11])}" for _ in range(12)] + [
        *("莘庄地铁站", "东川路小学", "有限公司", "物业管理处", "社区卫生服务中心"),
        *("垃圾桶满溢", "核酸检测排队", "口罩随意丢弃"),
    ]
    for length in range(1, 7):
        for name in names[length % 2 :: 2]:
            yield f"Chinese, {length}", name[:length]
    for word in ("公司", "小区", "路", "号", "1号", "上海", "站", "中学", "核酸", "口罩丢", "号旁", "路1"):
        yield "Chinese, many hits", word
    for name in names[:10]:
        letters = lazy_pinyin(name)
        for length in (1, 2, 3, 4, 6):
            yield "initials", "".join(syllable[0] for syllable in letters)[:length]
        yield "pinyin", "".join(letters)
        yield "pinyin", "".join(letters)[: chance.randint(3, 9)]
    for number in range(10):
        yield (
            "codes",
            ("MH", "mh0", "MH0001", f"mh{number:06}", "990101", f"99010100{number}", "g2025", "G202412-0")[number % 8],
        )
        yield "coordinates", f"{121.3 + number / 50:.4f},{31.1 + number / 70:.4f}"
        yield "addresses", f"{chance.choice(roads)}{chance.randint(1, 1999)}号"
        yield "addresses", f"上海市闵行区{chance.choice(roads)}{chance.randint(1, 1999)}弄{number + 1}号"
        yield "nonsense", "".join(chance.choice("qxzvwjk") for _ in range(2 + 2 * number))
        yield "nonsense", "".join(chance.choice("龘靐齉爨灪癵麤纞鱻厵") for _ in range(1 + number))
    for word in ("plaza", "Plaz", "kfc", "KFC店", "lazap", "the plaza", "p", "k", "莘庄Plaza", "𠮷野家", "𠮷", "🙂🙂"):
        yield "Latin and rare signs", word


def asker(settings: Settings, engine: Engine) -> Callable[[str], None]:
    """A function that asks through the whole application, as a reader of tickets."""
    app = create_app(settings, engine=engine)
    app.config["WTF_CSRF_ENABLED"] = False
    with session_on(engine) as session:
        if not session.execute(text("SELECT EXISTS (SELECT FROM user_account)")).scalar_one():
            add_user(session, "reader", password="a long password", role="viewer")  # noqa: S106 - a made-up one
    browser = app.test_client()
    if browser.post("/login", data={"name": "reader", "password": "a long password"}).status_code != 302:
        message = "nobody signed in"
        raise AssertionError(message)
    return lambda question: answered(browser, question)


def answered(browser: FlaskClient, question: str) -> None:
    """One question and its answer, which must be one."""
    answer = browser.get("/api/search", query_string={"q": question})
    if answer.status_code != 200:
        raise AssertionError((question, answer.status_code))


def scanned(engine: Engine, questions: Sequence[str]) -> Iterator[float]:
    """Milliseconds of a plain scan of names and tickets, question by question."""
    with session_on(engine) as session:
        session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
        for question in questions:
            begun = time.perf_counter()
            session.execute(PLAIN_NAMES, {"word": question}).all()
            session.execute(PLAIN_TICKETS, {"word": question}).all()
            yield 1000 * (time.perf_counter() - begun)


# -- the telling ----------------------------------------------------------------------------------


def told(
    taken: dict[str, list[float]],
    plain: list[float],
    *,
    asked: int,
    rounds: int,
    made_s: float | None,
) -> str:
    """The section of the document."""
    together = [ms for shape in taken.values() for ms in shape]
    lines = [
        HEADING,
        "",
        (
            f"Written by `python benchmarks/search.py --write` on {time.strftime('%Y-%m-%d', time.gmtime())}: "
            f"{UNIT_COUNT:,} units, {PLACE_COUNT:,} places and {TICKET_COUNT:,} tickets; {asked} questions, "
            f"{rounds} rounds, through the whole application. {os.cpu_count()} processors ({platform.machine()}), "
            f"load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}."
        ),
        "",
        "| Question | Asked | p50 ms | p95 ms | Slowest ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for shape, times in [*taken.items(), ("all", together)]:
        lines.append(
            f"| {shape} | {len(times)} | {statistics.median(times):.1f} | {high(times):.1f} | {max(times):.1f} |"
        )
    lines += [
        "",
        f"A plain scan of names and tickets for a text takes {statistics.median(plain):,.0f} ms in the same minutes.",
    ]
    if made_s is not None:
        lines.append(f"The names of all records were made in {made_s:.0f} s.")
    lines += ["", "| Goal | At most | Measured | |", "| --- | ---: | ---: | ---: |"]
    value = high(together)
    lines.append(
        f"| 95 of 100 answers, ms | {LIMIT_MS} | {value:.1f} | {'met' if value <= LIMIT_MS else '**missed**'} |"
    )
    return "\n".join(lines) + "\n"


def high(taken: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
