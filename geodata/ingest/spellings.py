"""Fields that several kinds share, with the headings by which they are recognised."""

from geodata.ingest.cells import code, number, one_of, positive, text
from geodata.ingest.columns import Field

# "id" is not among them: files have running numbers under that name.
CODE_HEADINGS = ("编码", "代码", "编号", "code", "adcode")
NAME_HEADINGS = ("名称", "name", "title", "全称")

ADDRESS = Field("address", text, ("地址", "详细地址", "位置", "地点", "addr", "incident_address", "location_text"))
ACCURACY = Field("accuracy_m", positive, ("精度", "精度米", "accuracy", "误差", "误差米"))
# The role at the holder that answers, and never who that is.
HOLDER_ROLE = Field("holder_role", text, ("责任岗位", "责任岗", "负责岗位"))
HOLDER_HEADINGS = ("责任单位", "责任单位编码", "holder_code", "holder_name", "unit_code")
TOWN_CODE = Field("town_code", code, ("街镇编码", "街镇代码", "街道编码", "镇编码", "town"))

# The three levels by their word here and as lists write them; the first spelling is the one that exports write.
LEVEL_WORDS = {
    **dict.fromkeys(("district", "区级", "区"), "district"),
    **dict.fromkeys(("town", "街镇级", "街镇", "街道", "镇", "镇级"), "town"),
    **dict.fromkeys(("village", "居村级", "居村", "村居", "居委", "村"), "village"),
}
LEVEL = Field("level", one_of(LEVEL_WORDS), ("层级", "级别", "项目层级"))
AREA = Field("area_code", text, ("区域编码", "区域", "所属区域", "所属街镇", "所属居村", "area"))


def named(title: str, *extra: str, required: bool = True) -> Field:
    """The `name` field of a kind whose Chinese title may stand in the heading."""
    spellings = (f"{title}名称", f"{title}名", title, *NAME_HEADINGS, *extra)
    return Field("name", text, spellings, required=required)


def coded(title: str, *extra: str, required: bool = False) -> Field:
    """The `code` field of a kind whose Chinese title may stand in the heading."""
    spellings = (f"{title}编码", f"{title}代码", f"{title}编号", *CODE_HEADINGS, *extra)
    return Field("code", code, spellings, required=required)


LON = Field("lon", number)
LAT = Field("lat", number)
