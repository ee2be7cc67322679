"""Nothing about a person is stored: no table may have a column for it, and no file brings one in."""

import pytest
from sqlalchemy.orm import Mapped, mapped_column

from geodata.ingest import KINDS
from geodata.ingest.errors import PersonalData
from geodata.models import Base
from geodata.privacy import reason, reason_in_tables
from geodata.record_errors import PersonalColumn
from geodata.services.imports import import_file

# What a file is refused for, and by which reason.
HEADINGS = {
    "政治面貌": "party membership",
    "是否党员": "party membership",
    "Party Member": "party membership",
    "身份证号": "identity numbers",
    "ID Card": "identity numbers",
    "病史": "health",
    "Health Status": "health",
    "民族": "religion and ethnicity",
    "religion": "religion and ethnicity",
    "人脸照片": "faces and fingerprints",
}
COLUMNS = {
    "party_member": "party membership",
    "political_status": "party membership",
    "id_card_no": "identity numbers",
    "medical_history": "health",
    "ethnicity": "religion and ethnicity",
    "full_name": "names of persons",
    "mobile": "private numbers",
    "birthday": "age and sex",
    "gender": "age and sex",
}


@pytest.mark.parametrize(("name", "what"), COLUMNS.items())
def test_a_table_with_a_column_about_a_person_cannot_be_made(name, what):
    with pytest.raises(PersonalColumn, match=what) as refused:
        type(
            "Someone",
            (Base,),
            {
                "__tablename__": "someone",
                "__annotations__": {"id": Mapped[int], name: Mapped[str | None]},
                "id": mapped_column(primary_key=True),
                name: mapped_column(),
            },
        )
    assert name in str(refused.value)
    assert "never stored" in str(refused.value)
    assert "someone" not in Base.metadata.tables


def test_no_table_that_there_is_has_one():
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    assert len(columns) > 300
    assert {str(column): what for column in columns if (what := reason_in_tables(column.name))} == {}


@pytest.mark.parametrize(
    "name",
    [
        "members_total",
        "members_registered",
        "liaison_phone",
        "contact_role",
        "党员总数",
        "报到党员数",
        "健身设施",
        "民政",
    ],
)
def test_counts_posts_and_offices_are_none_of_it(name):
    assert reason(name) is None
    assert reason_in_tables(name) is None


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
@pytest.mark.parametrize(("heading", "what"), HEADINGS.items())
def test_no_import_takes_in_a_file_with_such_a_column(session, tmp_path, kind, heading, what):
    path = tmp_path / "list.csv"
    path.write_text(f"名称,编码,{heading}\n甲,1,x\n", encoding="utf-8")
    level = {"level": "town"} if kind == "areas" else {}
    with pytest.raises(PersonalData) as refused:
        import_file(session, kind, path, **level)
    assert heading in str(refused.value)
    assert what in str(refused.value)
    assert "Delete the columns" in str(refused.value)
