package io.taskbroker.adapters.metrics;

import io.taskbroker.application.dispatch.CallMetrics;

/** What is counted of each call, path by path. */
final class CallCounts implements CallMetrics {
  private final ByTag<OfPath> paths;

  private record OfPath(Counter calls, Histogram duration) {}

  CallCounts(Meters meters) {
    this.paths =
        meters.by(
            method -> {
              String path = method.equals(ByTag.OTHER) ? method : "/" + method;
              return new OfPath(
                  meters.counter("grpc.request", "path", path),
                  meters.coarse("grpc.request.duration", Unit.SECONDS, "path", path));
            });
  }

  @Override
  public void ended(String method, long nanos) {
    OfPath counts = paths.of(method);
    counts.calls().one();
    counts.duration().recordNanos(nanos);
  }
}
