package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;

/**
 * Knows when a connection has become so old that it is told to go, and so will be cut once its
 * grace is over. Safe for all threads.
 */
final class ConnectionAges extends ServerTransportFilter {
  private static final Attributes.Key<Long> BEGAN = Attributes.Key.create("connection-began");

  /** Connections are told to go at their age, give or take a tenth. */
  private static final int SPREAD = 10;

  private final Duration age;
  private final TimeSource time;

  ConnectionAges(Duration age, TimeSource time) {
    this.age = age;
    this.time = time;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(BEGAN, time.now().monotonicMs()).build();
  }

  /**
   * Whether the connection has been told to go for certain: a client that comes again now comes by
   * another one.
   */
  boolean isEnding(ServerCall<?, ?> call) {
    Long began = call.getAttributes().get(BEGAN);
    return began != null
        && time.now().monotonicMs() - began > age.plus(age.dividedBy(SPREAD)).toMillis();
  }

  /** What has to be added to the grace, so that a stream has all of it once it is told. */
  Duration spread() {
    return age.dividedBy(SPREAD).multipliedBy(2);
  }
}
