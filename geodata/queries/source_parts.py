"""Joins and columns that sources of several collections share."""

# Names follow the codes of today; at most one area of a level holds a code on a day.
TOWN_OF = """
      LEFT JOIN area AS t
        ON t.level = 'town' AND t.code = {row}.town_code
       AND t.valid_from <= CURRENT_DATE AND (t.valid_to IS NULL OR t.valid_to > CURRENT_DATE)
"""

# The town that a village lies in.
TOWN_ABOVE = TOWN_OF.replace("{row}.town_code", "{row}.parent_code")

VILLAGE_OF = """
      LEFT JOIN area AS v
        ON v.level = 'village' AND v.code = {row}.village_code
       AND v.valid_from <= CURRENT_DATE AND (v.valid_to IS NULL OR v.valid_to > CURRENT_DATE)
"""

# The area of today that a row belongs to.
AREA_OF = """
      LEFT JOIN area AS a
        ON a.level = {row}.level AND a.code = {row}.area_code
       AND a.valid_from <= CURRENT_DATE AND (a.valid_to IS NULL OR a.valid_to > CURRENT_DATE)
"""

# What is an area's and has no place of its own is drawn in the middle of it, on ground that is the area's.
OF_AREA = """
           COALESCE({row}.town_code, CASE {row}.level WHEN 'town' THEN {row}.area_code
                                              WHEN 'village' THEN a.parent_code END) AS town_code,
           COALESCE({row}.village_code, CASE {row}.level WHEN 'village' THEN {row}.area_code END) AS village_code,
           {row}.cell_code, COALESCE({row}.geom, ST_PointOnSurface(a.geom)) AS geom
"""
PLACED_BY = "CASE WHEN {row}.geom IS NOT NULL THEN 'place' WHEN a.geom IS NOT NULL THEN 'area' END AS placed_by"

# What is a unit's and has no place of its own is drawn where the unit stands.
OF_UNIT = """
           COALESCE({row}.town_code, u.town_code) AS town_code,
           COALESCE({row}.village_code, u.village_code) AS village_code,
           COALESCE({row}.cell_code, u.cell_code) AS cell_code, COALESCE({row}.geom, u.geom) AS geom
"""
