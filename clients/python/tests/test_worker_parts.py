"""The worker's small parts: options, frames, hand-back messages, credits, numbers, log lines."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import random
from typing import Any

import pytest

from taskbroker import App, ArgumentsError, ConfigurationError
from taskbroker._wire import messages
from taskbroker.metrics import StatsdMetrics
from taskbroker.worker import Options, Worker, WorkerOptions, frames
from taskbroker.worker.credits import Credits
from taskbroker.worker.forkserver import described, judged
from taskbroker.worker.held import MAX_ERROR, Done, done, one_line
from taskbroker.worker.logs import JsonFormatter
from taskbroker.worker.options import address_of, size_of
from taskbroker.worker.pace import SHORT_S, Pace
from taskbroker.worker.prometheus import PrometheusMetrics
from virtual import run

# ---------------------------------------------------------------------- options


def test_the_typed_options_are_those_of_the_class() -> None:
    fields = {field.name for field in dataclasses.fields(Options)}
    assert fields == set(WorkerOptions.__annotations__)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "poll"}, "mode was 'poll'; it may be 'pull', 'push'"),
        ({"pool": "fibres"}, "pool was 'fibres'"),
        ({"start_method": "exec"}, "start_method was 'exec'"),
        ({"concurrency": 0}, "concurrency must be at least 1, was 0"),
        ({"prefetch": -1}, "prefetch must be at least 0"),
        ({"max_tasks": 0}, "max_tasks must be at least 1"),
        ({"max_rss": "much"}, "max_rss was 'much'; give bytes, or text such as '500M'"),
        ({"max_age": "old"}, "max_age was 'old'"),
        ({"stop_timeout": -1}, "stop_timeout must not be negative"),
        ({"brokers": "nowhere"}, "a broker's address was 'nowhere'; give 'host:port'"),
        ({"brokers": ["a:1", "b:x"]}, "'b:x'"),
        ({"secrets": "plain"}, "the secrets must be a JSON list"),
        ({"secrets": [""]}, "a secret must not be empty"),
        ({"listen": "50052"}, "listen was '50052'"),
        ({"http": "a:b"}, "http was 'a:b'"),
        ({"log": "xml"}, "log was 'xml'"),
        ({"mode": "push", "namespace": "mail"}, "no namespace"),
    ],
)
def test_a_wrong_option_is_refused_and_named(options: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Worker("shop:app", **options)


def test_an_option_that_does_not_exist_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="concurency"):
        Worker("shop:app", concurency=2)  # type: ignore[call-arg]


def test_what_the_app_and_the_environment_say_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKBROKER_BROKERS", "env:1, env:2,env:1")
    monkeypatch.setenv("TASKBROKER_SECRETS", '["e"]')
    assert Options().with_defaults(None, None).broker_list() == ["env:1", "env:2"]
    assert Options().with_defaults("app:1", '["a"]').broker_list() == ["app:1"]
    assert Options(brokers="own:1").with_defaults("app:1", None).broker_list() == ["own:1"]
    assert Options().with_defaults(None, None).secret_list() == ["e"]
    assert Options(secrets=["o"]).with_defaults(None, '["a"]').secret_list() == ["o"]
    monkeypatch.delenv("TASKBROKER_BROKERS")
    assert Options().with_defaults(None, None).broker_list() == ["127.0.0.1:50051"]


@pytest.mark.parametrize(
    ("given", "size"),
    [(1, 1), ("500M", 500 << 20), ("1.5G", 3 << 29), ("64KiB", 64 << 10), ("10", 10)],
)
def test_sizes(given: Any, size: int) -> None:
    assert size_of(given, "a size") == size


def test_addresses() -> None:
    assert address_of("[::]:50052", "x") == ("::", 50052)
    assert Options(http=9100).http_address() == ("127.0.0.1", 9100)
    assert Options(http="0.0.0.0:9100").http_address() == ("0.0.0.0", 9100)
    assert Options().http_address() is None


# ---------------------------------------------------------------------- pace


def test_tasks_are_short_once_several_were_and_until_one_is_not() -> None:
    pace = Pace()
    assert not pace.is_short
    ended = 0
    while not pace.is_short:
        pace.ended(SHORT_S / 2)
        ended += 1
    assert 5 < ended < 100
    pace.ended(10 * SHORT_S)
    assert not pace.is_short
    pace.ended(SHORT_S / 2)
    assert not pace.is_short  # the long one is not forgotten at once
    for _ in range(100):
        pace.ended(SHORT_S / 2)
    pace.stand_still()
    assert not pace.is_short


# ---------------------------------------------------------------------- frames


def test_frames_survive_any_cut() -> None:
    seed = random.randrange(1 << 30)
    draw = random.Random(seed)
    sent = [(draw.randrange(1, 5), draw.randbytes(draw.randrange(0, 300))) for _ in range(50)]
    stream = b"".join(frames.frame(kind, body) for kind, body in sent)
    for _ in range(20):
        cutter = frames.Frames()
        got: list[tuple[int, bytes]] = []
        at = 0
        while at < len(stream):
            step = draw.randrange(1, 400)
            got += cutter.feed(stream[at : at + step])
            at += step
        assert got == sent, f"seed {seed}"


def test_results_travel_whole() -> None:
    for given in (
        Done(5),
        Done(4, 3, 0, 1.25, 1 << 40, True, "OSError: nö", "Trace\nback"),
        Done(0, error="x" * 70_000),
    ):
        back = frames.done_of(frames.done_body(given))
        assert back == given._replace(error=given.error[:65_535])


def test_what_is_no_stream_of_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="no stream of frames"):
        list(frames.Frames().feed(b"\xff" * 10))


def test_errors_are_one_short_line() -> None:
    assert one_line(OSError("a\n  b")) == "OSError: a b"
    assert one_line(OSError()) == "OSError"
    assert len(one_line(OSError("x" * 1000))) == MAX_ERROR
    from taskbroker import execute

    assert done(execute.COMPLETE, 1.0).error == ""


# ---------------------------------------------------------------------- credits


def test_credits_go_to_those_who_have_waited_longest() -> None:
    async def main() -> None:
        room = 1
        credits = Credits(lambda: room)
        order: list[str] = []

        async def want(name: str) -> None:
            await credits.wait()
            order.append(name)

        await credits.wait()
        jobs = [asyncio.create_task(want(name)) for name in "abc"]
        await asyncio.sleep(0)
        assert credits.wanted == 3
        assert not credits.take()
        jobs[0].cancel()
        await asyncio.sleep(0)
        credits.give_back()
        await asyncio.sleep(0)
        assert order == ["b"]
        room = 3
        credits.room_changed()
        await asyncio.sleep(0)
        assert order == ["b", "c"]
        assert credits.open == 1
        credits.close()
        assert credits.open == 0

    run(main())


def test_a_credit_given_to_one_who_has_left_is_not_lost() -> None:
    async def main() -> None:
        credits = Credits(lambda: 1)
        await credits.wait()
        job = asyncio.create_task(credits.wait())
        await asyncio.sleep(0)
        credits.give_back()  # it is the other's now
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        assert credits.open == 1

    run(main())


def test_settled_waits_for_promises() -> None:
    async def main() -> None:
        credits = Credits(lambda: 2)
        await credits.settled()
        assert credits.take()
        assert credits.take()
        job = asyncio.create_task(credits.settled())
        await asyncio.sleep(0)
        credits.spend()
        await asyncio.sleep(0)
        assert not job.done()
        credits.give_back()
        await job

    run(main())


# ---------------------------------------------------------------------- the fork server's words


def test_an_app_describes_itself_without_being_imported() -> None:
    app = App("shop", brokers=["a:1"], secrets='["s"]')
    app.task("a")(lambda: None)
    said = json.loads(json.dumps(described(app)))
    assert (said["app"], said["brokers"], said["secrets"]) == ("shop", ["a:1"], '["s"]')
    assert (said["tasks"], said["has_functions"], said["has_coroutines"]) == (1, True, False)


def test_a_death_of_a_task_that_nobody_knows_is_a_failure() -> None:
    told = {"namespace": "n", "taskname": "t", "state": "", "error": "ChildDied", "text": "gone"}
    assert judged(App("shop"), told)["status"] == messages.TASK_ACTIVATION_STATUS_FAILURE


# ---------------------------------------------------------------------- numbers and lines


def test_prometheus_page() -> None:
    numbers = PrometheusMetrics()
    numbers.incr("a.b", 2, {"x": 'q"\\'})
    numbers.incr("a.b", 1, {"x": 'q"\\'})
    numbers.gauge("g", 1.5)
    numbers.distribution("d", 0.3)
    numbers.distribution("d", 1000)
    page = numbers.page().splitlines()
    assert 'a_b_total{x="q\\"\\\\"} 3' in page
    assert "g 1.5" in page
    assert 'd_bucket{le="0.25"} 0' in page
    assert 'd_bucket{le="0.5"} 1' in page
    assert 'd_bucket{le="+Inf"} 2' in page
    assert "d_count 2" in page
    assert "d_sum 1000.3" in page


def test_a_name_has_a_bounded_number_of_series() -> None:
    numbers = PrometheusMetrics()
    for n in range(3000):
        numbers.incr("a", 1, {"n": n})
        numbers.gauge("b", 1, {"n": n})
        numbers.distribution("c", 1, {"n": n})
    assert numbers.page().count("a_total{") == 2000
    assert numbers.page().count("c_count{") == 2000


def test_a_bad_statsd_address_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="host:port"):
        StatsdMetrics("localhost")


def test_json_lines() -> None:
    record = logging.makeLogRecord(
        {"name": "n", "levelname": "INFO", "msg": "a %s", "args": ("b",), "task_id": "7"}
    )
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "a b"
    assert line["task_id"] == "7"
    assert line["time"].endswith("Z")


def test_errors_of_arguments_are_errors_of_the_caller() -> None:
    app = App("shop")
    task = app.task("a")(lambda: None)
    activation = task.call().activation
    activation.parameters_bytes = b""
    with pytest.raises(ArgumentsError):
        task.decode(activation)
