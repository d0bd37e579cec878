package io.taskbroker.adapters.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.SettableTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PagePressTest {
  private final SettableTime time = new SettableTime();
  private final AtomicInteger made = new AtomicInteger();
  private final PagePress press =
      new PagePress(
          () -> ("page " + made.incrementAndGet()).getBytes(StandardCharsets.UTF_8), time);

  @Test
  void allOfASecond_getOnePage() {
    for (int i = 0; i < 100; i++) {
      press.newest().done();
    }
    time.advance(Duration.ofMillis(999));
    PagePress.Page last = press.newest();

    assertThat(made).hasValue(1);
    assertThat(text(last)).isEqualTo("page 1");
  }

  @Test
  void afterASecond_thePageIsNew() {
    press.newest().done();
    time.advance(Duration.ofSeconds(1));

    assertThat(text(press.newest())).isEqualTo("page 2");
  }

  @Test
  void pagesThatNobodyFinishes_areBounded() {
    PagePress.Page first = press.newest();
    for (int second = 0; second < 100; second++) {
      time.advance(Duration.ofSeconds(1));
      press.newest();
    }
    assertThat(made).hasValue(PagePress.MOST_READ);

    first.done();

    assertThat(text(press.newest())).isEqualTo("page " + (PagePress.MOST_READ + 1));
  }

  private static String text(PagePress.Page page) {
    return StandardCharsets.UTF_8.decode(page.plain()).toString();
  }
}
