package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.GrpcWorkersSettings;
import io.taskbroker.adapters.grpc.WorkerAddress;
import io.taskbroker.application.push.PushSettings;
import io.taskbroker.settings.reading.Values;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** From values by key to the records that pushing wants. */
final class PushRecords {
  private final Values values;

  PushRecords(Values values) {
    this.values = values;
  }

  /** Empty if workers ask for their tasks. */
  Optional<PushConfig> build() {
    return switch (values.get(DeliveryKeys.MODE)) {
      case PULL -> Optional.empty();
      case PUSH -> Optional.of(new PushConfig(settings(), workers()));
    };
  }

  /** Also of a broker that pushes nothing, which may find what it has claimed for pushes before. */
  PushSettings settings() {
    int threads = intOf(values.get(DeliveryKeys.PUSH_THREADS));
    int queueSize = intOf(values.get(DeliveryKeys.PUSH_QUEUE_SIZE));
    int batch = values.get(DeliveryKeys.FETCH_BATCH_LENGTH);
    Duration timeout = values.get(DeliveryKeys.PUSH_TIMEOUT);
    Duration lease =
        PushSettings.leaseOf(
            batch,
            values.get(DeliveryKeys.PUSH_QUEUE_TIMEOUT),
            queueSize,
            threads,
            timeout,
            values.get(DeliveryKeys.PUSH_UPDATE_BATCHED),
            intOf(values.get(DeliveryKeys.PUSH_UPDATE_BATCH_LENGTH)),
            values.get(DeliveryKeys.PUSH_UPDATE_BATCH_INTERVAL));
    int atOnce = intOf((long) batch * values.get(DeliveryKeys.FETCH_THREADS));
    return new PushSettings(threads, queueSize, atOnce, timeout, lease);
  }

  private GrpcWorkersSettings workers() {
    Map<String, WorkerAddress> addresses = new TreeMap<>();
    values
        .get(DeliveryKeys.WORKER_MAP)
        .forEach((application, url) -> addresses.put(application, WorkerAddress.of(url)));
    return new GrpcWorkersSettings(
        addresses,
        (int) Math.min(values.get(DeliveryKeys.PUSH_THREADS), GrpcWorkersSettings.MAX_CONNECTIONS),
        intOf(values.get(GrpcKeys.MAX_MESSAGE_SIZE)),
        values.get(DeliveryKeys.PUSH_TIMEOUT),
        values.get(GrpcKeys.SHARED_SECRET),
        new TlsRecords(values).workers());
  }

  private static int intOf(long number) {
    return (int) Math.min(number, Integer.MAX_VALUE);
  }
}
