import pytest

from geodata.errors import BadSetting, NotFound, TooMany, ViewNameTaken
from geodata.services.users import add_user
from geodata.services.views import MOST_VIEWS, delete_view, list_views, rename_view, save_view


@pytest.fixture
def people(session):
    return [add_user(session, name, password="a long password", role="town_office").id for name in ("zhao", "qian")]


def told(session, user_id):
    return [(view.name, view.query) for view in list_views(session, user_id)]


def test_a_view_is_kept_renamed_and_forgotten(session, people):
    zhao, _ = people
    view = save_view(session, zhao, name="  超期  七宝 ", query="desk=late")
    assert told(session, zhao) == [("超期 七宝", "desk=late")]
    rename_view(session, zhao, view.id, name="都超期了")
    assert told(session, zhao) == [("都超期了", "desk=late")]
    delete_view(session, zhao, view.id)
    assert told(session, zhao) == []


def test_a_name_that_is_there_is_saved_over(session, people):
    zhao, _ = people
    save_view(session, zhao, name="要办", query="desk=file")
    save_view(session, zhao, name="要办", query="desk=file,assign")
    assert told(session, zhao) == [("要办", "desk=file,assign")]


def test_views_are_each_persons_own(session, people):
    zhao, qian = people
    view = save_view(session, zhao, name="要办", query="desk=file")
    save_view(session, qian, name="要办", query="desk=check")
    assert told(session, qian) == [("要办", "desk=check")]
    for act in (lambda: rename_view(session, qian, view.id, name="x"), lambda: delete_view(session, qian, view.id)):
        with pytest.raises(NotFound):
            act()
    assert told(session, zhao) == [("要办", "desk=file")]


def test_a_name_that_another_view_has_is_not_given_twice(session, people):
    zhao, _ = people
    save_view(session, zhao, name="一", query="")
    second = save_view(session, zhao, name="二", query="")
    with pytest.raises(ViewNameTaken, match="'一'"):
        rename_view(session, zhao, second.id, name="一")
    assert rename_view(session, zhao, second.id, name="二").name == "二"


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_read_is_refused(session, people, name):
    with pytest.raises(BadSetting):
        save_view(session, people[0], name=name, query="")


def test_there_is_an_end_to_views(session, people):
    zhao, _ = people
    for number in range(MOST_VIEWS):
        save_view(session, zhao, name=str(number), query="")
    with pytest.raises(TooMany):
        save_view(session, zhao, name="one more", query="")
    save_view(session, zhao, name="1", query="desk=late")
