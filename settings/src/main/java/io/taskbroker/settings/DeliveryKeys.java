package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.WorkerAddress;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How tasks get to workers, and outcomes back. */
final class DeliveryKeys {
  /** Who begins. */
  enum Mode {
    PULL,
    PUSH
  }

  static final Setting<Mode> MODE =
      Setting.of("delivery_mode", Type.oneOf(Mode.class), Mode.PULL)
          .means("Whether workers ask for tasks, or the broker sends them.");
  static final Setting<Map<String, String>> WORKER_MAP =
      Setting.of("worker_map", TextTypes.TEXT_BY_NAME, Map.of("sentry", "http://127.0.0.1:50052"))
          .must("have at least one entry", workers -> !workers.isEmpty())
          .must(
              "map each application to a URL such as http://worker:50052 or https://worker:50052",
              workers -> workers.values().stream().allMatch(DeliveryKeys::isEndpoint))
          .must(
              "have no underscore in a host of https, as no certificate can be checked for one",
              workers -> workers.values().stream().allMatch(DeliveryKeys::canBeTrusted))
          .means(
              "Where each application's workers are; https for calls over TLS. What is given"
                  + " replaces the default.");
  static final Setting<String> PUSH_TLS_CA =
      Setting.optional("push.tls.ca", TextTypes.FILE)
          .means(
              "Push over https only: a PEM file with the authorities that sign the workers'"
                  + " certificates. The system's are trusted if it is unset.");
  static final Setting<String> PUSH_TLS_CERTIFICATE =
      Setting.optional("push.tls.certificate", TextTypes.FILE)
          .means(
              "Push over https only: a PEM file with the certificate that workers are shown, and"
                  + " those of the authorities between it and its root.");
  static final Setting<String> PUSH_TLS_KEY =
      Setting.optional("push.tls.key", TextTypes.FILE)
          .means("A PEM file with the key of push.tls.certificate, in PKCS#8, without a password.");
  static final Setting<Integer> FETCH_THREADS =
      Setting.of("fetch.threads", NumberTypes.between(1, 256), 1)
          .must("be a power of two", threads -> Integer.bitCount(threads) == 1)
          .formerly("fetch_threads")
          .means("Push only: with fetch.batch_length, how many tasks are taken at once.");
  static final Setting<Duration> FETCH_BACKOFF =
      Setting.of("fetch.backoff", DurationTypes.DURATION_TEXT, Duration.ofMillis(100))
          .formerly("fetch_wait_ms", DurationTypes.MILLIS)
          .idle()
          .means("Work is looked for every few milliseconds.");
  static final Setting<Integer> FETCH_BATCH_LENGTH =
      Setting.of("fetch.batch_length", NumberTypes.between(1, Integer.MAX_VALUE), 1)
          .formerly("fetch_batch_size")
          .means("Push only: how many tasks each fetch thread takes at once.");
  static final Setting<Long> PUSH_THREADS =
      atLeastOne("push.threads")
          .formerly("push_threads")
          .means("Push only: most pushes under way at once, in each application.");
  static final Setting<Duration> PUSH_TIMEOUT =
      Setting.of("push.timeout", DurationTypes.DURATION_TEXT, Duration.ofSeconds(30))
          .must("be longer than 0", Duration::isPositive)
          .formerly("push_timeout_ms", DurationTypes.MILLIS)
          .means("Push only: how long a worker may take to accept a task.");
  static final Setting<Long> PUSH_QUEUE_SIZE =
      atLeastOne("push.queue.size")
          .formerly("push_queue_size")
          .means("Push only: most tasks taken ahead of those, in each application.");
  static final Setting<Duration> PUSH_QUEUE_TIMEOUT =
      Setting.of("push.queue.timeout", DurationTypes.DURATION_TEXT, Duration.ofSeconds(5))
          .must("be longer than 0", Duration::isPositive)
          .formerly("push_queue_timeout_ms", DurationTypes.MILLIS)
          .means("Push only: counts towards the lease of a task that is taken, nothing else.");
  static final Setting<Boolean> PUSH_UPDATE_BATCHED =
      Setting.of("push.update.batched", Type.FLAG, false)
          .formerly("batch_push_updates")
          .means(
              "Push only: another formula for the lease, nothing else. Marks are always written"
                  + " together, and at once.");
  static final Setting<Long> PUSH_UPDATE_BATCH_LENGTH =
      atLeastOne("push.update.batch.length")
          .formerly("push_update_batch_size")
          .means("Push only: counts towards the lease, nothing else.");
  static final Setting<Long> PUSH_UPDATE_BATCH_SIZE =
      atLeastOne("push.update.batch.size").idle().means("As in the reference.");
  static final Setting<Duration> PUSH_UPDATE_BATCH_INTERVAL =
      Setting.of("push.update.batch.interval", DurationTypes.DURATION_TEXT, Duration.ofMillis(100))
          .formerly("push_update_interval_ms", DurationTypes.MILLIS)
          .means("Push only: counts towards the lease, nothing else.");
  static final Setting<Boolean> BATCH_STATUS_UPDATES =
      Setting.of("batch_status_updates", Type.FLAG, false)
          .idle()
          .means("Outcomes are always written together, and at once.");
  static final Setting<Long> STATUS_UPDATE_BATCH_SIZE =
      atLeastOne("status_update_batch_size").idle().means("As `batch_status_updates`.");
  static final Setting<Duration> STATUS_UPDATE_INTERVAL =
      Setting.of("status_update_interval_ms", DurationTypes.MILLIS, Duration.ofMillis(100))
          .must("be at least 1", Duration::isPositive)
          .idle()
          .means("As `batch_status_updates`.");

  static final List<Setting<?>> ALL =
      List.of(
          MODE,
          WORKER_MAP,
          PUSH_TLS_CA,
          PUSH_TLS_CERTIFICATE,
          PUSH_TLS_KEY,
          FETCH_THREADS,
          FETCH_BACKOFF,
          FETCH_BATCH_LENGTH,
          PUSH_THREADS,
          PUSH_TIMEOUT,
          PUSH_QUEUE_SIZE,
          PUSH_QUEUE_TIMEOUT,
          PUSH_UPDATE_BATCHED,
          PUSH_UPDATE_BATCH_LENGTH,
          PUSH_UPDATE_BATCH_SIZE,
          PUSH_UPDATE_BATCH_INTERVAL,
          BATCH_STATUS_UPDATES,
          STATUS_UPDATE_BATCH_SIZE,
          STATUS_UPDATE_INTERVAL);

  private DeliveryKeys() {}

  private static Setting<Long> atLeastOne(String path) {
    return Setting.of(path, NumberTypes.COUNT, 1L).must("be at least 1", number -> number >= 1);
  }

  private static boolean canBeTrusted(String endpoint) {
    return !isEndpoint(endpoint) || WorkerAddress.of(endpoint).canBeTrusted();
  }

  private static boolean isEndpoint(String text) {
    try {
      WorkerAddress.of(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
