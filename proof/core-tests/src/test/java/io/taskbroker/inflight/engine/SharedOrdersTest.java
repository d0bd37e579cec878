package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What other brokers have ordered, beside what this one orders itself. */
class SharedOrdersTest {
  private static final Pause PAUSE =
      new Pause(PauseTarget.ofApplication("shop"), "ann", "", 5, null);

  private final SettableTime time = new SettableTime();
  private final InflightEngine engine =
      InflightEngine.sharing(new EngineSettings(Duration.ofSeconds(3), 3), () -> 1);
  private final SharedOrders orders = engine.sharedOrders();

  private void pause() {
    assertThat(engine.steering().pause(PAUSE, time.now())).isTrue();
  }

  private Map<String, String> written() {
    Map<String, String> written = new LinkedHashMap<>();
    engine.changes().orders().forEach(order -> written.put(order.name(), order.text()));
    return written;
  }

  @Test
  void whatOthersHaveOrdered_isInForce_andNotWrittenAgain() {
    pause();
    Map<String, String> ofAnother = written();
    engine.undo();

    assertThat(orders.takeIn(ofAnother, orders.written())).isTrue();

    assertThat(engine.steering().pauses(time.now())).containsExactly(PAUSE);
    assertThat(engine.changes().orders()).isEmpty();
  }

  @Test
  void whatThisBrokerIsAboutToWrite_isNotUndoneByAnOlderLook() {
    pause();

    assertThat(orders.takeIn(Map.of(), orders.written())).isFalse();

    assertThat(engine.steering().pauses(time.now())).containsExactly(PAUSE);
  }

  @Test
  void whatThisBrokerHasWritten_isNotUndoneByALookThatBeganBefore() {
    long before = orders.written();
    pause();
    engine.settle();

    assertThat(orders.takeIn(Map.of(), before)).isFalse();
    assertThat(engine.steering().pauses(time.now())).containsExactly(PAUSE);

    assertThat(orders.takeIn(Map.of(), orders.written())).isTrue();
    assertThat(engine.steering().pauses(time.now())).isEmpty();
  }

  @Test
  void ordersThatAreTheSame_areNoNews() {
    assertThat(engine.keptOrders().keep("a", "text", 9)).isTrue();
    Map<String, String> kept = written();
    engine.settle();
    long news = orders.keptByOthers();

    assertThat(orders.takeIn(kept, orders.written())).isTrue();
    assertThat(orders.keptByOthers()).isEqualTo(news);

    assertThat(orders.takeIn(Map.of(), orders.written())).isTrue();
    assertThat(orders.keptByOthers()).isGreaterThan(news);
    assertThat(engine.keptOrders().all()).isEmpty();
  }
}
