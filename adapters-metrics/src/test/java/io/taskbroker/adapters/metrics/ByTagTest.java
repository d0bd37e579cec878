package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ByTagTest {
  private static final int MOST = 2_000;

  private final Meters meters = new Meters();
  private final Quiet sink = new Quiet();

  private static final class Quiet implements StatsdSink {
    @Override
    public void count(String name, long delta, Tags tags) {}

    @Override
    public void gauge(String name, double value, Tags tags) {}

    @Override
    public void histogram(String name, double value, long times, Tags tags) {}
  }

  @Test
  void valuesThatNoLongerCome_makeRoomForThoseThatDo() {
    ByTag<Counter> byName = meters.by(name -> meters.counter("m", "name", name));
    for (int i = 0; i < MOST; i++) {
      byName.of("n" + i).one();
    }
    byName.of("late").one();
    assertThat(names()).hasSize(MOST + 1).contains("other").doesNotContain("late");

    for (int flush = 0; flush <= Room.IDLE_FLUSHES; flush++) {
      byName.of("n7").one();
      meters.flush(sink);
    }
    byName.of("late").one();

    assertThat(names()).containsExactlyInAnyOrder("n7", "late", "other");
  }

  @Test
  void theSameHoldsForTagsOfTags() {
    ByTag<ByTag<Counter>> byTwo =
        meters.byTwo(first -> second -> meters.counter("m", "a", first, "name", second));
    for (int i = 0; i < MOST; i++) {
      byTwo.of("a" + i % 10).of("n" + i).one();
    }
    for (int flush = 0; flush <= Room.IDLE_FLUSHES; flush++) {
      byTwo.of("a3").of("n3").one();
      meters.flush(sink);
    }
    byTwo.of("a3").of("late").one();

    assertThat(names()).contains("n3", "late").doesNotContain("n4");
  }

  @Test
  void noneIsGivenUpWhileAllAreInUse() {
    ByTag<Counter> byName = meters.by(name -> meters.counter("m", "name", name));
    for (int flush = 0; flush <= Room.IDLE_FLUSHES; flush++) {
      for (int i = 0; i < MOST; i++) {
        byName.of("n" + i);
      }
      meters.flush(sink);
    }

    byName.of("late").one();

    assertThat(names()).hasSize(MOST + 1).doesNotContain("late");
  }

  private Set<String> names() {
    Set<String> names = new TreeSet<>();
    meters.all().forEach(series -> names.add(series.tags().byName().getOrDefault("name", "?")));
    return names;
  }
}
