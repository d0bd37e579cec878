package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Backoff;
import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the intake of one topic, on a thread of its own.
 *
 * <p>Nothing that Kafka says or fails to say ends it: a membership of the group that fails is left,
 * explained once, and followed by another after a rest.
 */
public final class KafkaIntake implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  /** What a healthy turn may take: a hand-over, with questions to a slow Kafka around it. */
  public static final Duration LONGEST_TURN = Duration.ofSeconds(20);

  /**
   * What a turn has at a stop before it is woken, if it has something to hand over. The client
   * waits without an end for topics that Kafka does not describe while it leads a group.
   */
  private static final Duration LAST_TURN = Duration.ofSeconds(2);

  private static final Duration REST = Duration.ofMillis(50);

  /**
   * A silence shorter than this is a hiccup; with the look that follows, a longer one is said
   * within ten seconds.
   */
  private static final Duration SILENCE = Duration.ofSeconds(7);

  /** A group tells its members where it stands within this time. */
  private static final Duration BEGINNING = Duration.ofSeconds(10);

  /** A group lets members in within a hand-over or two, unless one of them does not answer. */
  private static final Duration OUTSIDE = Duration.ofSeconds(10);

  /** After this time without a failure, the next attempt follows a failure without a pause. */
  private static final Duration HEALTHY = Duration.ofMinutes(1);

  private final KafkaTopicSettings topic;
  private final ReadLimits limits;
  private final Intake intake;
  private final Stalls stalls;
  private final TimeSource time;
  private final String what;
  private final Duration silence;
  private final Loop loop;
  private final Defects unexpected;
  private final Backoff backoff = UntilDone.rests();
  private final TopicIdentity identity = new TopicIdentity();
  private final PartitionWatch partitions;
  private final StopCall stop = new StopCall();
  private final HostClock.Listening hostClock;

  private volatile @Nullable GroupMember member;

  /** Asks what rows wait for while the topic is not to be read. */
  private @Nullable GroupMember bystander;

  private Moment nextAttempt;
  private Moment nextLook;
  private boolean hasRead;
  private volatile @Nullable String absence;

  /**
   * @param limits how much memory reading may take
   * @param hostClock tells when the client has to be replaced
   * @param onCrash told of what nothing here can mend; nothing is read after that
   */
  public KafkaIntake(
      KafkaTopicSettings topic,
      ReadLimits limits,
      Intake intake,
      Stalls stalls,
      TimeSource time,
      HostClock hostClock,
      Heartbeat heartbeat,
      Consumer<Throwable> onCrash) {
    this.topic = topic;
    this.limits = limits;
    this.partitions = new PartitionWatch(topic, stalls);
    this.intake = intake;
    this.stalls = stalls;
    this.time = time;
    this.unexpected = new Defects("topic '" + topic.name() + "' could not be taken in", time);
    this.what = "reading of topic '" + topic.name() + "'";
    this.silence = topic.sessionTimeout().compareTo(SILENCE) > 0 ? topic.sessionTimeout() : SILENCE;
    this.loop =
        new Loop(
            SystemThreads.INSTANCE, "intake-" + topic.name(), this::turn, REST, onCrash, heartbeat);
    this.nextAttempt = time.now();
    this.nextLook = nextAttempt;
    this.hostClock = hostClock.whenSetBack(this::takeNewClients);
  }

  private void takeNewClients() {
    stop.wake(); // the membership ends with that, and another one follows
    partitions.reconnect();
  }

  /** Begins in the background; whether Kafka is there does not matter. */
  public KafkaIntake start() {
    loop.start();
    return this;
  }

  /** Says that the topic does not exist, if it has not existed since the start. Else empty. */
  public Optional<String> absence() {
    return Optional.ofNullable(absence);
  }

  /** Commits what is stored and leaves the group; takes up to 8 s if store and Kafka are slow. */
  @Override
  public void close() {
    Signal ended = SystemThreads.INSTANCE.signal();
    Job impatience =
        SystemThreads.INSTANCE.job(
            "wake-" + topic.name(), Threads.Kind.VIRTUAL, () -> wakeUnless(ended));
    impatience.start();
    loop.close();
    ended.raise();
    impatience.awaitEnd();
    hostClock.close();
    partitions.close();
    GroupMember last = member;
    member = null;
    if (last != null) {
      end(last::leave);
    }
    endBystander();
    intake.close();
  }

  private void wakeUnless(Signal ended) {
    GroupMember present = member;
    boolean hasSomething = present != null && present.isOwning();
    if (!hasSomething || !ended.await(LAST_TURN)) {
      stop.make();
    }
  }

  private int turn() {
    boolean isRead = intake.mayBeRead();
    if (!isRead) {
      leaveGroup();
    }
    Moment now = time.now();
    if (now.isBefore(nextAttempt)) {
      return 0;
    }
    try {
      return isRead ? read(now) : standAside(now);
    } catch (WakeupException _) { // by a stop, or since the host's clock was set back
      retreat(GroupMember::leave);
    } catch (KafkaException e) {
      explain(KafkaFailure.of(e, topic), e);
      retreat(GroupMember::leave);
    } catch (PartitionBeganAgainException e) {
      LOG.warn(e.getMessage());
      retreat(GroupMember::abandon);
    } catch (RuntimeException e) {
      unexpected.accept(e);
      retreat(GroupMember::abandon);
    }
    return 0;
  }

  private int read(Moment now) {
    endBystander();
    GroupMember present = member;
    if (present == null) {
      present = GroupMember.create(topic, identity, limits, intake, time, stop);
      member = present;
    }
    present.turn();
    look(present, now);
    return 1;
  }

  /** Commits what is stored, and lets other members have the partitions. */
  private void leaveGroup() {
    GroupMember present = member;
    member = null;
    if (present != null) {
      LOG.info("Topic '{}' is not to be read now, so its group is left", topic.name());
      end(present::leave);
      partitions.abandon();
    }
    stalls.abandon(what, "the topic is not to be read");
    absence = null;
    intake.deserted();
  }

  /** That Kafka does not answer is no standstill: nothing is to be read. */
  private int standAside(Moment now) {
    try {
      GroupMember present = bystander;
      if (present == null) {
        present = GroupMember.create(topic, identity, limits, intake, time, stop);
        bystander = present;
      }
      present.ask();
    } catch (KafkaException e) {
      LOG.debug("It is not known how far group '{}' is", topic.consumerGroup(), e);
      endBystander();
      nextAttempt = now.plus(backoff.next());
    }
    return 0;
  }

  private void endBystander() {
    GroupMember present = bystander;
    bystander = null;
    if (present != null) {
      end(present::leave);
    }
  }

  private void look(GroupMember member, Moment now) {
    if (now.isBefore(nextLook)) {
      return;
    }
    nextLook = now.plusMs(1_000);
    partitions.look(member, now);
    boolean waitsForGroup = member.timeOutside().compareTo(OUTSIDE) > 0;
    boolean isSilent = member.silence().compareTo(silence) > 0;
    if (waitsForGroup ? !member.isAnswered() : isSilent) {
      say(KafkaFailure.unreachable(topic.cluster()));
    } else if (waitsForGroup) {
      say(KafkaFailure.notLetIn(topic));
    } else if (member.timeWithoutBeginning().compareTo(BEGINNING) > 0) {
      say(KafkaFailure.notBegun(topic));
    } else if (member.isSteady()) {
      stalls.end(what);
      hasRead = true;
      absence = null;
      if (nextAttempt.plus(HEALTHY).isBefore(now)) {
        backoff.reset();
      }
    }
  }

  private void say(KafkaFailure failure) {
    stalls.begin(what, failure.reason(), failure.remedy());
  }

  private void explain(KafkaFailure failure, RuntimeException e) {
    say(failure);
    if (!hasRead && KafkaFailure.cause(e) instanceof UnknownTopicOrPartitionException) {
      absence = failure.reason();
    }
    if (KafkaFailure.cause(e) instanceof KafkaException) {
      LOG.debug("Topic '{}' is not read", topic.name(), e);
    } else { // thrown by us, in a call that the client made
      unexpected.accept(e);
    }
  }

  private void retreat(Consumer<GroupMember> way) {
    GroupMember failed = member;
    member = null;
    if (failed != null) {
      end(() -> way.accept(failed));
    }
    endBystander();
    partitions.abandon();
    nextAttempt = time.now().plus(backoff.next());
  }

  private void end(Runnable leaving) {
    try {
      leaving.run();
    } catch (RuntimeException e) {
      LOG.warn("The group of topic '{}' was not left in order", topic.name(), e);
    }
  }
}
