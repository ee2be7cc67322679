"""Names of a district that does not exist. Any likeness to a real place is chance."""

# Number that no list of district codes holds.
CODE = "990101"
NAME = "望澜区"
NAME_EN = "Wanglan (made up)"
WITHIN = ("沧浦市",)

TOWNS = (
    *("鹤影街道", "桂雨街道", "听涛街道", "晴岚街道", "云帆街道", "银汀街道", "落星镇"),
    *("白石渡镇", "青禾镇", "梅坞镇", "芦洲镇", "枫桥里镇", "沙汀镇"),
)

VILLAGES = (
    *("晨曦", "暮云", "栖霞里", "竹影", "松月", "兰汀", "荷风", "芷园", "柳浪", "榆荫"),
    *("桐花", "杏林", "棠溪", "蓼汀", "菱塘", "莲渡", "萍洲", "苇岸", "鸥渚", "鹭汀"),
    *("雁栖", "鹊桥里", "燕归", "莺啼", "鹤鸣", "麦香", "稻浪", "棉田", "桑梓", "茶坡"),
    *("石鼓", "石桥", "铁塔", "砖窑", "瓦舍", "木排", "竹排", "渔歌", "樵风", "牧笛"),
    *("南浦", "北渡", "东篱", "西窗", "中洲", "前湾", "后湾", "上塘", "下塘", "横泾"),
    *("长堤", "短亭", "高岗", "平畴", "圆沙", "方塘", "曲水", "直河", "浅滩", "深柳"),
    *("春晓", "夏荫", "秋实", "冬青", "朝晖", "晚晴", "星河", "月华", "云起", "雨霁"),
    *("风和", "霜林", "雪浪", "雾屿", "虹桥头", "霓裳", "岚山", "峰回", "谷雨", "清明"),
    *("立夏", "白露", "惊蛰", "小满", "芒种"),
)

ROADS_EAST = ("云杉路", "白桦路", "青枫路", "银杏路", "丹桂路", "紫藤路", "香樟路", "海棠路")
ROADS_NORTH = ("听雨路", "观潮路", "揽星路", "拾光路", "衔山路", "枕流路", "踏浪路", "迎晖路", "沐风路")

RIVER = "望澜江"
CANALS = ("白鹭河", "青芦港", "稻香塘", "月牙浜", "长亭港")
RAIL = "望澜铁路"
PARKS = (
    "观鹤公园",
    "听松公园",
    "揽月公园",
    "芳洲公园",
    "栖云公园",
    "百草园",
    "映荷公园",
    "枫林公园",
    "晚香园",
    "鸥鹭公园",
)

ESTATE_ENDS = ("苑", "花园", "新村", "公寓", "名邸", "家园")

BRANDS = (
    *("泽朗", "禾盛", "锦曜", "恒澜", "瑞汀", "嘉渡", "宏屿", "晟谷", "沐禾", "启澄", "润岚", "盈川"),
    *("朗晴", "映川", "卓屿", "信泽", "同济里", "百汇", "三叶", "五洲里", "七彩", "九如", "四季", "双溪"),
)

# How many open tickets a unit of each kind takes at a time (None: no limit).
CAPACITY = {
    "government": None,
    "police": 12,
    "urban_management": 14,
    "school": 2,
    "hospital": 3,
    "enterprise": 3,
    "property": 6,
    "market": 4,
    "shop": 2,
    "station": 2,
    "construction": 4,
    "sanitation": 14,
    "utility": 10,
    "community": 6,
    "bank": 2,
    "culture": 3,
    "other": None,
}

