"""Made-up demands of villages and towns, and what the resources lent to others say to be matched by."""

from datetime import UTC, date, datetime, time, timedelta
from math import dist
from typing import NamedTuple
from zoneinfo import ZoneInfo

from numpy.random import Generator
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.demo import words
from geodata.demo.ground import METRE_SRID, lon_lat, point_element
from geodata.demo.scene import Scene
from geodata.models import Demand, JointMatch, MemberUnit, Project, ProjectEvent, ProjectPartner, Resource
from geodata.services.placing import position_of
from geodata.services.stamps import stamp
from spatial.crs import to_metre

ZONE = ZoneInfo("Asia/Shanghai")


class Terms(NamedTuple):
    """What a resource is matched by: its kind, room for people, hours, for whom, and for how many days from now."""

    kind: str
    room: int | None
    hours: str | None
    audience: str | None = None
    days: int | None = None


TERMS = {
    "多功能会议室": Terms("venue", 80, "Mo-Fr 09:00-17:00"),
    "专家义诊": Terms("free_clinic", 80, "Sa 08:30-11:30", "老年人"),
    "技能实训中心": Terms("training", 40, "Sa 13:00-17:00", "求职青年", 360),
    "错时停车位": Terms("parking", 35, "Mo-Su 18:00-08:00", "周边居民"),
    "健康咨询点": Terms("free_clinic", 30, "We 14:00-16:00"),
    "学校操场周末开放": Terms("sports", 120, "Sa-Su 08:00-18:00", "青少年", 300),
    "社区图书角": Terms("culture", 45, "Tu-Su 09:00-20:00"),
    "律师驻点咨询": Terms("legal", 20, "Th 14:00-17:00"),
    "排练厅": Terms("culture", 30, "Mo-Su 09:00-21:00", "文艺团队"),
    "应急发电车": Terms("equipment", None, "24/7"),
    "企业食堂老年餐": Terms("meals", 60, "Mo-Fr 11:00-12:30", "60岁以上老人"),
    "户外职工驿站": Terms("care", 12, "Mo-Su 09:00-17:00", "户外劳动者"),
    # when the team comes is known to its own words alone
    "物业维修队": Terms("volunteers", None, None, "独居老人"),
    "儿童活动室": Terms("venue", 25, "Mo-Sa 09:00-17:00", "学龄儿童"),
}


class Wish(NamedTuple):
    """A demand: its words, for how many, its state, the days from now on which it is needed, and the area's level."""

    name: str
    kind: str
    audience: str | None
    people: int | None
    details: str
    state: str
    first: int
    last: int | None
    level: str = "village"


# The first is for a village of the sample users' own town, and a hospital close by fits it best.
CLINIC = Wish(
    *("老年人义诊", "free_clinic", "60岁以上老人", 60),
    *("量血压、测血糖、看舌苔，最好有中医科医生，一上午能看完。", "open", 5, 40),
)
WISHES = (
    CLINIC,
    Wish("沿街夜间停车", "parking", "小区居民", 30, "小区车位缺三十个，晚六点到早八点。", "open", 0, None),
    Wish("加装电梯结构评估", "expertise", None, 12, "六个楼道想加装电梯，请专业单位上门评估。", "open", 3, 60),
    Wish("青年技能培训", "training", "求职青年", 35, "电工、焊工初级班，周末上课。", "matched", 10, 70, "town"),
    Wish("居民议事场地", "venue", None, 40, "每季度一次居民代表会，要有投影。", "met", -60, -30),
    Wish("暑期书法班", "culture", "学龄儿童", 20, "已由居民自办。", "withdrawn", -40, -5),
    Wish("长者午餐", "meals", "高龄独居老人", 150, "工作日午餐，可送到楼下。", "open", 2, 120),
    Wish("法律咨询进小区", "legal", None, 15, "婚姻、物业纠纷居多，晚间或周四下午。", "open", 1, 30),
    Wish("合唱队排练场地", "culture", "文艺团队", 28, "每周两个半天，要有钢琴。", "open", 0, 90),
    Wish("楼道灯维修", "volunteers", None, None, "老楼楼道灯坏了二十多盏。", "open", -20, -2),
    Wish("无障碍坡道设计", "expertise", None, None, "三个楼门口要做坡道。", "open", 7, 45),
    Wish("困难家庭学习辅导", "care", "学龄儿童", 24, "暑假每周三次，需要大学生志愿者。", "open", 20, 80),
    Wish("防汛沙袋和水泵", "equipment", None, None, "汛期前备齐，地下车库两处。", "open", 10, 100, "town"),
    Wish("青少年篮球场地", "sports", "青少年", 40, "周末下午，三个月。", "matched", 5, 95),
    Wish("社区口腔检查", "free_clinic", "学龄儿童", 50, "结合开学前体检。", "met", -90, -45),
    Wish("反诈知识讲座", "training", "老年人", 60, "讲两场，一场在活动室。", "met", -50, -20),
    Wish("户外劳动者歇脚点", "care", "户外劳动者", 12, "要能热饭、充电、饮水。", "met", -120, -60, "town"),
    Wish("邻里节演出", "culture", None, 300, "舞台和音响。", "matched", 15, 20, "town"),
    Wish("广场舞音响", "equipment", None, None, "居民协商后改用耳机。", "withdrawn", -70, -30),
    Wish("地下空间夜间停车", "parking", None, 80, "已与物业谈妥。", "withdrawn", -30, 30, "town"),
)
FEW = 6

