package io.taskbroker.adapters.kafka;

import io.taskbroker.application.intake.Intake;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what is stored: at once after a quiet time, and under load a few times a second.
 *
 * <p>An at-most-once task may be handed out only once its position is committed, so this is part of
 * its latency. A commit that fails is tried again, unless Kafka denies it; nothing is lost by it,
 * since what is not committed comes again. Used by the consumer's thread alone.
 */
final class Commits {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** Kafka writes each commit down, so they are gathered. */
  private static final Duration SPACING = Duration.ofMillis(50);

  private static final Duration REST_AFTER_FAILURE = Duration.ofMillis(500);

  private final Consumer<byte[], byte[]> consumer;
  private final TopicIdentity identity;
  private final Intake intake;
  private final TimeSource time;
  private final Duration spacing;

  /** The end of what was handed on, where it is not yet committed. */
  private final Map<Partition, Long> open = new HashMap<>();

  private Moment nextAt;
  private boolean underWay;
  private boolean failing;
  private @Nullable AuthorizationException denied;

  /**
   * @param identity of the topic that positions are in
   * @param longest time between two commits that the operator allows
   */
  Commits(
      Consumer<byte[], byte[]> consumer,
      TopicIdentity identity,
      Intake intake,
      TimeSource time,
      Duration longest) {
    this.consumer = consumer;
    this.identity = identity;
    this.intake = intake;
    this.time = time;
    this.spacing = longest.compareTo(SPACING) < 0 ? longest : SPACING;
    this.nextAt = time.now();
  }

  /** Records before {@code position} have been handed on. */
  void handedOn(Partition partition, long position) {
    open.put(partition, position);
  }

  /** Whether something that was handed on is not yet committed. */
  boolean areOpen() {
    return !open.isEmpty();
  }

  /** Until the next commit may begin; zero if it may now. */
  Duration untilDue(Moment now) {
    return now.isBefore(nextAt) ? nextAt.since(now) : Duration.ZERO;
  }

  /** What was handed on is no longer ours to commit. */
  void forget() {
    open.clear();
  }

  /**
   * Begins a commit if one is due; never waits for it.
   *
   * @throws AuthorizationException if Kafka has denied the last one
   */
  void commitSome() {
    if (denied != null) {
      throw denied;
    }
    Moment now = time.now();
    if (underWay || now.isBefore(nextAt)) {
      return;
    }
    Map<Partition, Long> positions = intake.committable();
    if (positions.isEmpty()) {
      return;
    }
    underWay = true;
    nextAt = now.plus(spacing);
    consumer.commitAsync(offsets(positions), (_, failure) -> answered(positions, failure));
  }

  /** Commits these positions before it returns, if that can be done in time. */
  void commitNow(Map<Partition, Long> positions, Duration patience) {
    if (positions.isEmpty()) {
      return;
    }
    try {
      commitAwake(positions, patience);
      committed(positions);
    } catch (KafkaException e) {
      LOG.warn("Positions {} are not committed: their records come again", positions, e);
    }
  }

  /**
   * A stop may have woken the client, and meant another wait. So the client is woken once more: a
   * group that is joined after this commit may keep it waiting without an end.
   */
  private void commitAwake(Map<Partition, Long> positions, Duration patience) {
    try {
      consumer.commitSync(offsets(positions), patience);
    } catch (WakeupException _) {
      try {
        consumer.commitSync(offsets(positions), patience);
      } finally {
        consumer.wakeup();
      }
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(Map<Partition, Long> positions) {
    return Translation.kafkas(positions, identity.besidePositions());
  }

  /**
   * Sets the group back, if that can be done in time; what else was open is no longer ours to
   * commit.
   *
   * @param beside what is to stand beside the positions
   * @return whether it was done
   */
  boolean setBack(Map<Partition, Long> positions, String beside, Duration patience) {
    forget();
    try {
      consumer.commitSync(Translation.kafkas(positions, beside), patience);
      return true;
    } catch (KafkaException e) {
      noteRoom(e);
      LOG.warn("The group is not set back to {}; it is tried again", positions, e);
      return false;
    }
  }

  private void answered(Map<Partition, Long> positions, @Nullable Exception failure) {
    underWay = false;
    if (failure == null) {
      failing = false;
      committed(positions);
      return;
    }
    if (failure instanceof AuthorizationException denial) {
      denied = denial;
      return;
    }
    noteRoom(failure);
    nextAt = time.now().plus(REST_AFTER_FAILURE);
    if (!failing) {
      failing = true;
      LOG.warn("A commit of positions failed, and is tried again ({})", failure.toString());
    }
  }

  /** Whether Kafka has room for what stands beside positions. */
  private void noteRoom(Exception failure) {
    if (failure instanceof OffsetMetadataTooLarge) {
      identity.hasNoRoom();
    }
  }

  private void committed(Map<Partition, Long> positions) {
    intake.committed(positions);
    positions.forEach(
        (partition, position) ->
            open.computeIfPresent(partition, (_, end) -> end <= position ? null : end));
  }
}
