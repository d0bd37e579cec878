package io.taskbroker.adapters.kafka;

import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds one producer, opened when it is first needed.
 *
 * <p>A producer that has failed for good takes no new records, but is closed only when nobody waits
 * for it any more: closing it at once would abort records of others that Kafka may have already.
 * Safe for all threads.
 */
final class ProducerSlot {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::producer");

  private final Supplier<Producer<byte[], byte[]>> opening;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Use current;
  private boolean closed;

  /** A producer and those who wait for it. */
  static final class Use {
    private final Producer<byte[], byte[]> producer;
    private int users;
    private volatile boolean given;

    private Use(Producer<byte[], byte[]> producer) {
      this.producer = producer;
    }

    Producer<byte[], byte[]> producer() {
      return producer;
    }

    /** No further call shall use this producer. */
    void giveUp(Throwable failure) {
      if (!given) {
        LOG.debug("The Kafka producer failed; a new one takes its place", failure);
      }
      given = true;
    }
  }

  ProducerSlot(Supplier<Producer<byte[], byte[]>> opening) {
    this.opening = opening;
  }

  /**
   * The producer to use now, until {@link #end}.
   *
   * @throws RuntimeException if none can be opened; the client says so in many ways
   */
  Use begin() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the publisher is closed");
      }
      Use use = current;
      if (use == null || use.given) {
        use = new Use(opening.get());
        current = use;
      }
      use.users++;
      return use;
    } finally {
      lock.unlock();
    }
  }

  void end(Use use) {
    boolean unused;
    lock.lock();
    try {
      use.users--;
      unused = use.given && use.users == 0;
    } finally {
      lock.unlock();
    }
    if (unused) {
      use.producer.close(Duration.ZERO);
    }
  }

  /**
   * Ends the present producer, even if somebody waits for it. Records that Kafka has not confirmed
   * count as failed. Does not wait.
   */
  void renew() {
    Use old;
    lock.lock();
    try {
      old = current;
      current = null;
    } finally {
      lock.unlock();
    }
    if (old != null) {
      old.giveUp(new IllegalStateException("the host's clock was set back"));
      SystemThreads.INSTANCE
          .job(
              "end-producer",
              Threads.Kind.VIRTUAL,
              () -> old.producer.close(Duration.ZERO)) // may wait for its own thread
          .start();
    }
  }

  /** Gives records that are under way so long; what is not confirmed by then is aborted. */
  void close(Duration patience) {
    Use last;
    lock.lock();
    try {
      closed = true;
      last = current;
      current = null;
    } finally {
      lock.unlock();
    }
    if (last != null) {
      last.producer.close(patience);
    }
  }
}
