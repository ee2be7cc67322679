"""The signs by which the parts of a Chinese address are told apart, as compiled patterns."""

import re

from geodata.geocode.text import HAN, NUMERAL

# A sign that was lost on the way stands in a name like any other.
NAME = HAN + "\ufffd"
TAIL = (
    "高速公路|高架道路|高架路|快速路|国道|省道|县道|公路|大道|大街|高速(?!路)|高架(?!道|路)"
    "|(?<!交叉)(?<!交界)(?<!交汇)路(?!桥|隧道)|街(?![坊道镇心区]|路(?!口))|巷(?![路口街])|胡同|隧道(?!口)"
    rf"|大桥(?=[出进])|道(?=\d+[弄号])|(?<![{NUMERAL}])弄(?!堂)"
)
ROAD = re.compile(
    rf"(?:[A-Z]\d{{1,4}}[{HAN}]{{0,6}}?|\d{{1,3}}(?:号(?=[路街]))?(?=国道|省道|县道|路|街)|(?!\ufffd+[路街道巷公大高])[{NAME}]{{1,7}}?)(?:{TAIL})"
    r"|[GSXY]\d{2,4}(?![0-9A-Z])"
)
PROVINCE = re.compile(rf"[{HAN}]{{2,3}}省|[{HAN}]{{2,6}}自治区")
CITY = re.compile(
    rf"(?:北京|天津|上海|重庆|[{HAN}]{{2,3}}(?<![超城都门菜集夜鱼花]))市(?![场政区集立]|民[政生]|中[心学医])"
)
DISTRICT = re.compile(
    rf"[{HAN}]{{2,4}}?(?<![业发园小社城街景校库保验务税假{NUMERAL}])(?<!高新)(?<!经济)[区县](?![{HAN}]?[路街])"
)
OTHER_TOWN = re.compile(
    rf"(?:(?![路街])[{HAN}]){{1,4}}?(?:路?街道|(?<![古集])镇|(?<!城)乡)(?![东南西北中府政]?(?:路|街|公路|大道)|[区人村宅])"
)
PLACEHOLDER = re.compile("(?:其他|其它|无名|未知)(?:道路|路)")
LEAD = re.compile("(?:地址|位于|地处|靠近|临近|近|在)[:,]?")
TOWN_ROAD_END = re.compile("(?:[东南西北中新老]|[一二三四五六七八九十])?(?:路|公路|街(?!道)|大道)")
PLACE_HEAD = re.compile(
    rf"[{HAN}]{{2,8}}?(?:古镇|工业园区|工业园|产业园|开发区|产业区|工业区|园区|保税区|经济区|高新区|度假区|新城|新村|农场|林场|小区|广场|公园|老街|村)"
    rf"(?![东南西北中支一二三四五六七八九十]?(?:路|公路|街|大道))(?=[{HAN}]{{1,6}}?(?:{TAIL}))"
)
ASIDE = re.compile(r"\([^()]*\)?")
SIDE = re.compile(r"\([东南西北中]{1,2}\)")
# 北侧 of a carriageway; 北侧50米 and 北侧 at the end are where something lies
CARRIAGEWAY = re.compile(r"([东南西北内外])侧(?!大?约|\d+(?:\.\d+)?米|[(,;]|$)")
CARRIAGEWAYS = {"东": "E", "南": "S", "西": "W", "北": "N", "内": "inner", "外": "outer"}
JOIN = re.compile(r"(?:[东南西北内外]侧)|进|出|与|和|及|跟|靠近|临近|近|、|/|,|&|\+|转|交")
UNTIL = re.compile("-|至|到|与|和|、")
BETWEEN = re.compile("之间|间|段")
RAMP = re.compile("[上下]?匝道前?")
AT_CROSSING = re.compile("(?:交叉|交界|交汇|交会|相交|十字|丁字)?(?:路口|口处|口|处)(?!岸)")
COUNT = rf"(?:\d+|[{NUMERAL}]+)"
LANE = re.compile(rf"({COUNT})弄")
SUBLANE = re.compile(rf"({COUNT})支弄")
NUMBER = re.compile(
    rf"([甲乙丙丁])?({COUNT})((?:[甲乙丙丁]|之\d+)?(?:[-/、至]\d+)*)号(?!楼|线|门(?![前口])|桥|口|出口|库|车位|路|街|航站|地块|岗)(?:([甲乙丙丁])(?=近|靠|临|[^{HAN}]|$))?"
)
# 号 left out: at the end, or before a name; 3楼, 2期, 50米 are something else
BARE_NUMBER = re.compile(
    rf"(\d{{1,5}})((?:-\d{{1,5}})?)(?=$|[(,;]|(?![号弄支米公千里层楼室幢栋座组队期区村路街年月日元个人户条步分站口车库之甲乙丙丁])[{HAN}])"
)
DOOR = re.compile(rf"{COUNT}(?:弄|号(?!楼|线|门|桥|口|出口|库|车位|路|街))")
BUILDING_IN_LANE = re.compile(r"(\d{1,4})(?:号楼|[幢栋])")
COMPASS = "东南|南东|东北|北东|西南|南西|西北|北西|东|南|西|北"
LETTERS = {"东": "E", "南": "S", "西": "W", "北": "N"}
METRES = rf"(\d+(?:\.\d+)?|[{NUMERAL}]+)(公里|千米|KM|米|M)(?![A-Z])"
OFFSET = re.compile(rf"(?:[往向以偏朝靠])?({COMPASS})(?:侧|面|边|方向|方|首)?,?(?:大约|约|近|大概|距离)?{METRES}")
OFFSET_AFTER = re.compile(rf"(?:大约|约|近|距离)?{METRES}(?:处|外)?(?:[往向以偏朝靠的])?({COMPASS})(?![{HAN}])")
DISTANCE = re.compile(rf"(?:大约|约|近){METRES}")
DIRECTION = re.compile(rf"(?:[往向以偏朝靠])?({COMPASS})(?:侧|面|边|方向|方|首|$)")
KM_POST = re.compile(
    r"(?:[^0-9约]{0,8}?)(?:(\d+(?:\.\d+)?)(?:公里KM|KM|K|公里)|K(\d+(?:\.\d+)?))(?:(?:\+|处\+)?(\d{1,3})M?(?!米|\d))?"
)
CROSS_NAME = re.compile(
    rf"[进出]([{NAME}]{{2,8}}?)(?=(?:{COMPASS})(?:侧|面|边)?大?约?{METRES})"
    rf"|[与和]([{HAN}]{{2,8}}?)(?=交[叉汇界]路?(?:口|处))"
)
BUILDING = re.compile(rf"(?:[A-Z]?\d{{1,4}}[A-Z]?|[{NUMERAL}]{{1,3}}|[A-Z])(?:号楼|[幢栋座])")
ROOM = (
    rf"(?:地下|地上|负)?(?:[A-Z]?\d+[A-Z]?(?:-\d+)?|[{NUMERAL}]+|[A-Z])"
    "(?:号楼|幢|栋|楼|层|室|座|单元|组|队|区|号库|号门)"
)
FLOOR_AND_ROOM = re.compile(rf"[-,]?(?:{ROOM}|B\d+层?)(?:{ROOM}|\d{{3,4}}(?![\d号]))?")
WHOLE_NAME = re.compile(rf"[{HAN}A-Z0-9·]*[{HAN}]{{2}}[{HAN}A-Z0-9·]*")
INSIDE = re.compile(rf"{ROOM}|B\d+|\d+(?![\d号])|[-,;:.#、()]")
INSIDE_LATER = re.compile(rf"(?<!第)(?:{ROOM}|B\d+|[,;:#])")
TRAILING = re.compile("(?:附近|对面|旁边|旁|门口|门前|路边|以内|内|里|处|停车场|地下车库|车库|底商)+$")
GROUP = re.compile(rf"({COUNT})(?:村民)?[组队]")
VILLAGE_LIKE = re.compile(rf"[{HAN}]{{1,6}}?(?:新村|村|宅|屯)(?![{HAN}]?(?:路|公路|街))")
VILLAGE_AFTER_ROAD = re.compile(rf"[{NUMERAL}\d]{{0,3}}(?:新村|村)")
VILLAGE_GOES_ON = re.compile(
    rf"{COUNT}(?:村民)?[组队]|[{HAN}]{{1,4}}宅|{COUNT}弄"
    rf"|[甲乙丙丁]?{COUNT}(?:[甲乙丙丁]|[-/、至之]\d+)*号(?!楼|线|门|桥|口|出口|库|车位|路|街|航站|地块|岗)"
)
HOMESTEAD = re.compile(rf"[{HAN}]{{1,4}}宅(?!路|街)")
NEAR = re.compile("靠近|临近|近|临")
HAS_POSTS = re.compile("高速|国道|省道|公路|高架|大桥|隧道")
HAN_PAIR = re.compile(rf"[{HAN}]{{2}}")
