package io.taskbroker.bootstrap;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.settings.BrokerConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a second broker, small and for a few seconds, do tasks of its own in this process. By then
 * the JVM has loaded and compiled what the first real tasks go through.
 *
 * <p>Its store is a file of its own, its workers are in this process, it counts for nobody, and
 * Kafka knows nothing of it. What fails in it ends it, and nothing else.
 */
final class Rehearsal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  /** Tasks that come at once, as many as a poll of Kafka brings. */
  private static final int POLL = 500;

  /** Tasks that have come and are not done. */
  private static final int MOST_UNDER_WAY = 4 * POLL;

  /** More would teach the JVM little. */
  private static final int MOST = 20_000;

  /** Of its files: a pod may have little room for temporary ones, and is evicted above that. */
  private static final long MOST_BYTES = 32L << 20;

  /** How often it asks whether it is to end. */
  private static final Duration LOOK = Duration.ofMillis(5);

  /** How often it asks whether it may begin. */
  private static final Duration BEFORE = Duration.ofMillis(100);

  /**
   * How often in a row it must hear so: workers who wait have a task within that time if there is
   * one, and a rehearsal would only make them wait.
   */
  private static final int QUIET = 10;

  /** A disk that hangs is not to hold up the stop of the real broker. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final BrokerConfig config;
  private final TimeSource time;
  private final RehearsalRoom room;
  private final BooleanSupplier mayBegin;
  private final BooleanSupplier isNeedless;
  private final Semaphore places = new Semaphore(MOST_UNDER_WAY);
  private final AtomicInteger done = new AtomicInteger();
  private final Job job =
      ContainedThreads.INSTANCE.job(RehearsedBroker.NAME, Threads.Kind.PLATFORM, this::run);

  private volatile boolean isClosed;

  private Rehearsal(
      BrokerConfig config,
      TimeSource time,
      RehearsalRoom room,
      BooleanSupplier mayBegin,
      BooleanSupplier isNeedless) {
    this.config = config;
    this.time = time;
    this.room = room;
    this.mayBegin = mayBegin;
    this.isNeedless = isNeedless;
  }

  /**
   * One as it is configured, not begun; empty if there is to be none.
   *
   * @param room its folder is of this process alone
   * @param mayBegin whether the real broker has nothing to prepare any more
   * @param isNeedless whether the real broker has done a task; both are asked again and again
   */
  static Optional<Rehearsal> wanted(
      BrokerConfig config,
      TimeSource time,
      RehearsalRoom room,
      BooleanSupplier mayBegin,
      BooleanSupplier isNeedless) {
    return config.rehearsal().isZero()
        ? Optional.empty()
        : Optional.of(new Rehearsal(config, time, room, mayBegin, isNeedless));
  }

  /** Begins, and returns at once. */
  Rehearsal start() {
    job.start();
    return this;
  }

  /** How many of its tasks are done. */
  int done() {
    return done.get();
  }

  /** Returns when nothing is left of it. */
  void awaitEnd() {
    job.awaitEnd();
  }

  /** Ends it early. Returns when nothing is left of it, or after a few seconds. */
  @Override
  public void close() {
    isClosed = true;
    if (!job.awaitEnd(PATIENCE)) {
      LOG.debug("The rehearsal hangs, and is left to the end of the process");
    }
  }

  private boolean isToEnd() {
    return isClosed || isNeedless.getAsBoolean();
  }

  private void run() {
    Path file = room.folder().resolve(RehearsedBroker.FILE);
    try {
      for (int quiet = 0; quiet < QUIET && !isToEnd(); ) {
        quiet = mayBegin.getAsBoolean() ? quiet + 1 : 0;
        Thread.sleep(BEFORE);
      }
      if (!isToEnd() && isFit()) {
        play(file);
      }
    } catch (IOException | InterruptedException e) {
      LOG.debug("The rehearsal broke off", e);
    } finally {
      remove(file);
    }
  }

  private boolean isFit() throws IOException {
    String lack = room.lacks();
    if (lack != null) {
      LOG.debug("Nothing is rehearsed: {}", lack);
    }
    return lack == null;
  }

  private void play(Path file) throws InterruptedException {
    try (var broker = new RehearsedBroker(config, time, file, this::isDone)) {
      long beginNanos = time.nanos();
      long longest = config.rehearsal().toNanos();
      int taken = 0;
      while (taken < MOST
          && broker.size() < MOST_BYTES
          && time.nanos() - beginNanos < longest
          && !isToEnd()) {
        if (places.tryAcquire(POLL, LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
          broker.take(POLL);
          taken += POLL;
        }
      }
      if (done() > 0) {
        LOG.info(
            "{} tasks of the broker's own were rehearsed in {} ms",
            done(),
            TimeUnit.NANOSECONDS.toMillis(time.nanos() - beginNanos));
      }
    }
  }

  private void isDone(int tasks) {
    done.addAndGet(tasks);
    places.release(tasks);
  }

  /** With its companions, whose names begin alike. */
  private void remove(Path file) {
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(room.folder(), file.getFileName() + "*")) {
      for (Path one : all) {
        Files.deleteIfExists(one);
      }
    } catch (IOException e) {
      LOG.debug("The file of the rehearsal is still there", e);
    }
  }
}
