package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells who has clients of Kafka that the wall clock of this host was set back.
 *
 * <p>A client counts its time-outs and rests by that clock. After a step back by an hour, what it
 * waits for may last an hour, and a connection that it had lost is not made again for as long. So
 * new clients have to take the place of those that there are. A clock that is set forward, or
 * slewed, harms none. Safe for all threads.
 */
public final class HostClock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::clock");

  /** A step that the client's own rests and time-outs are longer than. */
  private static final long HARMLESS_MS = 1_000;

  private static final Duration REST = Duration.ofMillis(250);
  private static final Duration LONGEST_TURN = Duration.ofSeconds(5);

  private final TimeSource time;
  private final List<Runnable> told = new CopyOnWriteArrayList<>();
  private final Loop loop;

  /** By how much the wall clock is ahead of the one that never steps. */
  private long aheadMs;

  /** Listens until it is closed. */
  public interface Listening extends AutoCloseable {
    @Override
    void close();
  }

  /** Looks from {@link #start} on. */
  public HostClock(TimeSource time) {
    this.time = time;
    this.aheadMs = aheadMs();
    this.loop =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "kafka-host-clock",
            this::look,
            REST,
            failure -> LOG.error("A client of Kafka could not be replaced", failure),
            new Heartbeat("kafka-host-clock", time, LONGEST_TURN));
  }

  /** Looks in the background, four times a second. */
  public HostClock start() {
    loop.start();
    return this;
  }

  /**
   * Calls the listener after each step back.
   *
   * @param listener called on the thread that looks; it must not wait
   */
  public Listening whenSetBack(Runnable listener) {
    told.add(listener);
    return () -> told.remove(listener);
  }

  /** One look; always rests afterwards. */
  int look() {
    long before = aheadMs;
    aheadMs = aheadMs();
    long setBackMs = before - aheadMs;
    if (setBackMs > HARMLESS_MS) {
      LOG.warn(
          "The clock of this host was set back by {} ms. Clients of Kafka count by it, so new ones"
              + " take their place",
          setBackMs);
      told.forEach(Runnable::run);
    }
    return 0;
  }

  private long aheadMs() {
    Moment now = time.now();
    return now.wallMs() - now.monotonicMs();
  }

  @Override
  public void close() {
    loop.close();
  }
}
