package io.taskbroker.simulation.world;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.world.SimulatedGroup.Share;
import io.taskbroker.simulation.world.SimulatedKafka.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A member of the group, which drives the intake of its broker as the Kafka adapter does. */
final class SimulatedSource {
  private static final Duration PATIENCE = Duration.ofSeconds(4);
  private static final Duration LAST_COMMIT = Duration.ofSeconds(3);
  private static final Duration REST = Duration.ofMillis(40);
  private static final long SPACING_NANOS = 50_000_000;
  private static final long REST_AFTER_FAILURE_NANOS = 500_000_000;
  private static final long BETWEEN_QUESTIONS_NANOS = 5_000_000_000L;
  private static final Duration INSTANT = Duration.ofNanos(1_000);
  private static final int MAX_POLL = 20;

  private final World world;
  private final Life life;
  private final String broker;
  private final Intake intake;
  private final Map<Partition, Long> next = new TreeMap<>(World.BY_PLACE);
  private @Nullable Share share;
  private boolean settled;
  private boolean committing;

  /** Before this no further commit arrives. */
  private long lastArrival;

  private long commitsSent;
  private long commitsArrived;

  private long nextCommit;
  private long nextSettling;
  private long nextQuestion;
  private boolean leaving;
  private boolean left;

  SimulatedSource(World world, Life life, String broker, Intake intake) {
    this.world = world;
    this.life = life;
    this.broker = broker;
    this.intake = intake;
  }

  void start() {
    life.run("reader", this::run);
  }

  String topic() {
    return intake.topic();
  }

  /** Whether it has read what cannot be stored yet. */
  boolean isHeld() {
    return share != null && settled && !intake.wantsMore();
  }

  boolean isSilent() {
    return life.isOver() || life.isFrozen();
  }

  /** Commits and leaves the group; waits for that. */
  void leave() {
    leaving = true;
    while (!left) {
      life.sleep(REST);
    }
  }

  private void run() {
    while (!leaving) {
      try {
        turn();
      } catch (StoreException.Closed e) {
        break;
      } catch (StoreException e) {
        abandon();
      }
      life.sleep(REST);
    }
    handOver();
    world.group().leave(this);
    left = true;
  }

  private void abandon() {
    if (share != null) {
      share = null;
      intake.lost();
    }
    world.group().leave(this);
  }

  private void turn() {
    SimulatedGroup group = world.group();
    if (!intake.mayBeRead()) {
      standAside(group);
      return;
    }
    if (!group.has(this)) {
      if (share != null) {
        world.history().say(broker, "has lost its partitions");
        world.ledger().disturbed();
        share = null;
        intake.lost();
      }
      if (!world.kafka().is(Trouble.DOWN)) {
        group.join(this);
      }
      return;
    }
    if (group.isRebalancing(this)) {
      handOver();
      group.join(this);
      return;
    }
    takeAssignment(group.assigned(this));
    if (share != null && !settled && life.nanos() >= nextSettling) {
      settle(share);
    }
    if (share != null && settled && !world.kafka().is(Trouble.DOWN)) {
      read();
      commitSome(share);
      ask();
    }
  }

  /** The broker drains: others have the partitions, and it asks how far they are. */
  private void standAside(SimulatedGroup group) {
    if (group.has(this)) {
      world.history().say(broker, "leaves the group, since it drains");
      handOver();
      group.leave(this);
    } else if (share != null) {
      share = null;
      world.ledger().disturbed();
      intake.lost();
    }
    intake.deserted();
    if (!world.kafka().is(Trouble.DOWN)) {
      ask();
    }
  }

  private void takeAssignment(@Nullable Share assigned) {
    if (assigned != null && share == null) {
      share = assigned;
      settled = false;
      nextSettling = 0;
      nextQuestion = 0;
      committing = false;
      world.history().say(broker, "is given %s", assigned.partitions());
      intake.owns(assigned.partitions().size());
    }
  }

  private void settle(Share mine) {
    nextSettling = life.nanos() + REST_AFTER_FAILURE_NANOS;
    if (world.kafka().is(Trouble.DOWN)) {
      return;
    }
    Map<Partition, Long> positions = new TreeMap<>(World.BY_PLACE);
    for (Partition partition : mine.partitions()) {
      positions.put(partition, world.kafka().committed(partition));
    }
    try {
      intake.assigned(positions);
    } catch (StoreException.Closed e) {
      throw e;
    } catch (StoreException e) {
      return;
    }
    next.clear();
    next.putAll(positions);
    settled = true;
  }

