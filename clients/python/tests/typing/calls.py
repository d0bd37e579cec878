"""Calls that a type checker must accept, and those marked E, which it must refuse."""

from __future__ import annotations

from taskbroker import App, Context, Sent

app = App("shop", kafka="127.0.0.1:9092")


@app.task("mail.welcome")
def welcome(org_id: int, address: str) -> None: ...


@app.task("mail.seen")
def seen(ctx: Context, org_id: int) -> None: ...


@app.task("mail.fetch")
async def fetch(ctx: Context, url: str, *, why: str = "") -> int:
    return 1


@app.task("mail.nothing")
def nothing() -> None: ...


welcome(7, "a@b.c")
welcome.delay(7, "a@b.c").delivered("1s")
welcome.options(countdown=60, headers={"x": "y"}).delay(7, address="x")
app.send_many(welcome.call(i, "a") for i in range(3))
seen.delay(1)
fetch.delay("u", why="x")
nothing.delay()
welcome.delay("x")  # E
welcome.options(contdown=60).delay(7, "x")  # E
welcome.options(countdown=60).delay(7)  # E
welcome.apply_async((7, "x"), contdown=3)  # E
seen.delay("x")  # E
fetch.delay("u", wy="x")  # E
nothing.delay(1)  # E
welcome("7", "a")  # E


async def main() -> None:
    sent: Sent = await welcome.send(7, "a")
    answer: int = await fetch("u")
    print(sent, answer)
    await fetch.send(1)  # E
