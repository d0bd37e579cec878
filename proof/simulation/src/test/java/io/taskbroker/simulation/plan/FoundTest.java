package io.taskbroker.simulation.plan;

import static io.taskbroker.simulation.plan.Found.assertHolds;
import static io.taskbroker.simulation.plan.Found.clockAhead;
import static io.taskbroker.simulation.plan.Found.discarded;
import static io.taskbroker.simulation.plan.Found.disk;
import static io.taskbroker.simulation.plan.Found.kill;
import static io.taskbroker.simulation.plan.Found.pause;
import static io.taskbroker.simulation.plan.Found.produce;
import static io.taskbroker.simulation.plan.Found.rebalance;
import static io.taskbroker.simulation.plan.Found.task;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Histories of brokers with a file each that were found by seeds, with no more events than they
 * needed to fail.
 */
class FoundTest {
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

    assertHolds(4212, setup, events);
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
            kill(1_303, 0, 1_024),
            produce(1_418, task("t11", "mail", "billing/slow", false, 2)),
            produce(1_425, task("t7", "mail", "shop/fast", false, 2)),
            produce(1_431, new TaskSpec("t10", "shop", "slow", "sum", false, true, 0, 0, 2, 0)),
            produce(1_433, task("t8", "ship", "billing/fast", true, 1)),
            new Event(
                1_535,
                "writes hang",
                world -> world.troubleDisk(1, "WRITES_HANG", Duration.ofSeconds(14))),
            new Event(2_964, "t8 is unwritable", world -> world.makeUnwritable(1, "t8")));

    assertHolds(35222, setup, events);
  }

  /**
   * Broker-2 stands still while a sync hangs, and broker-1 gets its partition and moves the group
   * on. What the sync was for says nothing about broker-2's next share: with that it would set the
   * group back.
   */
  @Test
  void whatIsSyncedAfterItsShareHasGone_movesNobody() {
    Setup setup = new Setup(2, 1, 1, 4, true, false, 3, 400);
    List<Event> events =
        List.of(
            disk(706, 1, "SYNCS_HANG", 6_361),
            produce(1_996, task("t14", "mail", "billing/fast", true, 2)),
            new Event(
                2_131, "broker-2 stands still", world -> world.freeze(1, Duration.ofMillis(3_745))),
            produce(6_835, task("t3", "mail", "billing/fast", false, 2)));

    assertHolds(123, setup, events);
  }

  /**
   * The clock is ahead when t4 is to be tried again later, and the row cannot be written when it is
   * right again. So the row has its time only after the restart at the end, and is due minutes
   * later, as it was dated.
   */
  @Test
  void aRetryThatAWrongClockHasDated_endsAfterTheLastRestart() {
    Setup setup = new Setup(1, 1, 3, 4, false, false, 3, 100);
    TaskSpec t4 = new TaskSpec("t4", "shop", "fast", "ship", false, true, 0, 0, 1, 70_000);
    List<Event> events =
        List.of(
            produce(1_157, t4),
            clockAhead(1_169, 0, 3_930),
            new Event(1_870, "t4 is unwritable", world -> world.makeUnwritable(0, "t4")),
            disk(5_664, 0, "FULL", 1_396));

    assertHolds(71602, setup, events);
  }

  /**
   * An operator pauses an application while the clock is ahead, so the pause lasts minutes longer.
   * What waits meanwhile holds intake, and so t19 stays finished and uncommitted until then.
   */
  @Test
  void aPauseThatAWrongClockHasDated_holdsIntakeAsLong() {
    Setup setup = new Setup(1, 2, 4, 4, true, true, 3, 100, false);
    List<Event> events =
        List.of(
            clockAhead(521, 0, 1_866),
            produce(566, new TaskSpec("t13", "billing", "fast", "mail", false, false, 0, 1, 2, 0)),
            pause(1_050, 0, "shop", 1_832),
            produce(1_619, discarded("t14", "shop", "fast", 0, 1)),
            produce(1_620, task("t19", "mail", "billing/fast", false, 1)),
            produce(1_627, task("t22", "sum", "shop/slow", false, 1)),
            disk(1_629, 0, "SYNCS_HANG", 4_466),
            kill(2_654, 0, 1_482),
            produce(2_673, new TaskSpec("t1", "shop", "fast", "ship", false, true, 0, 0, 1, 0)));

    assertHolds(70136313, setup, events);
  }

  /** As before, and what is finished is another broker's than the one whose intake is held. */
  @Test
  void aPauseThatAWrongClockHasDated_holdsWhatAnotherBrokerHasFinished() {
    Setup setup = new Setup(2, 2, 2, 1, true, false, 3, 100, false);
    List<Event> events =
        List.of(
            clockAhead(261, 1, 3_869),
            produce(280, discarded("t13", "shop", "slow", 0, 1)),
            produce(1_532, new TaskSpec("t7", "billing", "fast", "ship", false, true, 0, 0, 1, 0)),
            disk(1_550, 0, "SYNCS_HANG", 6_216),
            new Event(
                2_892, "broker-1 stands still", world -> world.freeze(0, Duration.ofMillis(5_467))),
            pause(2_934, 1, "shop", 1_396),
            produce(
                3_986, new TaskSpec("t5", "shop", "slow", "mail", false, true, 3, 0, 2, 70_000)),
            produce(
                3_998, new TaskSpec("t2", "shop", "slow", "mail", false, false, 2, 0, 1, 70_000)),
            produce(3_999, task("t1", "mail", "shop/slow", false, 1)),
            produce(4_014, task("t11", "mail", "shop/slow", false, 1)),
            produce(4_016, task("t10", "sum", "shop/slow", false, 2)));

    assertHolds(72056215, setup, events);
  }

  /**
   * The broker commits, and before the commit has arrived it commits once more and leaves the
   * group. The job that brings the first one had its turn late, so the group was set back.
   */
  @Test
  void aCommitIsOvertakenByNone() {
    Setup setup = new Setup(1, 1, 2, 2, false, false, 3, 100, false);
    List<Event> events =
        List.of(
            produce(975, task("t32", "sum", "shop/slow", true, 2)),
            produce(978, new TaskSpec("t29", "shop", "fast", "sum", false, false, 3, 0, 1, 0)),
            produce(979, task("t26", "sum", "billing/fast", true, 1)),
            produce(980, new TaskSpec("t30", "billing", "fast", "ship", false, false, 2, 0, 1, 0)),
            produce(982, new TaskSpec("t28", "billing", "slow", "mail", false, true, 0, 3, 1, 0)),
            produce(987, task("t25", "sum", "shop/slow", true, 1)),
            produce(989, task("t31", "mail", "billing/fast", true, 1)),
            produce(993, task("t27", "sum", "billing/fast", false, 2)),
            produce(1_642, new TaskSpec("t36", "billing", "slow", "mail", true, false, 0, 3, 1, 0)),
            produce(1_642, task("t43", "mail", "shop/slow", true, 2)),
            produce(1_643, task("t37", "mail", "billing/slow", false, 1)),
            produce(1_647, task("t40", "sum", "shop/fast", false, 2)),
            produce(1_648, task("t35", "sum", "shop/fast", true, 2)),
            produce(1_648, task("t39", "ship", "billing/fast", true, 1)),
            produce(1_650, task("t41", "sum", "shop/fast", false, 1)),
            produce(1_654, task("t38", "ship", "billing/fast", false, 1)),
            disk(1_694, 0, "SYNCS_HANG", 4_257),
            produce(1_974, task("t49", "sum", "billing/fast", false, 2)),
            produce(3_111, task("t22", "sum", "billing/fast", false, 2)),
            kill(3_889, 0, 394),
            produce(
                4_154, new TaskSpec("t34", "shop", "slow", "ship", false, false, 0, 0, 2, 70_000)),
            rebalance(7_000));

    assertHolds(90334431, setup, events);
  }
}
