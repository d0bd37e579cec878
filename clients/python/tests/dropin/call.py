"""Calls each task of the application once."""

import shop

shop.welcome.delay(7, address="a@b.c")
shop.flaky.delay()
shop.helper.apply_async()
shop.once.delay()
shop.heads.apply_async(args=["y" * 5000], headers={"reason": "test"})
shop.slow.delay(0.1)
shop.awaits.delay(3)
shop.late.delay()
shop.end.apply_async(kwargs={}, countdown=2, expires=60)
