"""What units do together, and what villages ask of them."""

from geodata.catalog.properties import ADDRESS, CELL, CODE, KIND, NAME, TOWN, VILLAGE, Collection, Property

COOPERATION = (
    Collection(
        "projects",
        "共建项目",
        "Joint projects",
        "Point",
        (
            CODE,
            NAME,
            Property("joint", "text", "六联", "Joint"),
            Property("level", "text", "层级", "Level"),
            Property("area_code", "text", "区域编码", "Area code"),
            Property("stage", "text", "阶段", "Stage"),
            Property("lead_code", "text", "牵头单位编码", "Lead unit's code"),
            Property("lead_name", "text", "牵头单位", "Lead unit"),
            Property("partner_names", "text", "参与单位", "Partners"),
            Property("starts_on", "datetime", "开始日期", "Starts"),
            Property("ends_on", "datetime", "结束日期", "Ends"),
            Property("outcome", "text", "成效", "Outcome"),
            Property("people_served", "integer", "服务人次", "People served"),
            ADDRESS,
            TOWN,
            VILLAGE,
            CELL,
        ),
        tables=("project", "member_unit"),
        on_tile=("code", "name", "joint"),
    ),
    Collection(
        "resources",
        "共享资源",
        "Shared resources",
        "Point",
        (
            CODE,
            NAME,
            KIND,
            Property("unit_code", "text", "提供单位编码", "Unit's code"),
            Property("unit_name", "text", "提供单位", "Unit"),
            Property("capacity", "text", "容量", "Capacity"),
            Property("available", "text", "开放时间", "Available"),
            ADDRESS,
            TOWN,
            VILLAGE,
            CELL,
        ),
        tables=("resource", "member_unit"),
        on_tile=("code", "name"),
    ),
)
