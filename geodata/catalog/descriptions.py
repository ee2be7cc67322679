"""What each published collection holds, in a sentence and in two languages."""

from collections.abc import Mapping
from typing import NamedTuple


class Description(NamedTuple):
    """A sentence in Chinese and in English."""

    zh: str
    en: str


DESCRIPTIONS: Mapping[str, Description] = {
    "districts": Description("本区的区界，今日有效的一版。", "The outline of the district as it is today."),
    "towns": Description(
        "街道、镇和工业区的界线，今日有效的一版。", "Outlines of towns and subdistricts as they are today."
    ),
    "villages": Description(
        "居委会和村委会的界线，附所属街镇；尚无界线的也在其中。",
        "Outlines of residential and village committees with their towns; those without an outline yet are among them.",
    ),
    "grid_cells": Description(
        "按米制坐标切分的单元网格，附街镇、居村编码。", "Cells of the metric grid with their codes, towns and villages."
    ),
    "duty_grids": Description(
        "由若干单元网格合成的责任网格；编码在各自体系内唯一。",
        "Grids made of cells for those who walk them; a code is a grid's own within its scheme.",
    ),
    "regions": Description("责任片区及其责任单位。", "Regions of responsibility and the units that answer for them."),
    "blocks": Description(
        "责任区块、责任单位和服务团队。", "Responsibility blocks with their holders and service teams."
    ),
    "points": Description("责任点、责任单位和责任半径。", "Responsibility points with their holders and radii."),
    "duty_teams": Description(
        "服务团队及其服务地面、递补单位和近期值班。",
        "Service teams with their ground, deputies and next turns of duty.",
    ),
    "units": Description("驻区单位及其类型、地址和所在网格。", "Member units with their kind, address and cell."),
    "tickets": Description(
        "治理工单：类别、状态、期限、承办单位；按登录者的范围给出。",
        "Governance tickets: kind of issue, state, deadline, unit; as far as whoever asks may see them.",
    ),
    "gaps": Description("覆盖计算得出的空白地块，按面积排名。", "Ground that no unit covers, by rank of its area."),
    "coverage_towns": Description("各街镇的单位覆盖率。", "Share of each town that units cover."),
    "coverage_villages": Description("各居村的单位覆盖率。", "Share of each village that units cover."),
    "coverage_cells": Description("每个单元网格到最近单位的距离。", "Distance from each cell to the nearest unit."),
    "projects": Description(
        "六联共建项目；没有自己位置的画在牵头单位处。",
        "Projects of the six joints; without a place of their own they stand at the unit that leads them.",
    ),
    "resources": Description("单位共享的场地、设施和服务。", "Rooms, equipment and services that units share."),
    "demands": Description("居村提出的需求及其满足情况。", "What villages and towns ask for, and whether it is met."),
    "pledges": Description("单位认领的承诺及其时段和范围。", "What units have pledged, with hours and ground."),
    "meetings": Description("会商会议及其议定事项的落实。", "Meetings and how their resolutions are carried out."),
    "whistle_calls": Description(
        "吹哨报到：召集、到场和后续任务；按登录者的范围给出。",
        "Whistle calls: who was called, who came, what follows; as far as whoever asks may see them.",
    ),
    "registrations": Description(
        "居村双报到的数量，不含个人。", "Counts of double registration by village, of nobody in person."
    ),
    "registrations_of_towns": Description(
        "街镇双报到的数量，不含个人。", "Counts of double registration by town, of nobody in person."
    ),
    "unit_density": Description("各居村的单位数量与密度。", "Units of each village, and how many per km²."),
    "green": Description("底图的绿地。", "Green of the base map."),
    "water": Description("底图的水面。", "Water of the base map."),
    "waterways": Description("底图的河道中心线。", "Watercourses of the base map."),
    "buildings": Description("底图的建筑轮廓。", "Outlines of buildings of the base map."),
    "rails": Description("底图的轨道线。", "Railways of the base map."),
    "roads": Description("底图的道路中心线。", "Roads of the base map."),
}
