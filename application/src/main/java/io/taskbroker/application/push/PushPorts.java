package io.taskbroker.application.push;

import io.taskbroker.application.EventSink;
import io.taskbroker.domain.TimeSource;

/** All that it takes to push. */
public record PushPorts(
    WorkerGateway gateway, PushSettings settings, EventSink<PushEvent> metrics) {
  /** The same, but what counts cannot break a push. */
  public PushPorts careful(TimeSource time) {
    return new PushPorts(gateway, settings, EventSink.careful("pushes", metrics, time));
  }
}
