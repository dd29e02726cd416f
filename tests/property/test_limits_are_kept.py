"""No limit takes more than it may, none has room while somebody waits for it, and who came first goes first."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from restli_core import Limit
from tests.support.limits_world import Coming, World, assert_in_order

# Those whose sums are not what they seem: 0.1 + 0.2 is above 0.3.
SECONDS = st.sampled_from([0.1, 0.3, 1 / 3, 1.0, 7, 60.0, 1e-3])
COSTS = st.one_of(st.integers(0, 4), st.sampled_from([0.1, 0.2, 0.3, 1e-9, 2.5]))
MOST = 4


@st.composite
def limits(draw: st.DrawFn) -> list[Limit]:
    def limit() -> Limit:
        per: Any = draw(st.one_of(SECONDS, st.just("day")))
        each: Any = draw(st.sampled_from(["app", "member"]))
        return Limit(draw(st.sampled_from([MOST, 5, 7.5])), per, each=each, wait=None)

    return [limit() for _ in range(draw(st.integers(1, 3)))]


@st.composite
def comings(draw: st.DrawFn, number: int, *, late: bool = False, units: bool = False, truth: bool = False) -> Any:
    time, made = 0.0, []
    for _ in range(draw(st.integers(1, 25))):
        time += draw(st.sampled_from([0.0, 0.0, 0.1, 0.2, 1 / 3, 30.0]))
        # Nested, as paths are: who comes under the last one comes under those before.
        under = draw(st.integers(1, number))
        costs = {index: 1 if units else draw(COSTS) for index in range(under)}
        true = {index: draw(st.one_of(COSTS, st.just(40))) for index in range(under)} if truth else None
        made.append(
            Coming(
                time,
                costs,
                member=draw(st.sampled_from(["Ada", "Bob"])),
                late=draw(st.sampled_from([0.0, 0.0, 1e-6, 0.05, 3.0])) if late else 0.0,
                patience=draw(st.sampled_from([None, None, 0.0, 0.25, 40.0])),
                truth=true,
            )
        )
    return made


EPOCHS = st.sampled_from([0.0, 86399.5, 1.8e9 + 0.1])


@given(st.data())
def test_prompt_owners_keep_the_limits_busy(data: st.DataObject) -> None:
    world = World(data.draw(limits()), data.draw(EPOCHS))
    assert_in_order(world.run(data.draw(comings(len(world.limits)))))


@given(st.data())
def test_late_owners_are_never_over(data: st.DataObject) -> None:
    world = World(data.draw(limits()), data.draw(EPOCHS), is_prompt=data.draw(st.booleans()))
    world.checks = False
    visitors = world.run(data.draw(comings(len(world.limits), late=True)))
    # Who is late goes late, so that only the amounts are looked at, at each time at which anything went.
    for visitor in visitors:
        if visitor.went_at is not None:
            world.now = visitor.went_at
            for index in visitor.coming.costs:
                window = world.window(index, visitor.coming.member)
                before = [(time, units) for time, units in world.sent[window] if time <= world.now]
                world.sent[window], everything = before, world.sent[window]
                assert world.taken(window) <= world.limits[index].most * 2**64
                world.sent[window] = everything


@given(st.data())
def test_what_was_freed_by_the_truth_is_used(data: st.DataObject) -> None:
    world = World(data.draw(limits()), data.draw(EPOCHS))
    world.run(data.draw(comings(len(world.limits), truth=True)))


@given(st.data())
def test_who_is_told_exactly_needs_no_waking(data: st.DataObject) -> None:
    # Where each call costs 1 and nobody leaves, nobody has to be woken, and asks twice at most for each limit.
    chosen = [Limit(int(limit.most), limit.per, each=limit.each, wait=None) for limit in data.draw(limits())[:1]]
    made = [Coming(one.time, one.costs, one.member) for one in data.draw(comings(1, units=True))]
    worlds = [World(chosen, is_prompt=is_prompt) for is_prompt in (True, False)]
    woken, told = ([visitor.went_at for visitor in world.run(made)] for world in worlds)
    assert woken == told
    assert worlds[1].asks <= 3 * len(made)
