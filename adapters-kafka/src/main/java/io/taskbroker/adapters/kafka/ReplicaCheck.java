package io.taskbroker.adapters.kafka;

import io.taskbroker.application.upkeep.Publisher.Fate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks, before records are sent that must not be sent twice, whether their topic has as many
 * replicas in sync as it demands.
 *
 * <p>Where it has fewer, Kafka refuses every record, but the client tries again by itself, and when
 * it gives up it does not say what the answers were: the record may be in its topic as far as
 * anybody knows. So nothing is sent then. Replicas may still be lost between the question and the
 * record.
 *
 * <p>Safe for all threads. Each question blocks, for a bounded time.
 */
final class ReplicaCheck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::producer");

  /** One round trip; a Kafka that takes longer is not sent to now. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Optional<Fate> CLOSED =
      Optional.of(new Fate.NotNow("nothing is published any more, as the broker stops"));

  private final KafkaClusterSettings cluster;
  private final PublishFailures failures;
  private final Duration patience;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile @Nullable ClusterAdmin admin;
  private volatile boolean closed;

  ReplicaCheck(KafkaClusterSettings cluster, PublishFailures failures) {
    this(cluster, failures, PATIENCE);
  }

  ReplicaCheck(KafkaClusterSettings cluster, PublishFailures failures, Duration patience) {
    this.cluster = cluster;
    this.failures = failures;
    this.patience = patience;
  }

  /**
   * Why no record may be sent to this topic now; empty if nothing is known to be in the way. What
   * cannot be asked, for want of a permission or because there is no such topic, is left to the
   * sending.
   */
  Optional<Fate> obstacle(String topic) {
    turn.lock();
    try {
      return closed ? CLOSED : ask(topic);
    } finally {
      turn.unlock();
    }
  }

  private Optional<Fate> ask(String topic) {
    try {
      ClusterAdmin asked = admin;
      if (asked == null) {
        asked = ClusterAdmin.open(cluster, patience);
        admin = asked;
        if (closed) { // meanwhile, by somebody who saw none
          asked.close();
        }
      }
      return asked.hasReplicasInSync(topic)
          ? Optional.empty()
          : Optional.of(failures.ofFailed(topic, new NotEnoughReplicasException("in sync")));
    } catch (RetriableException e) { // nothing was sent, so it is certain that nothing is written
      return Optional.of(failures.ofFailed(topic, e));
    } catch (KafkaException e) {
      LOG.debug("Nobody says how many replicas of topic '{}' are in sync", topic, e);
      return closed ? CLOSED : Optional.empty();
    }
  }

  /** Cuts a question short that is under way; the next one is asked by a new client. */
  void renew() {
    ClusterAdmin open = admin;
    admin = null;
    if (open != null) {
      open.close();
    }
  }

  /** Cuts a question short that is under way: nothing may be sent from then on. */
  @Override
  public void close() {
    closed = true;
    ClusterAdmin open = admin;
    if (open != null) {
      open.close();
    }
  }
}
