package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.unpack.PartitionEnds;
import io.taskbroker.adapters.kafka.unpack.Reader;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One membership of the topic's consumer group: reads, commits, and hands over in order when
 * partitions are given to somebody else.
 *
 * <p>Assignments are eager: at each rebalance everything is taken before anything is given. Used by
 * one thread at a time. What it throws ends the membership; a new one begins where the group
 * stands.
 */
final class GroupMember implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** How long what the store has begun may take at a hand-over, before others are let in. */
  private static final Duration HAND_OVER = Duration.ofSeconds(4);

  private static final Duration LAST_COMMIT = Duration.ofSeconds(3);
  private static final Duration LEAVING = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(1);

  private static final Duration BETWEEN_SETTLINGS = Duration.ofMillis(500);
  private static final Duration FIRST_FETCH = Duration.ofSeconds(1);

  private final KafkaTopicSettings topic;
  private final TopicIdentity identity;
  private final Reader reader;
  private final Consumer<byte[], byte[]> consumer;
  private final Intake intake;
  private final TimeSource time;
  private final StartingPoints startingPoints;
  private final Pauses pauses;
  private final Commits commits;
  private final Pulse pulse;
  private final Patience patience;
  private final GroupQuestions questions;

  private boolean subscribed;

  /** Whether records have come; the client may have known the topic for a while then. */
  private boolean hasRead;

  private @Nullable Moment joinedAt;
  private volatile boolean owning;

  /** When the last share was given up, or else when the membership began. */
  private Moment outsideSince;

  /** Whether the store knows where the group stands in what we own; nothing is read before. */
  private boolean settled;

  /** Since when Kafka has not said where we begin in what we own; null while that is no matter. */
  private @Nullable Moment waitsForBeginningSince;

  private final ReadPositions read = new ReadPositions();
  private final DamagedPartitions damaged = new DamagedPartitions();

  private Moment nextSettling;

  /**
   * Prepares a membership; nobody is contacted yet, apart from the name service.
   *
   * @param stop reaches the membership from now on: what it waits for then ends with a {@link
   *     org.apache.kafka.common.errors.WakeupException}
   * @throws KafkaException if no host of the address can be resolved, or a PEM file is wrong
   */
  static GroupMember create(
      KafkaTopicSettings topic,
      TopicIdentity identity,
      ReadLimits limits,
      Intake intake,
      TimeSource time,
      StopCall stop) {
    Reader reader =
        Reader.create(
            KafkaClientProperties.consumer(topic, limits), limits.valueBytes(), limits.pollBytes());
    stop.reaches(reader.consumer()::wakeup);
    return new GroupMember(topic, identity, reader, limits.waitingBytes(), intake, time);
  }

  GroupMember(
      KafkaTopicSettings topic,
      TopicIdentity identity,
      Reader reader,
      long waitingBytes,
      Intake intake,
      TimeSource time) {
    this.topic = topic;
    this.identity = identity;
    this.reader = reader;
    this.consumer = reader.consumer();
    this.intake = intake;
    this.time = time;
    this.startingPoints = new StartingPoints(topic, identity, consumer, intake);
    this.pauses = new Pauses(consumer, reader.ends()::waitingBytes, waitingBytes);
    this.commits = new Commits(consumer, identity, intake, time, topic.autoCommitInterval());
    Moment now = time.now();
    this.pulse = new Pulse(reader.metrics(), now);
    this.patience = new Patience(now);
    this.outsideSince = now;
    this.nextSettling = now;
    this.questions = new GroupQuestions(topic, consumer, intake, startingPoints, now);
  }

  /**
   * One poll, and what follows from it.
   *
   * @throws KafkaException if the membership is over
   */
  void turn() {
    if (!subscribed) {
      // Subscribed to a missing topic, the client would complain ten times a second.
      questions.demandTopic();
      consumer.subscribe(Set.of(topic.name()), this);
      subscribed = true;
    }
    if (owning && settled) {
      settleRest();
    } else if (owning && !time.now().isBefore(nextSettling)) {
      settle();
    }
    take(poll(holdOrGoOn()));
    if (owning && settled) {
      commits.commitSome();
    }
    questions.ask(time.now(), joinedAt != null);
  }

  /**
   * What is asked without being a member: where the group stands in partitions that rows wait for.
   *
   * @throws KafkaException if Kafka does not say it
   */
  void ask() {
    questions.ask(time.now(), false);
  }

  private ConsumerRecords<byte[], byte[]> poll(boolean isHeld) {
    reader.budget().begin();
    try {
      return consumer.poll(patience.untilNextLook(commits, isHeld, time.now()));
    } catch (OffsetOutOfRangeException e) {
      goOnWhereThereIsSomething(e);
    } catch (NoOffsetForPartitionException e) {
      if (topic.offsetReset() == KafkaTopicSettings.OffsetReset.NONE) {
        throw e;
      }
      settled = false; // the client has found out before we were told; we decide
    }
    return ConsumerRecords.empty();
  }

  private void goOnWhereThereIsSomething(OffsetOutOfRangeException e) {
    refuseAnotherTopicOfTheSameName(); // a position in the former topic says nothing of it
    try {
      startingPoints
          .goOn(e)
          .forEach((partition, position) -> read.upTo(Translation.ours(partition), position));
    } catch (PartitionBeganAgainException again) {
      if (hasRead && !(e instanceof LogTruncationException)) {
        throw again; // the client may know a former topic still; the next one asks, and sets back
      }
      goBack(again.positions());
    }
  }

  private void take(ConsumerRecords<byte[], byte[]> polled) {
    refuseAnotherTopicOfTheSameName();
    if (!polled.isEmpty()) {
      identity.isRead();
      hasRead = true;
    }
    List<SourceRecord> records = Translation.sourceRecords(polled);
    if (!records.isEmpty()) {
      refuseToGoBack(records);
      intake.accept(records);
      records.forEach(record -> commits.handedOn(record.partition(), record.offset() + 1));
      patience.news(time.now());
    }
    passTo(read.passedOver(Translation.ours(polled.nextOffsets())));
    noteDamage();
  }

  /** It begins where each partition is read up to by now. */
  private void noteDamage() {
    damaged.readTo(read.positions());
    reader
        .damages()
        .take()
        .forEach(
            (number, reason) -> {
              Partition partition = new Partition(topic.name(), number);
              long offset = read.positions().getOrDefault(partition, 0L);
              damaged.found(partition, offset, reason, time.now());
            });
  }

  private void passTo(Map<Partition, Long> positions) {
    if (!positions.isEmpty()) {
      read.upTo(positions);
      intake.passed(positions);
      positions.forEach(commits::handedOn);
      patience.news(time.now());
    }
  }

  /**
   * Whether the group has given us our share, be it none, and a first fetch has had time to fail:
   * who may join need not be allowed to read.
   */
  boolean isSteady() {
    Moment since = joinedAt;
    return owning && since != null && since.plus(FIRST_FETCH).isBefore(time.now());
  }

  /** For how long the group has given us no share; zero while we have one, be it none. */
  Duration timeOutside() {
    return owning
        ? Duration.ZERO
        : Duration.ofMillis(time.now().monotonicMs() - outsideSince.monotonicMs());
  }

  /** For how long Kafka has not said where reading begins; zero if it has. */
  Duration timeWithoutBeginning() {
    Moment since = waitsForBeginningSince;
    return since == null ? Duration.ZERO : time.now().since(since);
  }

  /**
   * Whether Kafka answers when it is asked something; takes a moment if it does not. Who waits for
   * a group is told nothing until it is complete, however long that takes.
   *
   * @throws KafkaException if it answers with something else
   */
  boolean isAnswered() {
    return startingPoints.isAnswered(ANSWER);
  }

  /** For how long Kafka has not answered. */
  Duration silence() {
    return pulse.silence(time.now());
  }

  /** The ends of the partitions that we read, as Kafka told them last. */
  Map<Integer, PartitionEnds.End> ends() {
    return owning ? reader.ends().all() : Map.of();
  }

  /** How far each partition of our share is read; empty while the group has given us none. */
  Map<Integer, PartitionReading> readings() {
    if (!owning) {
      return Map.of();
    }
    Set<TopicPartition> paused = new HashSet<>(settled ? consumer.paused() : Set.of());
    paused.removeAll(Translation.kafkas(startingPoints.notBegun())); // these we want to read
    Map<Integer, PartitionReading> readings = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      long position =
          settled ? read.positions().getOrDefault(Translation.ours(partition), -1L) : -1L;
      readings.put(
          partition.partition(),
          new PartitionReading(
              position,
              paused.contains(partition) || damaged.isKnown(Translation.ours(partition)),
              reader.ends().waitingBytes(partition.partition(), position)));
    }
    return readings;
  }

  /** How many answers with records each node of Kafka has given since the last assignment. */
  Map<String, Long> answers() {
    return reader.ends().answers();
  }

  /** Partitions of ours of which a record is damaged. */
  Map<Partition, DamagedPartitions.Damage> damages() {
    return owning ? damaged.all() : Map.of();
  }

  /**
   * Whether the group has shared its partitions out to us and has not taken our share back. The
   * share may be empty. Safe for all threads.
   */
  boolean isOwning() {
    return owning;
  }

  /**
   * Hands over, commits, and leaves the group, so that others need not wait for the session's end.
   */
  void leave() {
    try {
      handOver();
    } finally {
      consumer.close(CloseOptions.timeout(LEAVING));
    }
  }

  /** Ends without a commit: what has been read since the last one comes again. */
  void abandon() {
    giveUp();
    try {
      intake.lost();
    } finally {
      consumer.close(CloseOptions.timeout(LEAVING));
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    handOver();
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    if (owning) {
      LOG.warn("The group has given {} away: this broker was silent for too long", partitions);
      giveUp();
      commits.forget();
      intake.lost();
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      LOG.info(
          "Group '{}' has given this broker no partition of topic '{}': it has more members than"
              + " the topic has partitions. It stands by",
          topic.consumerGroup(),
          topic.name());
    } else {
      LOG.info("Group '{}' has given this broker {}", topic.consumerGroup(), partitions);
    }
    owning = true;
    settled = false;
    reader.ends().clear();
    damaged.forget();
    settle();
    holdOrGoOn();
    intake.owns(partitions.size());
    if (joinedAt == null) {
      joinedAt = time.now();
    }
    questions.soon(time.now());
  }

  /** Tells the store where the group stands; what cannot be said or heard now is tried again. */
  private void settle() {
    nextSettling = time.now().plus(BETWEEN_SETTLINGS);
    Set<TopicPartition> assignment = consumer.assignment();
    Map<Partition, Long> committed = startingPoints.begin(assignment);
    if (committed == null) {
      if (waitsForBeginningSince == null) {
        waitsForBeginningSince = time.now();
      }
      return;
    }
    waitsForBeginningSince = null;
    Map<Partition, Long> positions = new HashMap<>();
    assignment.forEach(partition -> positions.put(Translation.ours(partition), 0L));
    positions.putAll(committed);
    try {
      intake.assigned(positions);
    } catch (StoreException e) {
      LOG.debug("The store has not taken in where the group stands", e);
      return;
    }
    positions.keySet().removeAll(startingPoints.notBegun());
    read.beginAt(positions);
    settled = true;
    passTo(startingPoints.begun(true)); // committed, so that each partition is begun once
  }

  /** Takes in where partitions begin of which Kafka had not said it. */
  private void settleRest() {
    if (!startingPoints.notBegun().isEmpty() && !time.now().isBefore(nextSettling)) {
      nextSettling = time.now().plus(BETWEEN_SETTLINGS);
      passTo(startingPoints.begun(false));
    }
  }

  /**
   * A topic that was deleted and created anew has offsets of its own, and ours may be among them.
   */
  private void refuseAnotherTopicOfTheSameName() {
    if (owning && identity.hasChanged(idOfTopic())) {
      goBack(startingPoints.beginningsOf(consumer.assignment()));
    }
  }

  private @Nullable Uuid idOfTopic() {
    return reader.topicIds().get().get(topic.name());
  }

  /**
   * A partition that begins again is another one of the same name, or has lost its end. What we
   * were about to commit says nothing about it, so the group is set back to its beginning, and read
   * from there by a new membership.
   */
  private void refuseToGoBack(List<SourceRecord> records) {
    Map<Partition, Long> back = read.goingBack(records);
    if (!back.isEmpty()) {
      goBack(back);
    }
  }

  private void goBack(Map<Partition, Long> positions) {
    if (commits.setBack(positions, identity.textOf(idOfTopic()), LAST_COMMIT)) {
      identity.forget();
    }
    throw new PartitionBeganAgainException(positions);
  }

  private void giveUp() {
    owning = false;
    waitsForBeginningSince = null;
    outsideSince = time.now();
  }

  private void handOver() {
    if (owning) {
      giveUp();
      if (settled) {
        commits.commitNow(intake.revoke(HAND_OVER), LAST_COMMIT);
      }
      commits.forget();
    }
  }

  /** Whether nothing is read until the store has taken in more. */
  private boolean holdOrGoOn() {
    boolean isHeld = !settled || !intake.wantsMore();
    if (isHeld) {
      pauses.holdAll();
    } else {
      Set<Partition> resting = new HashSet<>(damaged.resting(time.now()));
      resting.addAll(startingPoints.notBegun());
      resting.addAll(intake.awaitsRowsOf());
      pauses.goOn(read.positions(), resting);
    }
    return isHeld;
  }
}