# What units of the district are called, and those of towns: after the district, a town, a village or a brand.
OF_DISTRICT = {
    "government": (
        *("望澜区政务服务中心", "望澜区市场监督管理局", "望澜区民政局", "望澜区教育局", "望澜区生态环境局"),
        "望澜区档案馆",
    ),
    "utility": ("望澜供电公司", "望澜自来水公司", "望澜燃气公司", "望澜公交公司", "望澜通信公司", "望澜排水公司"),
    "hospital": ("望澜区中心医院", "望澜区中医医院", "望澜区妇幼保健院", "望澜区第二医院", "望澜区康复医院"),
    "culture": ("望澜区文化馆", "望澜区图书馆", "望澜区体育中心", "望澜区博物馆", "望澜区青少年活动中心"),
    "bank": ("{brand}银行望澜支行", "{brand}农商银行望澜支行"),
    "enterprise": ("{brand}集团有限公司", "{brand}产业园运营有限公司"),
}
OF_TOWN = {
    "police": ("{town}派出所",),
    "urban_management": ("{town}城管中队",),
    "sanitation": ("{town}环卫所",),
    "community": ("{town}社区服务中心",),
    "property": tuple(f"{{brand}}{end}物业服务处" for end in ESTATE_ENDS),
    "shop": ("{brand}便利店", "{brand}超市", "{brand}药房", "{brand}餐厅", "{brand}五金店", "{brand}理发店"),
    "enterprise": ("{brand}科技有限公司", "{brand}商贸有限公司", "{brand}物流有限公司", "{brand}食品有限公司"),
    "school": ("{village}小学", "{village}中学", "{village}幼儿园", "{village}实验学校"),
    "market": ("{village}菜市场", "{village}集贸市场", "{village}建材市场"),
    "construction": ("{brand}建设工程项目部", "{brand}市政工程项目部", "{brand}装饰工程项目部"),
    "bank": ("{brand}银行{town}支行", "{brand}银行{village}网点"),
    "station": ("{village}加油站", "{village}充电站"),
    "hospital": ("{town}社区卫生服务中心", "{village}卫生服务站"),
    "culture": ("{town}文化活动中心", "{village}综合文化活动室", "{village}图书室"),
    "other": ("{brand}社会工作服务社", "{brand}志愿服务中心"),
}
MANY = ("property", "shop", "enterprise", "construction", "school", "market", "station")
# Where all these are given: one more of the same.
ONE_MORE = ("{last}（{town}）", "{last}（东区）", "{last}（西区）", "{last}（南区）", "{last}（北区）")
# Those that have only just told their address.
NEWCOMERS = {
    "shop": "{brand}生活馆",
    "enterprise": "{brand}文化传播有限公司",
    "property": "{brand}新苑物业服务处",
    "market": "{brand}生鲜市场",
    "bank": "{brand}银行社区支行",
}

# In the notation of OpenStreetMap; an empty one is a unit whose hours nobody has told.
HOURS = {
    "government": "Mo-Fr 09:00-17:00",
    "police": "24/7",
    "urban_management": "Mo-Su 06:30-22:30",
    "school": "Mo-Fr 07:30-17:30",
    "hospital": "Mo-Su 08:00-20:00",
    "enterprise": "Mo-Fr 09:00-18:00",
    "property": "Mo-Su 07:00-22:00",
    "market": "Mo-Su 05:30-19:00",
    "shop": "Mo-Su 09:00-21:00",
    "station": "24/7",
    "construction": "Mo-Sa 07:00-18:00",
    "sanitation": "Mo-Su 05:00-21:00",
    "utility": "24/7",
    "community": "Mo-Sa 08:30-17:30",
    "bank": "Mo-Fr 09:00-17:00",
    "culture": "Tu-Su 09:00-21:00",
    "other": "",
}

POINT_KINDS = (
    *("集市入口", "学校门前", "公交站点", "河岸步道", "工地出入口", "商业街口"),
    *("小区出入口", "垃圾投放点"),
)

# The five founding kinds: category, share of all tickets, titles.
REPORTS = (
    ("0504", 20, ("店铺货物摆到人行道上", "餐桌摆出店外占道", "沿街店面跨门经营")),
    ("0501", 12, ("流动摊贩占道", "路口有人无照摆摊", "校门口摊贩聚集")),
    ("0102", 20, ("路边垃圾外露", "垃圾袋堆在绿化带", "垃圾桶满溢")),
    ("0103", 8, ("装修垃圾长期堆放", "空地堆积渣土")),
    ("0301", 8, ("工地夜间施工噪音", "打桩声扰民")),
    ("0508", 7, ("商铺音响声音过大", "广场音响扰民")),
    ("2102", 5, ("楼上装修噪音", "邻里夜间吵闹")),
    ("0101", 10, ("楼顶加盖房屋", "天井搭建小屋", "占用公共通道搭棚")),
    ("2101", 10, ("一套房隔成多间出租", "群租房有消防隐患")),
)