# The joint of a project that meets a demand of a kind; the others are welfare.
JOINT_OF = {"training": "talent", "venue": "governance", "culture": "culture"}

OUTCOMES = {
    "venue": "议事会开了两次，议定事项九件",
    "free_clinic": "检查儿童48人，转诊5人",
    "training": "讲了两场，到场112人",
    "care": "歇脚点挂牌，日均接待30人次",
}


def add_demands(session: Session, scene: Scene) -> None:
    """Terms of the resources there are, then demands; those that are matched or met have their projects."""
    chance = scene.chance("demands")
    lent = {one.name: one for one in session.scalars(select(Resource).order_by(Resource.code))}
    for name, one in lent.items():
        _set_terms(one, TERMS[name], scene)
    home = _near_a_hospital(session, scene, lent["专家义诊"])
    made = []
    for number, wish in enumerate(WISHES[:FEW] if scene.is_small else WISHES, start=1):
        village = home if wish is CLINIC else _village(chance, scene)
        made.append((wish, _demand(chance, scene, number, wish, village)))
    session.add_all(one for _wish, one in made)
    session.flush()
    for wish, demand in made:
        if wish.state in {"matched", "met"}:
            _bring_together(session, demand, _lender(list(lent.values()), wish.kind))
    _decline(session, scene, made[1][1], lent["多功能会议室"])
    for model in (Demand, Project):
        stamp(session, model)


def _set_terms(one: Resource, terms: Terms, scene: Scene) -> None:
    one.kind_code, one.capacity_count = terms.kind, terms.room
    one.hours, one.audience = terms.hours, terms.audience
    if terms.days is not None:
        one.valid_from = _day(scene, -100)
        one.valid_to = _day(scene, terms.days)


def _near_a_hospital(session: Session, scene: Scene, clinic: Resource) -> str:
    """The village of the home town that a hospital is nearest to, which from now on holds the clinic."""
    wanted = select(MemberUnit).where(MemberUnit.kind == "hospital", MemberUnit.geom.is_not(None), MemberUnit.is_active)
    pairs = []
    for unit in session.scalars(wanted.order_by(MemberUnit.code)):
        place = position_of(unit.geom)
        if place is None:
            continue
        x, y = to_metre([place[0]], [place[1]], METRE_SRID)
        for village in scene.villages_of(scene.home):
            metres = dist((float(x[0]), float(y[0])), scene.land.villages[scene.number_of(village)].centre)
            pairs.append((metres, unit.code, village, unit.id))
    if not pairs:
        return scene.villages_of(scene.home)[0]
    _metres, _code, village, clinic.unit_id = min(pairs)
    return village


def _village(chance: Generator, scene: Scene) -> str:
    return scene.codes.villages[int(chance.integers(len(scene.codes.villages)))]


