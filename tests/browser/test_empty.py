"""A district nobody has imported anything for: one sentence, and the way on for whoever looks after the data."""

import pytest
from playwright.sync_api import expect

from geodata.db import make_engine
from geodata.services.users import add_user


@pytest.fixture(scope="module")
def bare(serve, make_database, templates):
    """A district just made, with its administrator."""
    site = serve(make_engine(make_database(templates()), pool_size=12))
    with site.records() as session:
        add_user(session, "admin", password="admin-demo", role="admin")
    return site


def test_a_map_with_nothing_says_so_once_and_names_the_way_on(visit, bare):
    seen = visit("admin", at=bare)
    page = seen.open()
    expect(page.locator("#state")).to_contain_text("还没有边界。请先导入：wangge import areas")
    expect(page.locator("#state button")).to_have_count(0)
    # what stands behind a fold beside the map waits until it is wanted
    expect(page.locator("#layers")).to_be_hidden()
    page.locator(".leaflet-container").click(position={"x": 400, "y": 300})
    card = page.locator("#card")
    expect(card).to_contain_text("边界未导入")
    expect(card).not_to_contain_text("在本区之外")
    guest = visit(at=bare)
    expect(guest.open().locator("#state")).to_have_text("本区数据还未导入。")
    assert seen.blameless()
    assert guest.blameless()
