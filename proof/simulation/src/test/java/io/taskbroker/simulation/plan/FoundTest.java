package io.taskbroker.simulation.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import io.taskbroker.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Set;
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

  private static TaskSpec large(
      String root, String taskname, String of, boolean atMostOnce, int deadlineSec) {
    TaskSpec small = task(root, taskname, of, atMostOnce, deadlineSec);
    return new TaskSpec(
        root,
        small.application(),
        small.namespace(),
        taskname,
        atMostOnce,
        false,
        0,
        0,
        deadlineSec,
        70_000);
  }

  private static TaskSpec discarded(
      String root, String application, String namespace, int expiresSec, int deadlineSec) {
    return new TaskSpec(
        root, application, namespace, "mail", false, true, 0, expiresSec, deadlineSec, 0);
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

  /**
   * Broker-1 takes the report on t6 while broker-2, which has the row, does not reach the server.
   * When it does, it judged the deadline before it looked for reports, and t6 ran again.
   */
  @Test
  void aReportThatAnotherBrokerHasTaken_countsBeforeTheDeadline() {
    Setup setup = new Setup(2, 2, 3, 2, false, false, 64, 100, true);
    List<Event> events =
        List.of(
            produce(303, task("t5", "mail", "shop/fast", false, 2)),
            produce(304, task("t7", "mail", "billing/fast", false, 1)),
            produce(307, task("t3", "sum", "billing/slow", true, 2)),
            produce(309, task("t9", "sum", "shop/fast", false, 1)),
            produce(311, task("t4", "mail", "shop/fast", true, 2)),
            produce(312, new TaskSpec("t8", "billing", "slow", "mail", false, false, 3, 0, 2, 0)),
            produce(313, task("t6", "sum", "billing/slow", false, 2)),
            produce(316, task("t2", "mail", "shop/slow", false, 1)),
            produce(317, task("t1", "ship", "billing/slow", false, 1)),
            produce(319, task("t10", "sum", "shop/fast", false, 1)),
            new Event(347, "pause shop", world -> world.pause(0, "shop", Duration.ofMillis(1_120))),
            new Event(681, "resume shop", world -> world.resume(0, "shop")),
            new Event(
                876,
                "broker-2 does not reach the server",
                world -> world.troubleDisk(1, "FULL", Duration.ofMillis(2_152))),
            produce(1_600, new TaskSpec("t19", "billing", "slow", "sum", false, true, 0, 0, 2, 0)),
            new Event(
                1_607,
                "the server hangs",
                world -> world.troubleServer("WRITES_HANG", Duration.ofMillis(11_427))),
            produce(1_613, task("t15", "sum", "billing/fast", true, 1)),
            new Event(3_506, "the server crashes", world -> world.crashServer(5)),
            new Event(
                4_811,
                "kill mails with an argument",
                world -> world.rule(Set.of(), Set.of("mail"), Set.of())));

    assertThat(Play.of(new Plan(351, setup, events), false).violation()).isEmpty();
  }

  /**
   * Kafka acknowledges the dead letter of t6 while the server is away and t6's partition is wanted
   * by another broker. When the server was there again the partition was given up before that was
   * written, and came back, and t6 left a second time.
   */
  @Test
  void whatKafkaHasAcknowledged_isWrittenBeforeItsPartitionIsGivenUp() {
    Setup setup = new Setup(4, 1, 2, 3, false, false, 64, 400, true);
    List<Event> events =
        List.of(
            produce(597, large("t3", "ship", "shop/slow", false, 1)),
            produce(606, task("t5", "mail", "shop/fast", false, 2)),
            produce(609, task("t2", "ship", "billing/slow", false, 1)),
            produce(613, large("t1", "sum", "billing/fast", true, 2)),
            produce(614, task("t6", "sum", "billing/slow", true, 2)),
            new Event(
                3_166,
                "Kafka refuses",
                world -> world.troubleKafka("REFUSES", Duration.ofMillis(2_827))),
            new Event(3_523, "drain broker-4", world -> world.drain(3, "STAY")),
            new Event(4_176, "end the drain of broker-4", world -> world.endDrain(3)),
            new Event(
                4_739,
                "the server is away",
                world -> world.troubleServer("FULL", Duration.ofMillis(12_493))),
            new Event(5_721, "kill broker-4", world -> world.kill(3, Duration.ofMillis(792))));

    assertThat(Play.of(new Plan(15546, setup, events), false).violation()).isEmpty();
  }

  /**
   * A crash takes away a group of broker-2 before its answer is there. The broker takes the group
   * back and has nothing to read again, also when it gets another partition later.
   */
  @Test
  void aGroupThatIsLostBeforeItsAnswer_leavesNothingToReadAgain() {
    Setup setup = new Setup(2, 1, 2, 3, false, false, 64, 400, true);
    List<Event> events =
        List.of(
            produce(179, discarded("t14", "billing", "slow", 0, 2)),
            new Event(
                2_985, "broker-1 stands still", world -> world.freeze(0, Duration.ofMillis(9_223))),
            new Event(
                3_113,
                "the server is slow for broker-2",
                world -> world.troubleDisk(1, "SLOW", Duration.ofMillis(1_622))),
            produce(3_174, discarded("t1", "shop", "fast", 2, 1)),
            new Event(4_438, "the server crashes", world -> world.crashServer(8)));

    assertThat(Play.of(new Plan(6001248, setup, events), false).violation()).isEmpty();
  }

  /**
   * The server loses a group, and broker-1 starts over a second time before the rows of the first
   * time are here. They came twice: a row that had been removed meanwhile stood there again.
   */
  @Test
  void rowsThatAreReadAnewTwice_comeOnce() {
    Setup setup = new Setup(1, 1, 1, 3, false, false, 64, 100, true);
    List<Event> events =
        List.of(
            produce(567, new TaskSpec("t3", "billing", "fast", "sum", false, false, 3, 0, 1, 0)),
            produce(571, task("t1", "ship", "shop/slow", true, 1)),
            produce(572, discarded("t2", "shop", "fast", 0, 2)),
            produce(575, new TaskSpec("t7", "billing", "slow", "sum", false, false, 0, 1, 2, 0)),
            new Event(2_449, "the server crashes", world -> world.crashServer(6)),
            new Event(
                2_734,
                "the server is away",
                world -> world.troubleDisk(0, "FULL", Duration.ofMillis(3_160))),
            new Event(
                5_361,
                "the server is slow",
                world -> world.troubleDisk(0, "SLOW", Duration.ofMillis(3_013))));

    assertThat(Play.of(new Plan(804905, setup, events), false).violation()).isEmpty();
  }

  /**
   * The large payload of t8 is read slowly, and its partition goes to another broker meanwhile.
   * That one took it for a task that a worker had had, and buried it.
   */
  @Test
  void aTaskThatHasGoneBeforeItWasRead_isHandedOutAgain() {
    Setup setup = new Setup(3, 1, 4, 4, false, false, 64, 100, true);
    List<Event> events =
        List.of(
            produce(48, task("t1", "mail", "billing/fast", false, 2)),
            produce(61, task("t2", "mail", "shop/slow", true, 2)),
            produce(399, task("t11", "mail", "shop/slow", false, 1)),
            new Event(
                2_142,
                "Kafka is down",
                world -> world.troubleKafka("DOWN", Duration.ofMillis(1_283))),
            new Event(
                2_395,
                "broker-2 does not reach the server",
                world -> world.troubleDisk(1, "FULL", Duration.ofMillis(1_283))),
            produce(3_162, new TaskSpec("t4", "billing", "slow", "ship", true, false, 0, 3, 2, 0)),
            produce(3_163, new TaskSpec("t6", "shop", "slow", "mail", false, false, 1, 0, 1, 0)),
            produce(3_163, new TaskSpec("t7", "shop", "slow", "sum", false, false, 0, 4, 1, 0)),
            produce(3_168, task("t5", "ship", "billing/slow", false, 1)),
            produce(3_173, task("t10", "sum", "billing/slow", false, 2)),
            produce(3_175, task("t9", "mail", "shop/fast", false, 2)),
            produce(3_178, large("t8", "mail", "billing/fast", true, 2)),
            produce(3_180, task("t3", "sum", "shop/slow", true, 2)),
            new Event(
                3_710,
                "the server is slow for broker-2",
                world -> world.troubleDisk(1, "SLOW", Duration.ofMillis(40_000))),
            new Event(4_261, "rebalance", World::rebalance));

    assertThat(Play.of(new Plan(503572, setup, events), false).violation()).isEmpty();
  }

  /**
   * Broker-2 gives t9's and t8's partitions up while their records are on their way to Kafka, and
   * gets them back. It had nobody to tell what Kafka answered meanwhile, and t8 left twice.
   */
  @Test
  void whatKafkaAcknowledgesAfterThePartitionHasGone_doesNotLeaveAgain() {
    Setup setup = new Setup(2, 1, 3, 3, true, true, 64, 400, true);
    List<Event> events =
        List.of(
            new Event(836, "drain broker-1", world -> world.drain(0, "EXIT")),
            produce(1_078, task("t3", "ship", "shop/slow", false, 1)),
            produce(1_079, new TaskSpec("t2", "shop", "fast", "mail", false, false, 0, 3, 2, 0)),
            produce(1_080, large("t5", "ship", "billing/slow", false, 2)),
            produce(1_082, large("t8", "sum", "billing/fast", true, 2)),
            produce(1_083, task("t9", "ship", "shop/slow", true, 1)),
            produce(1_086, task("t6", "sum", "billing/slow", false, 1)),
            produce(1_088, discarded("t4", "billing", "slow", 1, 1)),
            produce(1_090, task("t7", "sum", "billing/slow", true, 2)),
            new Event(
                1_295,
                "the server is away",
                world -> world.troubleServer("FULL", Duration.ofMillis(11_776))),
            new Event(
                2_424,
                "the server is slow for broker-2",
                world -> world.troubleDisk(1, "SLOW", Duration.ofMillis(14_000))),
            new Event(
                5_594,
                "broker-2 stands still",
                world -> world.freeze(1, Duration.ofMillis(10_704))));

    assertThat(Play.of(new Plan(908739, setup, events), false).violation()).isEmpty();
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
            new Event(
                706,
                "syncs of broker-2 hang",
                world -> world.troubleDisk(1, "SYNCS_HANG", Duration.ofMillis(6_361))),
            produce(1_996, task("t14", "mail", "billing/fast", true, 2)),
            new Event(
                2_131, "broker-2 stands still", world -> world.freeze(1, Duration.ofMillis(3_745))),
            produce(6_835, task("t3", "mail", "billing/fast", false, 2)));

    assertThat(Play.of(new Plan(123, setup, events), false).violation()).isEmpty();
  }

  /**
   * Broker-2 gives t24's partition up while its retry is on its way to Kafka. Kafka has it just
   * when the server goes away, so that nobody can be told, and the partition comes back to broker-2
   * before anybody is.
   */
  @Test
  void whatKafkaAcknowledgesWhileThePartitionIsAway_doesNotLeaveAgain_beforeOthersAreTold() {
    Setup setup = new Setup(2, 1, 1, 1, false, false, 3, 400, true);
    List<Event> events =
        List.of(
            produce(306, new TaskSpec("t8", "billing", "slow", "mail", false, false, 0, 2, 2, 0)),
            produce(329, new TaskSpec("t24", "billing", "fast", "sum", false, false, 0, 1, 1, 0)),
            new Event(
                422,
                "the server is slow",
                world -> world.troubleServer("SLOW", Duration.ofMillis(2_080))),
            new Event(708, "rebalance", World::rebalance),
            new Event(
                1_502, "broker-2 stands still", world -> world.freeze(1, Duration.ofMillis(4_831))),
            new Event(
                4_251,
                "the server goes away from broker-2 at an acknowledgement",
                world -> world.accident(1, "AWAY_AT_AN_ACKNOWLEDGEMENT")),
            new Event(4_357, "rebalance", World::rebalance));

    assertThat(Play.of(new Plan(3014824, setup, events), false).violation()).isEmpty();
  }

  /**
   * Broker-1 wakes up and is to give up its partition, but does not reach the server. Until then
   * t13's claim was released and t13 claimed again for a push, every 20 ms, and at last pushed,
   * though broker-2 had taken a report of it.
   */
  @Test
  void whatIsPendingInAPartitionThatGoes_isNotHandedOut() {
    Setup setup = new Setup(4, 1, 1, 4, true, false, 3, 400, true);
    List<Event> events =
        List.of(
            new Event(
                173,
                "the server is slow for broker-2",
                world -> world.troubleDisk(1, "SLOW", Duration.ofMillis(40_000))),
            produce(544, task("t13", "mail", "shop/fast", false, 1)),
            produce(555, task("t11", "mail", "shop/fast", true, 2)),
            new Event(
                579,
                "syncs of broker-1 hang",
                world -> world.troubleDisk(0, "SYNCS_HANG", Duration.ofMillis(7_065))),
            new Event(
                1_739, "broker-1 stands still", world -> world.freeze(0, Duration.ofMillis(5_984))),
            new Event(
                1_886,
                "the server does not answer broker-2",
                world -> world.troubleDisk(1, "WRITES_HANG", Duration.ofMillis(14_000))),
            new Event(
                4_819,
                "broker-1 does not reach the server",
                world -> world.troubleDisk(0, "FULL", Duration.ofMillis(3_023))),
            new Event(6_084, "rebalance", World::rebalance));

    assertThat(Play.of(new Plan(4007747, setup, events), false).violation()).isEmpty();
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
            new Event(
                1_169,
                "the clock is ahead",
                world -> world.stepClock(0, Duration.ofMinutes(5), Duration.ofMillis(3_930))),
            new Event(1_870, "t4 is unwritable", world -> world.makeUnwritable(0, "t4")),
            new Event(
                5_664,
                "the disk is full",
                world -> world.troubleDisk(0, "FULL", Duration.ofMillis(1_396))));

    assertThat(Play.of(new Plan(71602, setup, events), false).violation()).isEmpty();
  }

  /**
   * The server loses groups of broker-2, which forgets tasks[1], is given it anew, and gives its
   * custody up for a while before it has looked. When the rows are back, it knows where the group
   * stands, or t29 stays finished until another task is committed.
   */
  @Test
  void aPartitionThatIsGivenUpBeforeItIsHereAgain_standsWhereTheGroupStands() {
    Setup setup = new Setup(3, 1, 4, 1, false, false, 64, 100, true);
    List<Event> events =
        List.of(
            produce(1_725, task("t19", "mail", "shop/slow", true, 2)),
            new Event(2_741, "stop broker-3", world -> world.stop(2)),
            produce(3_459, task("t29", "ship", "billing/slow", false, 1)),
            new Event(
                3_597,
                "the server is slow",
                world -> world.troubleServer("SLOW", Duration.ofMillis(1_645))),
            new Event(3_780, "the server crashes", world -> world.crashServer(5)),
            new Event(3_809, "rebalance the group", World::rebalance));

    assertThat(Play.of(new Plan(50006102, setup, events), false).violation()).isEmpty();
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
            new Event(
                521,
                "the clock is ahead",
                world -> world.stepClock(0, Duration.ofMinutes(5), Duration.ofMillis(1_866))),
            produce(566, new TaskSpec("t13", "billing", "fast", "mail", false, false, 0, 1, 2, 0)),
            new Event(
                1_050, "shop is paused", world -> world.pause(0, "shop", Duration.ofMillis(1_832))),
            produce(1_619, discarded("t14", "shop", "fast", 0, 1)),
            produce(1_620, task("t19", "mail", "billing/fast", false, 1)),
            produce(1_627, task("t22", "sum", "shop/slow", false, 1)),
            new Event(
                1_629,
                "syncs hang",
                world -> world.troubleDisk(0, "SYNCS_HANG", Duration.ofMillis(4_466))),
            new Event(2_654, "kill broker-1", world -> world.kill(0, Duration.ofMillis(1_482))),
            produce(2_673, new TaskSpec("t1", "shop", "fast", "ship", false, true, 0, 0, 1, 0)));

    assertThat(Play.of(new Plan(70136313, setup, events), false).violation()).isEmpty();
  }

  /** As before, and what is finished is another broker's than the one whose intake is held. */
  @Test
  void aPauseThatAWrongClockHasDated_holdsWhatAnotherBrokerHasFinished() {
    Setup setup = new Setup(2, 2, 2, 1, true, false, 3, 100, false);
    List<Event> events =
        List.of(
            new Event(
                261,
                "the clock is ahead",
                world -> world.stepClock(1, Duration.ofMinutes(5), Duration.ofMillis(3_869))),
            produce(280, discarded("t13", "shop", "slow", 0, 1)),
            produce(1_532, new TaskSpec("t7", "billing", "fast", "ship", false, true, 0, 0, 1, 0)),
            new Event(
                1_550,
                "syncs hang",
                world -> world.troubleDisk(0, "SYNCS_HANG", Duration.ofMillis(6_216))),
            new Event(
                2_892, "broker-1 stands still", world -> world.freeze(0, Duration.ofMillis(5_467))),
            new Event(
                2_934, "shop is paused", world -> world.pause(1, "shop", Duration.ofMillis(1_396))),
            produce(
                3_986, new TaskSpec("t5", "shop", "slow", "mail", false, true, 3, 0, 2, 70_000)),
            produce(
                3_998, new TaskSpec("t2", "shop", "slow", "mail", false, false, 2, 0, 1, 70_000)),
            produce(3_999, task("t1", "mail", "shop/slow", false, 1)),
            produce(4_014, task("t11", "mail", "shop/slow", false, 1)),
            produce(4_016, task("t10", "sum", "shop/slow", false, 2)));

    assertThat(Play.of(new Plan(72056215, setup, events), false).violation()).isEmpty();
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
            new Event(
                1_694,
                "syncs hang",
                world -> world.troubleDisk(0, "SYNCS_HANG", Duration.ofMillis(4_257))),
            produce(1_974, task("t49", "sum", "billing/fast", false, 2)),
            produce(3_111, task("t22", "sum", "billing/fast", false, 2)),
            new Event(3_889, "kill broker-1", world -> world.kill(0, Duration.ofMillis(394))),
            produce(
                4_154, new TaskSpec("t34", "shop", "slow", "ship", false, false, 0, 0, 2, 70_000)),
            new Event(7_000, "rebalance the group", World::rebalance));

    assertThat(Play.of(new Plan(90334431, setup, events), false).violation()).isEmpty();
  }
}