def _demand(chance: Generator, scene: Scene, number: int, wish: Wish, village: str) -> Demand:
    is_towns = wish.level == "town"
    made = Demand(
        code=f"D{number:03d}",
        name=wish.name,
        kind_code=wish.kind,
        level=wish.level,
        area_code=f"{village[:9]}000" if is_towns else village,
        details=wish.details,
        audience=wish.audience,
        people=wish.people,
        needed_from=_day(scene, wish.first),
        needed_until=None if wish.last is None else _day(scene, wish.last),
        state=wish.state,
        posted_by="town" if is_towns else "officer",
        posted_at=_moment(scene, min(wish.first, 0) - 5 - number),
    )
    # about half are wanted at a place, the others anywhere in the village
    if number % 2 == 1:
        lon, lat = lon_lat(*scene.spots.house(chance, scene.number_of(village)))
        made.geom, made.raw_x, made.raw_y = point_element(lon, lat), lon, lat
        made.datum, made.datum_evidence, made.accuracy_m, made.place_level = "wgs84", "declared", 10.0, "given"
    return made


def _lender(lent: list[Resource], kind: str) -> Resource:
    """The first resource of a kind, else the first there is."""
    return next((one for one in lent if one.kind_code == kind), lent[0])


def _bring_together(session: Session, held: Demand, offered: Resource) -> None:
    """The match that was accepted for a demand, and the project that came of it: one that there is takes its words."""
    is_met = held.state == "met"
    stages = ("done",) if is_met else ("agreed", "running")
    wanted = select(Project).where(
        Project.demand_id.is_(None), Project.stage.in_(stages), Project.level.in_(("town", "village"))
    )
    project = session.scalars(wanted.order_by(Project.level != held.level, Project.code.desc()).limit(1)).one()
    mate = session.get(ProjectPartner, (project.id, offered.unit_id))
    if mate is not None:
        session.delete(mate)
    project.demand_id, project.name, project.lead_unit_id = held.id, held.name, offered.unit_id
    alike = select(func.count()).select_from(Project).where(Project.joint == project.joint)
    if (session.scalar(alike) or 0) > 1:
        # the last of its joint stays what it is
        project.joint = JOINT_OF.get(held.kind_code, "welfare")
    if is_met:
        project.outcome, project.people_served = OUTCOMES[held.kind_code], held.people
    # it is wanted where the project is, and was asked for before that began
    held.level, held.area_code = project.level, project.area_code or words.CODE
    held.geom, held.raw_x, held.raw_y = project.geom, project.raw_x, project.raw_y
    held.datum, held.datum_evidence = project.datum, project.datum_evidence
    held.accuracy_m, held.place_level = project.accuracy_m, project.place_level
    first = select(ProjectEvent.at).where(ProjectEvent.project_id == project.id).order_by(ProjectEvent.seq).limit(1)
    at = session.scalars(first).one()
    held.posted_at = at - timedelta(days=2)
    session.flush()
    _match(session, held, offered, state="accepted", at=at, project_id=project.id)


def _decline(session: Session, scene: Scene, held: Demand, offered: Resource) -> None:
    at = _moment(scene, -1)
    _match(session, held, offered, state="declined", at=at, note="会议室晚间不开放，停不了车")


def _match(
    session: Session,
    held: Demand,
    offered: Resource,
    *,
    state: str,
    at: datetime,
    project_id: int | None = None,
    note: str | None = None,
) -> None:
    is_same = held.kind_code == offered.kind_code
    word = {"word": "same_kind", "facts": {"kind": held.kind_code}}
    other = {"word": "other_kind", "facts": {"kind": offered.kind_code, "wanted": held.kind_code}}
    match = JointMatch(
        demand_id=held.id,
        resource_id=offered.id,
        state=state,
        reasons=[word if is_same else other],
        project_id=project_id,
        note=note,
        decided_by="town",
        at=at,
    )
    session.add(match)


def _day(scene: Scene, days: int) -> date:
    return scene.now.date() + timedelta(days=days)


def _moment(scene: Scene, days: int) -> datetime:
    return datetime.combine(_day(scene, days), time(9, 30), tzinfo=ZONE).astimezone(UTC)
