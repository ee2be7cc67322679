"""What is counted by area: double registration, as far as it is told, and units on the ground."""

from geodata.catalog.properties import AREA, CODE, NAME, TOWN, TOWN_NAME, UNITS, Collection, Property

_REGISTERED = (
    Property("period", "text", "期间", "Period"),
    Property("members_total", "integer", "应报到党员数", "Members to register"),
    Property("members_registered", "integer", "已报到党员数", "Members registered"),
    Property("rate", "number", "报到率", "Share registered"),
    Property("units_registered", "integer", "已报到单位数", "Units registered"),
    Property("pledges_claimed", "integer", "认领承诺数", "Pledges claimed"),
    Property("hidden", "text", "未公开项", "Not told"),
)

COUNTS = (
    Collection(
        "registrations",
        "居村双报到",
        "Double registration by village",
        "MultiPolygon",
        (CODE, NAME, TOWN, TOWN_NAME, *_REGISTERED),
        read="registration.read",
        on_tile=("code", "name", "rate"),
        has_web=True,
    ),
    Collection(
        "registrations_of_towns",
        "街镇双报到",
        "Double registration by town",
        "MultiPolygon",
        (CODE, NAME, *_REGISTERED, Property("is_summed", "boolean", "按居村合计", "Sum of its villages")),
        read="registration.read",
        on_tile=("code", "name", "rate"),
        has_web=True,
    ),
    Collection(
        "unit_density",
        "居村单位分布",
        "Units by village",
        "MultiPolygon",
        (
            CODE,
            NAME,
            TOWN,
            TOWN_NAME,
            AREA,
            UNITS,
            Property("units_per_km2", "number", "每平方千米单位数", "Units per km²"),
            Property("kinds", "text", "各类单位数", "Units of each kind"),
            Property("stated_units", "number", "引用的居村级单位数", "Units as stated"),
            Property("stated_period", "text", "引用期间", "Period of that statement"),
        ),
        tables=("member_unit", "area"),
        on_tile=("code", "name", "unit_count", "units_per_km2"),
        has_web=True,
    ),
)
