"""Every decision of the made-up district, decided once more; and its waiting tickets given at once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.models import Assignment
from geodata.services.assignment import replay
from geodata.services.batches import assign_batch
from geodata.services.chain import verify
from spatial.assign import Decision

NOW = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def district(made_up):
    return made_up(NOW)


@pytest.fixture
def demo(district):
    """A session on the district; what a test does there is undone."""
    with Session(district) as session:
        yield session
        session.rollback()


def assert_all_come_out_the_same(session):
    """How many decisions there are; each is decided again from nothing but its record."""
    kept = session.scalars(select(Assignment).order_by(Assignment.id)).all()
    for one in kept:
        stored, again = Decision.from_record(one.record), replay(one.record)
        assert (again.outcome, again.chosen, again.candidates, again.rejected) == (
            stored.outcome,
            stored.chosen,
            stored.candidates,
            stored.rejected,
        )
    return len(kept)


def test_every_decision_of_the_demo_comes_out_the_same_again(demo):
    assert assert_all_come_out_the_same(demo) > 20
    assert demo.scalar(select(func.count()).select_from(Assignment).where(Assignment.outcome == "town_office")) > 0


@pytest.mark.parametrize("method", ["optimum", "greedy"])
def test_so_do_those_of_a_batch_of_all_that_wait(demo, method):
    before = demo.scalar(select(func.count()).select_from(Assignment))
    summary = assign_batch(demo, method=method, actor="system", role="district", at=NOW)
    assert summary.tickets > 0
    assert assert_all_come_out_the_same(demo) == before + summary.tickets
    assert verify(demo).is_whole
