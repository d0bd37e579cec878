package io.taskbroker.benchmarks.broker;

import com.google.protobuf.ByteString;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Tasks of a thousand kinds: of ten applications with ten namespaces each, with ten tasks each. One
 * in four is delayed by some days. They are put into a store's file before a broker opens it.
 */
final class Hoard {
  private static final int EACH = 10;
  private static final int DELAYED = 4;
  private static final long DELAY_MS = TimeUnit.DAYS.toMillis(2);
  private static final int BATCH = 2_000;
  private static final int DEADLINE_SEC = 600;

  /** {@code {"args": [5], "kwargs": {}}} in msgpack. */
  private static final byte[] ARGUMENTS = {
    (byte) 0x82,
    (byte) 0xa4,
    'a',
    'r',
    'g',
    's',
    (byte) 0x91,
    5,
    (byte) 0xa6,
    'k',
    'w',
    'a',
    'r',
    'g',
    's',
    (byte) 0x80
  };

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
  private final Partition origin;
  private final long nowMs = System.currentTimeMillis();
  private final byte[] payload;
  private String lastId = "";
  private long offset;

  private Hoard(String topic) {
    origin = new Partition(topic, 0);
    payload =
        TaskActivation.newBuilder()
            .setId("hoarded")
            .setParametersBytes(ByteString.copyFrom(ARGUMENTS))
            .build()
            .toByteArray();
  }

  /**
   * Fills a new file.
   *
   * @param topic that the tasks came from
   * @return the id of one of them
   */
  static String fill(Path file, String topic, int tasks) {
    var hoard = new Hoard(topic);
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + file.getParent(), e);
    }
    try (OwnedStore store = open(file)) {
      for (int left = tasks; left > 0; left -= BATCH) {
        store.intake().add(hoard.next(Math.min(left, BATCH)), new AssignmentEpoch());
      }
    }
    return hoard.lastId;
  }

  private static OwnedStore open(Path file) {
    return OwnedStore.open(
        SqliteJournal.open(
            new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES), Hoard::now),
        new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 5, Keeping.DEFAULT), false),
        Hoard::now,
        SystemThreads.INSTANCE,
        failure -> {
          throw new IllegalStateException("the store has ended", failure);
        });
  }

  private static Moment now() {
    return new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  private List<NewActivation> next(int count) {
    List<NewActivation> batch = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      batch.add(new NewActivation(one(), payload));
    }
    return batch;
  }

  private Activation one() {
    lastId = new UUID(random.nextLong(), random.nextLong()).toString();
    long number = offset++;
    return new Activation(
        lastId,
        "application-" + random.nextInt(EACH),
        "namespace-" + random.nextInt(EACH),
        "task-" + random.nextInt(EACH),
        origin,
        number,
        nowMs,
        nowMs,
        null,
        number % DELAYED == 0 ? nowMs + DELAY_MS + random.nextLong(DELAY_MS) : null,
        DEADLINE_SEC,
        Delivery.AT_LEAST_ONCE,
        OnAttemptsExceeded.DISCARD,
        payload.length,
        null);
  }
}
