"""Made-up units whose address alone is known, in ways that need a person: for the desk of addresses."""

from collections.abc import Sequence

from geodata.demo import words
from geodata.models import Membership, MemberUnit

KINDS = ("shop", "enterprise", "property", "market", "bank")


def make_unsettled(
    towns: Sequence[tuple[str, str]], east: Sequence[str], north: Sequence[str], *, count: int
) -> list[MemberUnit]:
    """Units without a place, the first of them one of each kind of trouble; two of them share an address.

    towns   names with codes, at least two; `east` and `north` names of streets that cross, at least three each.
    """
    made = []
    for number, address in enumerate(_addresses([name for name, _code in towns], east, north)[:count]):
        kind = KINDS[number % len(KINDS)]
        unit = MemberUnit(
            code=f"A{number + 1:03d}",
            name=words.NEWCOMERS[kind].format(brand=words.BRANDS[number % len(words.BRANDS)]),
            kind=kind,
            capacity=words.CAPACITY[kind],
            address=address,
        )
        unit.memberships = [Membership(level="town", area_code=towns[number % len(towns)][1])]
        made.append(unit)
    return made


def _addresses(towns: Sequence[str], east: Sequence[str], north: Sequence[str]) -> list[str]:
    own, one, two = words.NAME, towns[0], towns[-1]
    return [
        f"{own}{east[0]}与{north[1]}路口东约450米",
        f"{own}{two}{east[0]}与{north[1]}路口",
        f"{own}{one}{east[0]}与{north[-1]}路口",
        f"{own}{east[1]}进{north[2]}南约380米",
        f"{own}{one}{east[1]}288弄16号",
        f"{own}{one}{east[1]}288弄16号",
        f"{own}{east[2]}{north[0]}路口北约600米",
        f"{one}{words.BRANDS[0]}新苑东门",
        f"{own}{east[2]}９００１号乙",
        f"{own}云山路120号",
        f"{own}云山路与{north[1]}路口",
        f"{own}{two}{words.VILLAGES[0]}村",
        f"{own}{east[0]}",
        f"江对岸区{east[1]}10号",
        "老码头旁边的小楼",
        f"{own}{one}临时安置点",
        f"{own}{east[2]}进{north[1]}西约520米",
        f"{own}{two}{east[2]}与{north[0]}路口",
    ]
