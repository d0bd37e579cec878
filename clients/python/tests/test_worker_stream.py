"""A worker that is attached by a stream: credit, frames of many results, breaks and stops. The
clock is virtual."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from taskbroker import App
from taskbroker._wire import exchange
from taskbroker.testing import InMemoryBroker
from taskbroker.worker.engine import RETURN_AFTER
from taskbroker.worker.pace import MOST_AHEAD
from virtual import FakeBroker, Rig, StreamBroker, run, until


class Shop:
    """An app whose tasks write down that they ran."""

    def __init__(self) -> None:
        self.memory = InMemoryBroker()
        self.app = App("shop", transport=self.memory)
        self.memory.know(self.app)
        self.ran: list[int] = []

        @self.app.task("mail.work", deadline=60)
        async def work(n: int, seconds: float = 0.0) -> None:
            await asyncio.sleep(seconds)
            self.ran.append(n)

        self.work = work


def outcomes(broker: StreamBroker) -> list[list[exchange.Outcome]]:
    """The outcomes of each frame that had some."""
    return [list(frame.outcomes) for frame in broker.said("outcomes")]


def test_tasks_come_as_far_as_there_are_places() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=3).start()
        await until(lambda: broker.said("credit"))
        assert [c.tasks for c in broker.said("credit")] == [3]
        for n in range(5):
            shop.work.delay(n, 30.0)
        broker.changed()
        await asyncio.sleep(1)
        assert (len(rig.engine.running), len(rig.engine.waiting)) == (3, 0)
        await rig.idle()
        assert sorted(shop.ran) == [0, 1, 2, 3, 4]
        assert broker.count("GetTask") == broker.count("SetTaskStatus") == 0
        await rig.stop()

    run(main())


def test_hello_says_whose_tasks_are_wanted_and_how_large_they_may_be() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, namespace="mail").start()
        await until(lambda: broker.said("hello"))
        (hello,) = broker.said("hello")
        assert (hello.application, list(hello.namespaces)) == ("shop", ["mail"])
        assert hello.max_task_bytes == 10_000_000 - 1_024
        await rig.stop()

    run(main())


def test_short_tasks_are_fetched_ahead_and_their_results_leave_together() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1).start()
        for n in range(1_000):
            shop.work.delay(n)
        broker.changed()
        await rig.idle()
        assert shop.ran == list(range(1_000))
        sizes = [len(frame) for frame in outcomes(broker)]
        assert sum(sizes) == 1_000
        assert len(sizes) < 120
        assert max(c.tasks for c in broker.said("credit")) <= MOST_AHEAD + 1
        await rig.stop()

    run(main())


def test_what_an_operator_takes_back_ends_or_never_begins_and_nothing_of_it_is_said() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1, prefetch=1).start()
        runs, waits = shop.work.delay(1, 30.0), shop.work.delay(2)
        broker.changed()
        await until(lambda: rig.engine.running and rig.engine.waiting)
        began = asyncio.get_running_loop().time()
        broker.take_back(runs.id, waits.id)
        await until(lambda: not rig.engine.in_hand())
        assert asyncio.get_running_loop().time() - began < 1
        third = shop.work.delay(3)
        broker.changed()
        await until(lambda: shop.ran)
        await rig.stop()
        assert shop.ran == [3]
        assert [o.id for frame in outcomes(broker) for o in frame] == [third.id]

    run(main())


def test_long_tasks_are_not_fetched_ahead() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=2).start()
        for n in range(10):
            shop.work.delay(n, 1.0)
        broker.changed()
        most = 0
        while shop.memory.waiting:
            most = max(most, len(rig.engine.waiting))
            await asyncio.sleep(0.1)
        assert most == 0
        await rig.stop()

    run(main())


def test_what_was_fetched_ahead_goes_back_when_tasks_turn_out_long() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1).start()
        for n in range(200):
            shop.work.delay(n)
        broker.changed()
        await rig.idle()
        long = [shop.work.delay(n, 30.0) for n in (1_000, 1_001, 1_002)]
        broker.changed()
        await asyncio.sleep(0.1)
        assert len(rig.engine.waiting) == 2
        await asyncio.sleep(2 * RETURN_AFTER)
        assert len(rig.engine.waiting) == 0
        assert {s.id for s in long[1:]} <= set(broker.handed_back)
        await rig.idle()
        assert sorted(shop.ran[200:]) == [1_000, 1_001, 1_002]
        assert shop.memory.errors == []
        await rig.stop()

    run(main())


def test_nothing_goes_back_to_a_broker_that_is_away() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1).start()
        for n in range(200):
            shop.work.delay(n)
        broker.changed()
        await rig.idle()
        for n in (1_000, 1_001):
            shop.work.delay(n, 3.0)
        broker.changed()
        await until(lambda: rig.engine.waiting, 1)
        broker.fail = "UNAVAILABLE"
        broker.streams[-1].breaks()
        await asyncio.sleep(2)
        assert broker.count("HandBack") == 0
        broker.fail = None
        await rig.idle()
        assert sorted(shop.ran[200:]) == [1_000, 1_001]
        await rig.stop()

    run(main())


def test_what_is_prefetched_on_purpose_stays() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1, prefetch=2).start()
        for n in range(3):
            shop.work.delay(n, 10.0)
        broker.changed()
        await asyncio.sleep(8)
        assert len(rig.engine.waiting) == 2
        assert broker.handed_back == []
        await rig.idle()
        await rig.stop()

    run(main())


def test_a_broker_is_told_that_long_tasks_have_arrived() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=2).start()
        shop.work.delay(1, 5.0)
        shop.work.delay(2)
        broker.changed()
        await asyncio.sleep(1)
        (held,) = rig.engine.running
        assert [list(r.tokens) for r in broker.said("received")] == [[held.token]]
        await rig.idle()
        await rig.stop()

    run(main())


def test_results_are_said_again_on_the_next_stream_until_they_are_answered() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=2).start()
        broker.mute = True
        done = shop.work.delay(1)
        runs = shop.work.delay(2, 8.0)
        broker.changed()
        await until(lambda: outcomes(broker))
        broker.streams[-1].breaks()
        broker.mute = False
        await until(lambda: len(broker.streams) == 2, 3)
        await until(lambda: len(outcomes(broker)) == 2)
        assert {a.id for a in broker.said("hello")[1].held} == {done.id, runs.id}
        assert [f[0].id for f in outcomes(broker)] == [done.id, done.id]
        await rig.idle()
        assert shop.ran == [1, 2]
        assert rig.engine.reports.waiting == []
        await rig.stop()

    run(main())


def test_a_result_that_is_not_taken_now_is_said_again_later() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        broker.not_now = 2
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1)
        broker.changed()
        await rig.idle(1.5)
        assert len(outcomes(broker)) == 3
        await rig.stop()

    run(main())


def test_a_broker_that_drains_is_left_for_a_while_and_its_results_are_told_to_the_next() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=2).start()
        shop.work.delay(1, 0.5)
        broker.changed()
        await until(lambda: rig.engine.running)
        broker.streams[-1].send(exchange.BrokerFrame(draining=exchange.Draining()))
        await asyncio.sleep(0.9)
        assert len(broker.streams) == 1
        await rig.idle(2)
        assert len(broker.streams) == 2
        assert rig.complaints is not None
        await rig.stop()

    run(main())


def test_renewed_certificates_are_used_by_another_stream() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        await until(lambda: broker.said("credit"))
        broker.renewed = True
        await until(lambda: len(broker.streams) == 2, 10)
        assert broker.streams[0].is_half_closed  # so that nothing that was sent is lost
        shop.work.delay(1)
        await until(lambda: len(broker.said("hello")) == 2)
        broker.changed()
        await rig.idle(5)
        await rig.stop()

    run(main())


def test_a_broker_without_the_stream_is_asked_by_calls() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        broker.offers_stream = False
        rig = await Rig(shop.app, broker).start()
        shop.work.delay(1)
        broker.changed()
        await rig.idle()
        assert broker.count("SetTaskStatus") == 1
        await rig.stop()

    run(main())


def test_results_go_by_calls_to_a_broker_that_has_no_stream_any_more() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        broker.mute = True
        shop.work.delay(1)
        broker.changed()
        await until(lambda: outcomes(broker))
        broker.offers_stream = False
        broker.streams[-1].breaks()
        await rig.idle(5)
        assert broker.count("SetTaskStatus") == 1
        shop.work.delay(2)
        broker.changed()
        await rig.idle(5)
        assert shop.ran == [1, 2]
        await rig.stop()

    run(main())


@pytest.mark.parametrize("code", ["UNAVAILABLE", "UNAUTHENTICATED", "INTERNAL"])
def test_a_broker_that_refuses_the_stream_is_asked_once_a_second_at_most(code: str) -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        broker.fail = code
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(20)
        assert 2 <= broker.count("Exchange") <= 6
        await rig.stop()

    run(main())


# ---------------------------------------------------------------------- stopping


def test_a_stop_while_attached_takes_no_time() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        await asyncio.sleep(5)
        stopped = await rig.stop()
        assert stopped.seconds < 0.1
        assert len(broker.said("draining")) == 1
        assert broker.streams[-1].is_half_closed

    run(main())


def test_a_stop_lets_tasks_finish_reports_them_and_hands_the_others_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=1, prefetch=5).start()
        sent = [shop.work.delay(n, 20.0) for n in range(6)]
        broker.changed()
        await asyncio.sleep(0.1)
        assert len(rig.engine.waiting) == 5
        stopped = await rig.stop()
        assert str(stopped).startswith("stopped: 1 finished, 5 handed back, 0 killed, 19.")
        assert broker.handed_back == [s.id for s in sent[1:]]
        assert [f[0].id for f in outcomes(broker)] == [sent[0].id]
        assert shop.memory.waiting == 5

    run(main())


def test_what_a_broker_has_sent_before_it_heard_of_the_stop_goes_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker, places=2).start()
        await until(lambda: broker.said("credit"))
        late: list[Any] = []
        stream = broker.streams[-1]
        write = stream.write

        async def write_late(frame: exchange.WorkerFrame) -> None:
            if frame.HasField("draining"):
                late.append(shop.work.delay(1))
                stream.serve()
            await write(frame)

        stream.write = write_late  # type: ignore[method-assign]
        stopped = await rig.stop()
        assert broker.handed_back == [late[0].id]
        assert (stopped.handed_back, shop.ran) == (1, [])

    run(main())


def test_a_stop_names_results_that_are_never_answered() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        broker.mute = True
        sent = shop.work.delay(1)
        broker.changed()
        await until(lambda: outcomes(broker))
        stopped = await rig.stop()
        assert stopped.unreported == (sent.id,)
        assert stopped.seconds == pytest.approx(5, abs=0.5)

    run(main())


def test_a_stop_while_the_stream_is_broken_waits_for_the_broker_to_come_back() -> None:
    async def main() -> None:
        shop = Shop()
        broker = StreamBroker(shop.memory)
        rig = await Rig(shop.app, broker).start()
        broker.mute = True
        shop.work.delay(1)
        broker.changed()
        await until(lambda: outcomes(broker))
        broker.streams[-1].breaks()
        broker.mute = False
        stopped = await rig.stop()
        assert stopped.unreported == ()
        assert stopped.seconds < 3
        assert shop.memory.waiting == 0

    run(main())


def test_several_brokers_are_asked_by_calls() -> None:
    async def main() -> None:
        shop = Shop()
        rig = await Rig(shop.app, FakeBroker(shop.memory), FakeBroker(shop.memory, "b:1")).start()
        shop.work.delay(1)
        rig.brokers[0].changed()
        await rig.idle()
        assert rig.brokers[0].count("SetTaskStatus") + rig.brokers[1].count("SetTaskStatus") == 1
        await rig.stop()

    run(main())
