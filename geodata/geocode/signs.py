"""The signs by which the parts of a Chinese address are told apart, as compiled patterns."""

import re

from geodata.geocode.text import HAN, NUMERAL

# A sign that was lost on the way stands in a name like any other.
NAME = HAN + "\ufffd"
TAIL = (
    "高速公路|高架道路|高架路|快速路|国道|省道|县道|公路|大道|大街|高速(?!路)|高架(?!道|路)"
    "|(?<!交叉)(?<!交界)(?<!交汇)(?<!道)路(?!桥|隧道)|街(?![坊道镇心区办]|路(?!口))|巷(?![路口街])|胡同|隧道(?!口)"
    rf"|大桥(?=[出进])|道(?=\d+[弄号])|(?<![{NUMERAL}])弄(?!堂|路(?!口))"
)
ROAD = re.compile(
    rf"(?:[A-Z]\d{{1,4}}[{HAN}]{{0,6}}?|\d{{1,3}}(?:号(?=[路街]|大街))?(?=国道|省道|县道|路|街|大街)|(?!\ufffd+[路街道巷公大高])[{NAME}]{{1,7}}?)(?:{TAIL})"
    r"|[GSXY]\d{2,4}(?![0-9A-Z])"
)
HEADINGS = ("地", "位", "中国", "中华", "详", "联", "收", "公", "注", "现")
HEADING = re.compile(
    "(?:(?:(?:详细|联系|收货|公司|注册|现住)?地址|位于|地处)[:,]?)?(?:(?:中国|中华人民共和国)(?=.{2}市|.{2,3}省))?"
)
PROVINCE = re.compile(
    rf"[{HAN}]{{2,3}}省|[{HAN}]{{2,6}}自治区|(北京|天津|上海|重庆)[,/|]?(?=\1(?:市|[{HAN}]{{2,3}}区))"
)
MUNICIPALITIES = ("北京", "天津", "上海", "重庆")
CITY = re.compile(
    rf"(?:北京|天津|上海|重庆|[{HAN}]{{2,3}}(?<![超城都门菜集夜鱼花]))市(?![场政区集立路街]|民[政生]|中[心学医])"
    # a city that is a province by itself also goes without 市 before its district
    rf"|(?:北京|天津|上海|重庆)(?=[{HAN}]{{2,3}}(?<![业发园小社街景片心])[区县])"
)
DISTRICT = re.compile(
    rf"(?:[上下东西]城(?=区)|[{HAN}]{{2,4}}?(?<![业发园小社城街景校库保验务税假片心范护宅活舍厂镇{NUMERAL}])(?<!高新)(?<!经济))[区县]"
    "(?![东南西北中新老环一二三四五六七八九十]?[路街](?!村))"
)
OTHER_TOWN = re.compile(
    rf"(?:(?![路街])[{HAN}]){{1,4}}?(?:路?街道|街办|(?<![古集])镇|(?<!城)乡|工业区(?=[{HAN}]{{1,4}}村))(?![东南西北中府政]?(?:路|街|公路|大道)|人(?!民[东南西北中]?路)|[区村宅])"
)
PLACEHOLDER = re.compile("(?:其他|其它|无名|未知)(?:道路|路)")
LEAD = re.compile("(?:地址|位于|地处|靠近|临近|近|在)[:,]?")
TOWN_ROAD_END = re.compile("(?:[东南西北中新老]|[一二三四五六七八九十])?(?:路|公路|街(?!道)|大道)")
PLACE_HEAD = re.compile(
    rf"[{HAN}]{{2,8}}?(?:古镇|工业园区|工业园|产业园|开发区|产业区|工业区|园区|保税区|经济区|高新区|度假区|新城|新村|农场|林场|片区|中心区|社区|小区|广场|公园|老街|村)"
    rf"(?![东南西北中支一二三四五六七八九十]?(?:路|公路|街|大道))(?=,?[{HAN}]{{1,6}}?(?:{TAIL}))"
    rf"|(?:(?![路街道弄巷号])[{HAN}]){{2,8}}(?=[GSXY]?\d{{1,4}}(?:号大街|号路|国道|省道|县道))"
)
ASIDE = re.compile(r"\([^()]*\)?")
SIDE = re.compile(r"\([东南西北中]{1,2}\)")
# 北侧 of a carriageway; 北侧50米 and 北侧 at the end are where something lies
CARRIAGEWAY = re.compile(r"([东南西北内外])侧(?!大?约|\d+(?:\.\d+)?米|[(,;、]|$)")
CARRIAGEWAYS = {"东": "E", "南": "S", "西": "W", "北": "N", "内": "inner", "外": "outer"}
JOIN = re.compile(r"(?:[东南西北内外]侧|以[东南西北]{1,2})[、,]?|进|出|与|和|及|跟|靠近|临近|近|、|/|,|&|\+|×|-|转|交")
UNTIL = re.compile("-|至|到|与|和|、")
BETWEEN = re.compile("之间|间|段")
RAMP = re.compile(rf"(?:[往向][{HAN}]{{2,8}}?方向的?)?[上下]?匝道前?")
AT_CROSSING = re.compile("(?:交叉|交界|交汇|交会|相交|十字|丁字)?(?:路口|口处|口|处)(?!岸)|交界|交汇|相交")
COUNT = rf"(?:\d+|[{NUMERAL}]+)"
LANE = re.compile(rf"({COUNT})(?:[-/、,至]{COUNT})*弄(?:[-、至]{COUNT}弄)*(?:-?小区(?=\d)|-(?=\d))?")
SUBLANE = re.compile(rf"({COUNT})支弄")
NUMBER = re.compile(
    rf"([甲乙丙丁])?({COUNT})((?:[甲乙丙丁]|之\d+)?(?:[-/、,至]\d+)*)号(?!楼|线|门(?![前口卫])|桥|口|出口|库|车位|路|街|航站|地块|岗)"
    # what follows: 5号甲, 9号-3, 31号-35号; 9号-301 is a room
    rf"(?:([甲乙丙丁])(?=近|靠|临|[^{HAN}]|$)|((?:[-、,至]\d{{1,5}}号(?!楼|线|[室门房]))+|-\d{{1,2}}(?![\d号室层楼幢栋座单弄期])))?"
)
# 号 left out: at the end, or before a name; 3楼, 2期, 50米 are something else
BARE_NUMBER = re.compile(
    rf"(\d{{1,5}})((?:-\d{{1,5}})?)(?=$|[(,;]|(?![号弄支米公千里层楼室幢栋座组队期区村路街年月日元个人户条步分站口车库之甲乙丙丁]|地块|单元)[{HAN}])"
)
DOOR = re.compile(rf"{COUNT}(?:弄|号(?!楼|线|门|桥|口|出口|库|车位|路|街))")
BUILDING_IN_LANE = re.compile(r"(\d{1,4})((?:[-、,至]\d{1,4})*)(?:号楼|[幢栋])")
COMPASS = "[东西]偏[南北]|[南北]偏[东西]|东南|南东|东北|北东|西南|南西|西北|北西|东|南|西|北"
LETTERS = {"东": "E", "南": "S", "西": "W", "北": "N"}
METRES = rf"(\d+(?:\.\d+)?|[{NUMERAL}]+)(公里|千米|KM|米|M)(?![A-Z])"
OFFSET = re.compile(rf"(?:[往向以偏朝靠])?({COMPASS})(?:侧|面|边|角|方向|方|首)?,?(?:大约|约|近|大概|距离)?{METRES}")
OFFSET_AFTER = re.compile(rf"(?:大约|约|近|距离)?{METRES}(?:处|外)?(?:[往向以偏朝靠的])?({COMPASS})(?![{HAN}])")
DISTANCE = re.compile(rf"(?:大约|约|近){METRES}")
DIRECTION = re.compile(rf"(?:[往向以偏朝靠])?({COMPASS})(?:侧|面|边|角|方向|方|首|(?=[,;(])|$)")
KM_POST = re.compile(
    r"(?:[^0-9约]{0,8}?)(?:(\d+(?:\.\d+)?)(?:公里KM|KM|K|公里)|K(\d+(?:\.\d+)?))(?:(?:\+|处\+)?(\d{1,3})M?(?!米|\d))?"
)
CROSS_NAME = re.compile(
    rf"[进出]([{NAME}]{{2,8}}?)(?=(?:{COMPASS})(?:侧|面|边)?大?约?{METRES})"
    rf"|[与和]([{HAN}]{{2,8}}?)(?=交[叉汇界]路?(?:口|处))"
)
BUILDING = re.compile(
    rf"第?(?:[A-Z]?\d{{1,4}}[A-Z]?|[{NUMERAL}]{{1,3}}|[A-Z])(?:号楼|号厂房|[幢栋座])|[东南西北][幢栋座楼](?![{NUMERAL}])"
)
ROOM = (
    rf"(?:(?:地下|地上|负|[东南西北])?(?:[A-Z]?\d+[A-Z]?(?:[-、][A-Z0-9]+)*|[{NUMERAL}]+|[A-Z])"
    "(?:号楼|幢|栋|楼|层|室|座|单元|组|队|区|号库|号门|号房|号?[商店]铺|号?铺位?|号?车位|号?摊位)"
    r"|(?:[商店]铺|[铺车摊]位)[A-Z]?\d+[A-Z]?(?:-[A-Z0-9]+)*"
    rf"|第(?:\d+|[{NUMERAL}]+)层|\d{{1,2}}F(?![A-Z])|底层|顶层|夹层)"
)
FLOOR_AND_ROOM = re.compile(rf"[-,]?(?:{ROOM}|B\d+层?)(?:{ROOM}|\d{{3,4}}(?![\d号]))?|[-,]?\d{{3,4}}[A-Z]?(?=$|[(,;])")
WHOLE_NAME = re.compile(rf"[{HAN}A-Z0-9·+]*[{HAN}]{{2}}[{HAN}A-Z0-9·+]*")
# what stands before a name and is none of it: a room, a sign, 对面
INSIDE = re.compile(
    rf"{ROOM}|B\d+|\d+(?![\d号])|[-,;:.#、()]|斜?对面|附近|旁边?|隔壁|(?:地下)?(?:停车场|车库)(?=[{HAN}]{{3}})"
)
# the side of a road, which is none of a name either: A路以东、B路以北地块
SIDE_OF_ROAD = re.compile(rf"(?:[{HAN}]{{1,8}}?[路街道河江浜港泾])?以[东南西北]{{1,2}}(?![{HAN}]{{1,2}}[路街])")
INSIDE_LATER = re.compile(
    rf"第(?:\d+|[{NUMERAL}]+)层|(?<!第)(?:{ROOM}|[BL]\d+|[,;:#])|邮编|邮政编码|电话|[A-Z]\d{{1,4}}(?:-\d+)*$|(?<=[厦楼寓场心])\d{{3,4}}$"
)
ANOTHER_DOOR = re.compile(r"[路街道巷弄]\d")
# the way to a place behind a door, which is no name of it
WAY_IN = re.compile(
    "(?:大门)?进门|[东南西北正]?大?门口|大门(?=$|[左右前旁内外])|[东南西北左右]侧|(?:地[下面])?(?:车库|停车库|停车场|停?车位)|地库|电梯|直行|[左右][转拐]"
)
QUOTED = re.compile(rf"[“\"']([{HAN}A-Z0-9·]{{2,20}})[”\"']")
# words for a kind of place, which name none
KIND_ALONE = re.compile(
    "(?:建设|建筑|施工)?工地(?:宿舍)?|(?:小区)?[东南西北]?大?门|小区|住宅|商铺|铺位|地块|码头|边门|[出入进]口|[甲乙丙丁]部"
    "|(?:[东南西北]区)?(?:地库|地?下?车库)[出入]*口?|门卫(?:室|处)?"
)
# a part of an estate that has houses of its own: 桃李路88弄二区, 桃李路88弄海欣花园3期
QUARTER = re.compile(
    rf"弄(?:(?![号库楼层])[{HAN}]){{0,8}}?第?(\d{{1,2}}|[{NUMERAL}]{{1,2}}|[A-Z]|[东南西北中])([区期])(?![{HAN}]*路\d)"
)
TRAILING = re.compile(
    "(?:附近|对面|旁边|旁|[东南西北正]?大?门口|门前|路边|以内|内|里"
    "|(?<!管理|办事|服务|代表|事务|营业|养护|收费)处|停车场|地下车库|车库|底商)+$"
)
GROUP = re.compile(rf"第?({COUNT})(?:村民)?[组队]")
VILLAGE_LIKE = re.compile(rf"[{HAN}]{{1,6}}?(?:新村|村|宅|屯)(?![{HAN}]?(?:路|公路|街))")
VILLAGE_AFTER_ROAD = re.compile(rf"[{NUMERAL}\d]{{0,3}}(?:新村|村)")
# 沈家宅, 石家队, 石家队沈家宅, 石家圈: a part of a village by its own name
HOMESTEAD = re.compile(
    rf"(?:[{HAN}]{{2,3}}队)?[{HAN}]{{1,4}}宅(?!路|街)|[{HAN}]{{2,3}}队(?:[{HAN}]{{2,3}}[头圈浜泾厍埭湾塘角桥]|(?=$|[\d(,]))"
    rf"|[{HAN}]{{2,3}}[圈浜泾厍埭湾塘角桥](?=$|[\d(,])"
)
VILLAGE_GOES_ON = re.compile(
    rf"第?{COUNT}(?:村民)?[组队]|{HOMESTEAD.pattern}|{COUNT}弄|\d{{1,4}}[幢栋]"
    rf"|[甲乙丙丁]?{COUNT}(?:[甲乙丙丁]|[-/、至之]\d+)*号(?!楼|线|门|桥|口|出口|库|车位|路|街|航站|地块|岗)"
)
# a name that has lanes or houses although it does not say what it is: 三石桥124弄, 朱石塘3号
NAME_WITH_DOORS = re.compile(rf"[{HAN}]{{2,8}}?(?=\d+(?:弄|号(?:$|[(,\d])))")
NAME_AND_NUMBER = re.compile(rf"([{HAN}]{{2,10}}?)(\d{{1,4}})号楼?(?=$|[,(\d])")
STREET_DOOR = re.compile(rf"{COUNT}(?:[-、,]\d+)*(?:弄|号(?!楼|线|门|桥|口|出口|库|车位|路|街))")
# the areas before the street that stands in brackets
AREAS = re.compile(
    rf"(?:[{HAN}]{{2,3}}市)?(?:[{HAN}]{{2,4}}?[区县](?![路街]))?(?:[{HAN}]{{1,4}}?(?:街道|镇|乡)(?![路街]))?"
)
NEAR_IN_BRACKETS = re.compile(r"\((?:靠近|临近|近|临)")
NEAR = re.compile("靠近|临近|近|临")
HAS_POSTS = re.compile("高速|国道|省道|公路|高架|大桥|隧道")
HAN_PAIR = re.compile(rf"[{HAN}]{{2}}")
