package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What people are told of rows that come from the reference's table. */
class MoveProgressTest {
  private static final Partition ONE = new Partition("tasks", 1);
  private static final Partition TWO = new Partition("tasks", 2);

  private final SettableTime time = new SettableTime();
  private final MoveProgress progress = new MoveProgress(time);
  private final CapturedLog log = new CapturedLog("taskbroker::store");

  @BeforeEach
  void listen() {
    ((Logger) LoggerFactory.getLogger("taskbroker::store")).setLevel(Level.INFO);
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void aLongMove_isSaidWhenItBegins_everyTenSeconds_andWhenItIsOver() {
    Map<Partition, Long> all = Map.of(ONE, 9_000L, TWO, 1_000L);
    progress.found(all, all);
    for (long left = 9_500; left >= 500; left -= 500) {
      time.advance(Duration.ofMillis(1_250));
      progress.moved(500, Map.of(ONE, left));
    }
    progress.found(Map.of(), Map.of(ONE, 500L));
    time.advance(Duration.ofMillis(1_250));
    progress.moved(500, Map.of());
    progress.found(Map.of(), Map.of());

    assertThat(log.lines()).hasSize(4);
    assertThat(log.lines().getFirst())
        .startsWith("10000 rows are moved from")
        .contains("tasks[1]=9000", "tasks[2]=1000");
    assertThat(log.lines().get(1))
        .startsWith("4000 rows have moved")
        .contains("about 6000 are left");
    assertThat(log.lines().get(2))
        .startsWith("8000 rows have moved")
        .contains("about 2000 are left");
    assertThat(log.lines().getLast()).startsWith("10000 rows have moved").contains("in 25000 ms");
  }

  @Test
  void aFewRowsAreOneLine_andNoneIsNoLine() {
    progress.found(Map.of(ONE, 3L), Map.of(ONE, 3L));
    progress.moved(0, Map.of());
    progress.found(Map.of(), Map.of());
    assertThat(log.lines()).isEmpty();

    progress.found(Map.of(ONE, 3L), Map.of(ONE, 3L));
    progress.moved(3, Map.of());
    progress.found(Map.of(), Map.of());
    assertThat(log.lines()).singleElement().asString().startsWith("3 rows have moved");
  }

  @Test
  void aPartitionThatComesMeanwhileIsNamed() {
    progress.found(Map.of(ONE, 900L), Map.of(ONE, 900L));
    progress.moved(500, Map.of(ONE, 400L));
    progress.found(Map.of(TWO, 700L), Map.of(ONE, 400L, TWO, 700L));

    assertThat(log.lines()).hasSize(2);
    assertThat(log.lines().getLast())
        .startsWith("700 rows are moved from")
        .endsWith("{tasks[2]=700}");
  }
}
