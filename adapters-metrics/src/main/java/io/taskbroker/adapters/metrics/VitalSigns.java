package io.taskbroker.adapters.metrics;

import io.taskbroker.application.broker.Vitals;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How the broker is, asked for whenever somebody wants to know. */
final class VitalSigns implements Consumer<StatsdSink> {
  private final Supplier<Vitals> broker;

  VitalSigns(Supplier<Vitals> broker) {
    this.broker = broker;
  }

  @Override
  public void accept(StatsdSink sink) {
    Vitals now = broker.get();
    sink.gauge("store.queue_depth", now.waiting(), Tags.NONE);
    sink.gauge("store.live_bytes", (double) now.size().live(), Tags.NONE);
    sink.gauge("store.wal_bytes", (double) now.size().log(), Tags.NONE);
    sink.gauge("store.rows_memory_bytes", (double) now.depths().memoryBytes(), Tags.NONE);
    sink.gauge("store.uncommitted_tasks", now.depths().uncommitted(), Tags.NONE);
    sink.gauge("store.finished_rows", now.depths().finished(), Tags.NONE);
    sink.gauge("outbox.depth", now.depths().outbox(), Tags.NONE);
    sink.gauge("outbox.parked_rows", now.depths().parked(), Tags.NONE);
    now.stalls().keySet().forEach(what -> sink.gauge("stalled", 1, Tags.of("what", what)));
  }
}
