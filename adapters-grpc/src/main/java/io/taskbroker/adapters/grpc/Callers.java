package io.taskbroker.adapters.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.netty.util.NetUtil;
import io.taskbroker.application.dispatch.Caller;
import io.taskbroker.application.dispatch.DepartedWorkers;
import io.taskbroker.application.dispatch.WorkerPrograms;
import io.taskbroker.domain.TimeSource;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Takes each connection for one caller. Safe for all threads. */
final class Callers extends ServerTransportFilter {
  private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("caller");
  private static final Attributes.Key<String> NAME = Attributes.Key.create("caller name");
  private static final Attributes.Key<AtomicBoolean> HAS_TOLD = Attributes.Key.create("has told");

  /** What every client of gRPC sends: its own words, if it has some, then the library's. */
  private static final Metadata.Key<String> USER_AGENT =
      Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

  /** What ports say of names; an address with a port is never longer. */
  private static final int LONGEST_NAME = 100;

  private final DepartedWorkers departed;
  private final TimeSource time;

  /**
   * @param departed is told which connections of workers have ended
   */
  Callers(DepartedWorkers departed, TimeSource time) {
    this.departed = departed;
    this.time = time;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    String name = nameOf(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
    departed.came(name);
    return attributes.toBuilder()
        .set(CALLER, new Caller())
        .set(HAS_TOLD, new AtomicBoolean())
        .set(NAME, name)
        .build();
  }

  /**
   * Whoever has never called was no worker.
   *
   * @param attributes null if the connection ended before it was ready, as one does that only looks
   *     whether somebody listens. The library keeps for ever whose filter breaks on that.
   */
  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    if (attributes == null) {
      return;
    }
    AtomicBoolean hasTold = attributes.get(HAS_TOLD);
    String name = attributes.get(NAME);
    if (hasTold != null && hasTold.get() && name != null) {
      departed.went(name, time.now().wallMs());
    }
  }

  private static String nameOf(@Nullable SocketAddress address) {
    String name =
        address instanceof InetSocketAddress inet
            ? NetUtil.toSocketAddressString(inet)
            : String.valueOf(address == null ? "" : address);
    return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }

  /** Whoever the call comes from. */
  static Caller of(ServerCall<?, ?> call) {
    Caller caller = call.getAttributes().get(CALLER);
    return caller == null ? new Caller() : caller;
  }

  /**
   * The address and port that the call's connection comes from, for people; empty if they are not
   * known. The same object for all calls of a connection.
   */
  static String nameOf(ServerCall<?, ?> call) {
    String name = call.getAttributes().get(NAME);
    return name == null ? "" : name;
  }

  /** Keeps which program calls, as it says in so many words; nothing if it says nothing. */
  static void introduce(ServerCall<?, ?> call, String program, WorkerPrograms programs) {
    AtomicBoolean hasTold = call.getAttributes().get(HAS_TOLD);
    if (hasTold != null && !program.isBlank()) {
      hasTold.set(true);
      programs.tells(nameOf(call), program);
    }
  }

  /** Keeps which program calls, as the first call of its connection says it. */
  static void introduce(ServerCall<?, ?> call, Metadata headers, WorkerPrograms programs) {
    AtomicBoolean hasTold = call.getAttributes().get(HAS_TOLD);
    if (hasTold != null && !hasTold.get() && hasTold.compareAndSet(false, true)) {
      String program = headers.get(USER_AGENT);
      programs.tells(nameOf(call), program == null ? "" : program);
    }
  }
}