# What happens at houses; the rest is seen from the street.
AT_HOME = ("2102", "0101", "2101", "0103")

# Where tickets come from, and the share of each.
SOURCES = {"patrol": 46, "hotline": 24, "resident": 14, "video": 8, "higher_office": 5, "media": 3}

# Why a unit returns a ticket: a code of the list, and what it says.
RETURNS = (
    ("not_responsible", "不属于本单位职责，建议改派"),
    ("wrong_place", "现场不在本单位辖区"),
    ("wrong_category", "类别有误，现场是另一类问题"),
    ("too_little_known", "描述不清，现场未找到"),
    ("no_capacity", "当日人手已全部派出"),
)
EXTENSIONS = ("当事人不在本地，约定后天到场", "需协调吊装车辆", "材料未到，申请延长")
REFUSALS = ("现场可以先行处置，不予延期", "同类工单均按期完成，请抓紧")
SUSPENSIONS = ("等待规划部门认定", "业主在外地，返回后处理", "已立案调查，等待结果")
SUPERVISIONS = ("居民多次反映，请说明进展", "临近期限，请说明处置安排", "媒体关注，请尽快处置")
ANSWERS = ("已到现场，今日完成", "已约谈当事人，明日复查", "队伍已安排，正在清理")
PUT_RIGHT = ("巡查发现，当场劝离并恢复", "随手清理完毕", "现场告知，已整改")
REWORKS = ("仍有残留，请清理彻底", "复查时又摆出，请再处置", "照片与现场不符")
REOPENINGS = ("三天后复发", "居民来电，问题仍在", "巡查发现原处又有")
CANCELLATIONS = ("现场无此问题", "重复来电，已答复", "不在本区范围，已转告")
CHOICES = ("该单位正在附近作业", "同一路段由该单位统一处置", "与商户签约的单位")
APPEALS = ("超时因等待鉴定，不应计入", "派遣时正值台风停工", "责任单位在期限内已更换")
APPEALS_GRANTED = ("情况属实，不计入考核", "材料齐全，同意剔除")
APPEALS_REFUSED = ("无证明材料，维持原结论", "期限内有条件处置，维持原结论")
MERGED = "同一处、同一问题，合并处理"

# Shared resources: name, kind, kinds of unit that lend it, what its room is like, what else is said of when it is open.
RESOURCES = (
    ("多功能会议室", "场地", ("government", "culture"), "课桌式，有投影和音响", "提前两天预约"),
    ("专家义诊", "服务", ("hospital",), "内科、中医科、眼科各一名医师", "可到居村活动室，节假日暂停"),
    ("技能实训中心", "场地", ("enterprise",), "有电工、焊工工位和一间教室", "开班前一周报名"),
    ("错时停车位", "车位", ("government", "bank"), "地面车位，有监控", "登记车牌后使用，早八点前驶离"),
    ("健康咨询点", "服务", ("hospital", "community"), "一桌两椅，有血压计", "不用预约"),
    ("学校操场周末开放", "场地", ("school",), "两片篮球场、一条跑道", "凭社区卡入校，雨天关闭"),
    ("社区图书角", "场地", ("culture", "community"), "藏书三千册，可自习", "凭社区卡借阅"),
    ("律师驻点咨询", "服务", ("enterprise", "other"), "两名律师", "可提前留言登记"),
    ("排练厅", "场地", ("culture",), "有钢琴和把杆", "按周预约"),
    ("应急发电车", "设备", ("utility",), "1台，30千瓦", "电话调用，随车一名操作员"),
    ("企业食堂老年餐", "服务", ("enterprise", "market"), "两荤一素，可打包", "前一天登记"),
    ("户外职工驿站", "服务", ("bank", "shop"), "饮水、热饭、充电", "不用登记"),
    ("物业维修队", "服务", ("property",), "6人", "每月第一个周六"),
    ("儿童活动室", "场地", ("community",), "有绘本和软垫", "家长陪同"),
)