  private void read() {
    if (!intake.wantsMore()) {
      return;
    }
    List<SourceRecord> records = new ArrayList<>();
    Set<Partition> awaited = intake.awaitsRowsOf();
    next.replaceAll(
        (partition, from) -> {
          if (awaited.contains(partition)) {
            return from;
          }
          List<SourceRecord> read = world.kafka().read(partition, from, MAX_POLL);
          records.addAll(read);
          return from + read.size();
        });
    if (!records.isEmpty()) {
      world.ledger().topics().delivered(broker, records);
      intake.accept(records);
    }
  }

  private void commitSome(Share mine) {
    if (committing || life.nanos() < nextCommit) {
      return;
    }
    Map<Partition, Long> positions = new TreeMap<>(World.BY_PLACE);
    positions.putAll(intake.committable());
    if (positions.isEmpty()) {
      return;
    }
    committing = true;
    nextCommit = life.nanos() + SPACING_NANOS;
    Sent sent = send();
    life.run(
        "commit",
        () -> {
          boolean done = commit(mine, positions, sent);
          if (mine.equals(share)) {
            committing = false;
            if (done) {
              intake.committed(positions);
            } else {
              nextCommit = life.nanos() + REST_AFTER_FAILURE_NANOS;
            }
          }
        });
  }

  /**
   * A commit on its way.
   *
   * @param number over one connection none overtakes another
   */
  private record Sent(long number, long arrivalNanos) {}

  private Sent send() {
    lastArrival = Math.max(lastArrival + 1, life.nanos() + world.latency().toNanos());
    return new Sent(commitsSent++, lastArrival);
  }

  /**
   * Waits until the commit arrives, and for the answer.
   *
   * @return whether the group has answered that it stands there now
   */
  private boolean commit(Share mine, Map<Partition, Long> positions, Sent sent) {
    SimulatedKafka kafka = world.kafka();
    life.sleep(Duration.ofNanos(Math.max(0, sent.arrivalNanos() - life.nanos())));
    while (commitsArrived < sent.number()) {
      life.sleep(INSTANT); // the one before it is due, too, and its job has not had its turn
    }
    commitsArrived++;
    boolean arrives = !kafka.is(Trouble.DOWN) && !kafka.is(Trouble.COMMITS_LOST);
    boolean taken = arrives && world.group().takesCommit(this, mine);
    if (taken) {
      world.history().say(broker, "commits %s", positions);
      kafka.commit(broker, next, positions);
    }
    life.sleep(world.latency());
    return taken && !kafka.is(Trouble.COMMIT_ANSWERS_LOST);
  }

  private void handOver() {
    Share mine = share;
    if (mine == null) {
      return;
    }
    share = null;
    if (settled) {
      Map<Partition, Long> positions = new TreeMap<>(World.BY_PLACE);
      positions.putAll(intake.revoke(PATIENCE));
      if (!positions.isEmpty()) {
        long end = life.nanos() + LAST_COMMIT.toNanos();
        boolean done = commit(mine, positions, send());
        while (!done && life.nanos() < end && world.group().has(this)) {
          life.sleep(REST);
          done = commit(mine, positions, send());
        }
        if (done) {
          intake.committed(positions);
        } else {
          world.ledger().disturbed();
        }
      }
      if (mine.partitions().stream().anyMatch(this::hasReadFurther)) {
        world.ledger().disturbed();
      }
    }
    settled = false;
  }

  private boolean hasReadFurther(Partition partition) {
    return world.kafka().committed(partition) < next.getOrDefault(partition, 0L);
  }

  private void ask() {
    if (life.nanos() < nextQuestion) {
      return;
    }
    nextQuestion = life.nanos() + BETWEEN_QUESTIONS_NANOS;
    try {
      Map<Partition, Long> positions = new TreeMap<>(World.BY_PLACE);
      for (Partition partition : intake.awaited()) {
        positions.put(partition, world.kafka().committed(partition));
      }
      if (!positions.isEmpty()) {
        life.sleep(world.latency());
        intake.groupMovedTo(positions);
      }
    } catch (StoreException.Closed e) {
      throw e;
    } catch (StoreException e) {
      world.history().say(broker, "the store is busy: %s", String.valueOf(e.getMessage()));
    }
  }
}
