package io.taskbroker.inflight.engine;

import static io.taskbroker.inflight.engine.Tasks.NOW;
import static io.taskbroker.inflight.engine.Tasks.arriving;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows that nobody asks for hold up nobody else, but are not forgotten either. */
class DemandTest {
  private final InflightEngine engine =
      new InflightEngine(new EngineSettings(Duration.ofSeconds(3), 3));
  private Moment now = NOW;
  private int next;

  @BeforeEach
  void begin() {
    engine.begin(now);
  }

  private void add(String application, int count) {
    List<Activation> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(Tasks.task("id" + next++, application, "orders", 0));
    }
    engine.arrivals().add(arriving(tasks), now);
    engine.settle();
  }

  private void ask(String application) {
    engine.claims().pull(new ClaimFilter(application, null), 1, now);
    engine.settle();
  }

  private void passes(Duration time) {
    now = now.plus(time);
    engine.sweeps().sweep(Sweep.EXPIRY, 10, now);
    engine.settle();
  }

  /** All that waits in these tests is as old as they are. */
  private ApplicationDepth depth(
      String application, int pending, Optional<Duration> sinceAsked, boolean asked) {
    return new ApplicationDepth(
        application,
        pending,
        engine.depthByApplication(null, 10, now).getFirst().oldest(),
        sinceAsked,
        asked);
  }

  private int counted() {
    return engine.depths().pending() - engine.depths().unaskedPending();
  }

  @Test
  void whatNobodyAsksForWithinAMinute_countsNoLonger() {
    add("idle", 10);
    add("busy", 5);
    passes(Duration.ofSeconds(40));
    ask("busy");
    assertThat(counted()).isEqualTo(14);

    passes(Duration.ofMillis(20_001));
    assertThat(counted()).isEqualTo(4);
    add("idle", 3);
    assertThat(counted()).isEqualTo(4);
  }

  @Test
  void whenSomebodyAsksAgain_thatHoldsNothingUp_andWhatComesLaterCounts() {
    add("idle", 10);
    passes(Duration.ofSeconds(61));
    assertThat(counted()).isZero();

    ask("idle");
    assertThat(engine.depths().pending()).isEqualTo(9);
    assertThat(counted()).isZero();
    add("idle", 2);
    assertThat(counted()).isEqualTo(2);
    for (int i = 0; i < 9; i++) {
      ask("idle");
    }
    assertThat(counted()).isEqualTo(2);
    ask("idle");
    assertThat(counted()).isEqualTo(1);
  }

  @Test
  void whoeverTakesAnything_asksForAll() {
    add("a", 3);
    add("b", 3);
    passes(Duration.ofSeconds(61));
    engine.claims().pull(ClaimFilter.ANY, 1, now);
    engine.settle();
    assertThat(counted()).isZero();

    add("a", 1);
    add("c", 1);
    assertThat(counted()).isEqualTo(2);
  }

  @Test
  void whatWorkerMapNames_countsAlways() {
    add("served", 3);
    add("other", 4);
    engine.claims().serve(Set.of("served"), now);
    passes(Duration.ofMinutes(9));

    assertThat(counted()).isEqualTo(3);
    assertThat(engine.depthByApplication(null, 10, now))
        .containsExactly(
            depth("other", 4, Optional.empty(), false), depth("served", 3, Optional.empty(), true));
  }

  @Test
  void whenSomebodyLastAsked_isKnown() {
    add("a", 3);
    ask("a");
    passes(Duration.ofSeconds(7));

    assertThat(engine.depthByApplication(null, 10, now))
        .containsExactly(depth("a", 2, Optional.of(Duration.ofSeconds(7)), true));
  }

  @Test
  void whenSomebodyLastAsked_isKnown_alsoOfAnApplicationThatWasIdleMeanwhile() {
    engine.claims().pull(ClaimFilter.ANY, 1, now);
    passes(Duration.ofSeconds(22));
    add("z", 1);
    ask("z");
    passes(Duration.ofSeconds(70)); // nothing of it is left, and the ask has lapsed
    assertThat(engine.depthByApplication(null, 10, now)).isEmpty();

    add("z", 1);

    assertThat(engine.depthByApplication(null, 10, now))
        .containsExactly(depth("z", 1, Optional.of(Duration.ofSeconds(70)), false));
  }

  @Test
  void delayedRows_countNoLongerEither() {
    engine.arrivals().add(arriving(List.of(Tasks.delayed("later", now.wallMs() + 1_800_000))), now);
    engine.settle();
    passes(Duration.ofSeconds(61));

    assertThat(engine.depths().unaskedDelayed()).isEqualTo(1);
    passes(Duration.ofHours(1));
    engine.sweeps().sweep(Sweep.DELAYS, 10, now);
    assertThat(engine.depths().unaskedDelayed()).isZero();
    assertThat(engine.depths().unaskedPending()).isEqualTo(1);
  }

  @Test
  void namesThatCallersMakeUp_areForgotten() {
    for (int i = 0; i < 20_000; i++) {
      ask("made-up-" + i);
    }
    assertThat(engine.depthByApplication(null, 50_000, now)).hasSizeLessThanOrEqualTo(10_000);
    passes(Duration.ofSeconds(61));
    assertThat(engine.depthByApplication(null, 50_000, now)).isEmpty();
  }
}
