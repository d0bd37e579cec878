package io.taskbroker.simulation.plan;

import static io.taskbroker.simulation.plan.Found.assertHolds;
import static io.taskbroker.simulation.plan.Found.discarded;
import static io.taskbroker.simulation.plan.Found.disk;
import static io.taskbroker.simulation.plan.Found.kill;
import static io.taskbroker.simulation.plan.Found.large;
import static io.taskbroker.simulation.plan.Found.pause;
import static io.taskbroker.simulation.plan.Found.produce;
import static io.taskbroker.simulation.plan.Found.rebalance;
import static io.taskbroker.simulation.plan.Found.server;
import static io.taskbroker.simulation.plan.Found.task;

import io.taskbroker.simulation.world.Setup;
import io.taskbroker.simulation.world.TaskSpec;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Histories of brokers that share a store, found by seeds, with no more events than they needed to
 * fail.
 */
class FoundSharedTest {
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
            pause(347, 0, "shop", 1_120),
            new Event(681, "resume shop", world -> world.resume(0, "shop")),
            disk(876, 1, "FULL", 2_152),
            produce(1_600, new TaskSpec("t19", "billing", "slow", "sum", false, true, 0, 0, 2, 0)),
            server(1_607, "WRITES_HANG", 11_427),
            produce(1_613, task("t15", "sum", "billing/fast", true, 1)),
            new Event(3_506, "the server crashes", world -> world.crashServer(5)),
            new Event(
                4_811,
                "kill mails with an argument",
                world -> world.rule(Set.of(), Set.of("mail"), Set.of())));

    assertHolds(351, setup, events);
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
            server(4_739, "FULL", 12_493),
            kill(5_721, 3, 792));

    assertHolds(15546, setup, events);
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
            disk(3_113, 1, "SLOW", 1_622),
            produce(3_174, discarded("t1", "shop", "fast", 2, 1)),
            new Event(4_438, "the server crashes", world -> world.crashServer(8)));

    assertHolds(6001248, setup, events);
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
            disk(2_734, 0, "FULL", 3_160),
            disk(5_361, 0, "SLOW", 3_013));

    assertHolds(804905, setup, events);
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
            disk(2_395, 1, "FULL", 1_283),
            produce(3_162, new TaskSpec("t4", "billing", "slow", "ship", true, false, 0, 3, 2, 0)),
            produce(3_163, new TaskSpec("t6", "shop", "slow", "mail", false, false, 1, 0, 1, 0)),
            produce(3_163, new TaskSpec("t7", "shop", "slow", "sum", false, false, 0, 4, 1, 0)),
            produce(3_168, task("t5", "ship", "billing/slow", false, 1)),
            produce(3_173, task("t10", "sum", "billing/slow", false, 2)),
            produce(3_175, task("t9", "mail", "shop/fast", false, 2)),
            produce(3_178, large("t8", "mail", "billing/fast", true, 2)),
            produce(3_180, task("t3", "sum", "shop/slow", true, 2)),
            disk(3_710, 1, "SLOW", 40_000),
            rebalance(4_261));

    assertHolds(503572, setup, events);
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
            server(1_295, "FULL", 11_776),
            disk(2_424, 1, "SLOW", 14_000),
            new Event(
                5_594,
                "broker-2 stands still",
                world -> world.freeze(1, Duration.ofMillis(10_704))));

    assertHolds(908739, setup, events);
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
            server(422, "SLOW", 2_080),
            rebalance(708),
            new Event(
                1_502, "broker-2 stands still", world -> world.freeze(1, Duration.ofMillis(4_831))),
            new Event(
                4_251,
                "the server goes away from broker-2 at an acknowledgement",
                world -> world.accident(1, "AWAY_AT_AN_ACKNOWLEDGEMENT")),
            rebalance(4_357));

    assertHolds(3014824, setup, events);
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
            disk(173, 1, "SLOW", 40_000),
            produce(544, task("t13", "mail", "shop/fast", false, 1)),
            produce(555, task("t11", "mail", "shop/fast", true, 2)),
            disk(579, 0, "SYNCS_HANG", 7_065),
            new Event(
                1_739, "broker-1 stands still", world -> world.freeze(0, Duration.ofMillis(5_984))),
            disk(1_886, 1, "WRITES_HANG", 14_000),
            disk(4_819, 0, "FULL", 3_023),
            rebalance(6_084));

    assertHolds(4007747, setup, events);
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
            server(3_597, "SLOW", 1_645),
            new Event(3_780, "the server crashes", world -> world.crashServer(5)),
            rebalance(3_809));

    assertHolds(50006102, setup, events);
  }
}
