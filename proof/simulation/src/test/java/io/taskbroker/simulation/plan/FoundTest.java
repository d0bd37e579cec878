package io.taskbroker.simulation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories that were found by seeds, with no more events than they needed to fail. */
class FoundTest {
  private static Event produce(long atMs, TaskSpec spec) {
    return new Event(atMs, "produce " + spec, world -> world.produce(spec));
  }

  private static TaskSpec task(
      String root, String taskname, String of, boolean atMostOnce, int deadlineSec) {
    List<String> names = List.of(of.split("/", -1));
    return new TaskSpec(
        root, names.getFirst(), names.getLast(), taskname, atMostOnce, false, 0, 0, deadlineSec, 0);
  }

  /**
   * A sync fails, so broker-2 ends before it has committed t15, which broker-3 gets and runs. When
   * broker-2 learns of that it cannot write that t15 has failed, and wrote the position behind it.
   */
  @Test
  void whatAnotherBrokerHasRun_doesNotRunAgain_ifItCannotBeWritten() {
    Setup setup = new Setup(3, 2, 4, 3, true, false, 3, 400);
    List<Event> events =
        List.of(
            new Event(306, "a sync fails", world -> world.accident(1, "SYNC_FAILS")),
            produce(904, task("t16", "sum", "billing/fast", true, 2)),
            produce(913, task("t12", "mail", "shop/fast", false, 2)),
            produce(913, task("t14", "mail", "billing/fast", false, 1)),
            produce(916, task("t15", "sum", "billing/fast", true, 1)),
            new Event(1_555, "t15 is unwritable", world -> world.makeUnwritable(1, "t15")));

    assertThat(Play.of(new Plan(4212, setup, events), false).violation()).isEmpty();
  }

  /**
   * A retry is on its way out, and it cannot be written that it is. It went to Kafka all the same,
   * and once more after the next start.
   */
  @Test
  void aRetryOfWhichItCannotBeWrittenThatItLeaves_leavesOnce() {
    Setup setup = new Setup(2, 1, 4, 2, true, false, 64, 100);
    List<Event> events =
        List.of(
            new Event(1_303, "kill broker-1", world -> world.kill(0, Duration.ofMillis(1_024))),
            produce(1_418, task("t11", "mail", "billing/slow", false, 2)),
            produce(1_425, task("t7", "mail", "shop/fast", false, 2)),
            produce(1_431, new TaskSpec("t10", "shop", "slow", "sum", false, true, 0, 0, 2, 0)),
            produce(1_433, task("t8", "ship", "billing/fast", true, 1)),
            new Event(
                1_535,
                "writes hang",
                world -> world.troubleDisk(1, "WRITES_HANG", Duration.ofSeconds(14))),
            new Event(2_964, "t8 is unwritable", world -> world.makeUnwritable(1, "t8")));

    assertThat(Play.of(new Plan(35222, setup, events), false).violation()).isEmpty();
  }
}
