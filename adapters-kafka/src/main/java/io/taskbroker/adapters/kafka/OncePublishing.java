package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.Sending.Outcome;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Publishes records that must not be in their topic twice, and says of each failure whether the
 * record may be there.
 *
 * <p>Within one call the client's own repetitions are harmless: its producer is idempotent, so
 * Kafka drops what it has already. When the client gives a record up, its exception does not say
 * whether the record was ever sent. The client's counts do: calls take turns, so that what it
 * counts meanwhile belongs to the records of this call. Safe for all threads.
 */
final class OncePublishing {
  private final ProducerSlot slot;
  private final PublishFailures failures;
  private final Duration longestCall;
  private final ReentrantLock turn = new ReentrantLock();

  /**
   * @param longestCall how long records may be under way; their producer is ended then
   */
  OncePublishing(ProducerSlot slot, PublishFailures failures, Duration longestCall) {
    this.slot = slot;
    this.failures = failures;
    this.longestCall = longestCall;
  }

  List<Fate> publish(String topic, List<OutgoingRecord> records) {
    turn.lock();
    try {
      return inTurn(topic, records);
    } finally {
      turn.unlock();
    }
  }

  /** As {@link ProducerSlot#renew}. */
  void renew() {
    slot.renew();
  }

  void close(Duration patience) {
    slot.close(patience);
  }

  private List<Fate> inTurn(String topic, List<OutgoingRecord> records) {
    ProducerSlot.Use use;
    SendCounts before;
    try {
      use = slot.begin();
      before = SendCounts.of(use.producer());
    } catch (RuntimeException e) { // the client says in many ways that it cannot be constructed
      return Collections.nCopies(records.size(), failures.ofNotHandedOver(topic, e));
    }
    try {
      Sending sending = Sending.of(use.producer(), topic, records);
      List<Outcome> outcomes = sending.await(longestCall);
      if (outcomes.stream().anyMatch(OncePublishing::isOpen)) {
        use.giveUp(noAnswer());
        // Only a producer that has ended sends nothing more, and has counted what it sent.
        use.producer().close(Duration.ZERO);
        outcomes = sending.outcomes();
      }
      return fates(topic, outcomes, countsSince(before, use.producer()));
    } finally {
      slot.end(use);
    }
  }

  private static Throwable noAnswer() {
    return new TimeoutException("Kafka has not answered");
  }

  private static SendCounts countsSince(SendCounts before, Producer<byte[], byte[]> producer) {
    return SendCounts.of(producer).since(before);
  }

  private static boolean isOpen(Outcome outcome) {
    return outcome instanceof Outcome.Failed || outcome instanceof Outcome.Unanswered;
  }

  private List<Fate> fates(String topic, List<Outcome> outcomes, SendCounts counts) {
    boolean othersWereNotSent =
        counts.retried() == 0
            && counts.sent() == outcomes.stream().filter(OncePublishing::wasSent).count();
    List<Fate> fates = new ArrayList<>(outcomes.size());
    for (Outcome outcome : outcomes) {
      boolean certain =
          counts.sent() == 0 || (wasSent(outcome) ? counts.retried() == 0 : othersWereNotSent);
      fates.add(fate(topic, outcome, certain));
    }
    return fates;
  }

  /**
   * @param certain whether a record that was given up is certainly not in its topic
   */
  private Fate fate(String topic, Outcome outcome, boolean certain) {
    return switch (outcome) {
      case Outcome.Written _ -> new Fate.Acknowledged();
      case Outcome.NotHandedOver(Throwable failure) -> failures.ofNotHandedOver(topic, failure);
      case Outcome.Failed(Throwable failure) ->
          certain ? failures.ofFailed(topic, failure) : failures.ofUnknown(topic, failure);
      case Outcome.Unanswered _ ->
          certain ? failures.ofFailed(topic, noAnswer()) : failures.ofUnknown(topic, noAnswer());
    };
  }

  /** Whether Kafka has answered to this record, so that it is among those that were sent. */
  private static boolean wasSent(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Written _ -> true;
      case Outcome.NotHandedOver _, Outcome.Unanswered _ -> false;
      case Outcome.Failed(Throwable failure) -> PublishFailures.isRefusalBeforeWriting(failure);
    };
  }
}
