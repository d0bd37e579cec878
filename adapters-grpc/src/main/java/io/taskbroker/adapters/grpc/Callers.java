package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.taskbroker.application.dispatch.Caller;

/** Takes each connection for one caller. Safe for all threads. */
final class Callers extends ServerTransportFilter {
  private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("caller");

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(CALLER, new Caller()).build();
  }

  /** Whoever the call comes from. */
  static Caller of(ServerCall<?, ?> call) {
    Caller caller = call.getAttributes().get(CALLER);
    return caller == null ? new Caller() : caller;
  }
}
