package io.taskbroker.proving.unruly;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.TaskActivationStatus;

/** Does what a {@link Nuisance} is, for as long as the process lives. */
final class UnrulyClients {
  private static final int HOARDERS = 5;
  private static final int ASKED = 200;
  private static final int MANY = 1_000;
  private static final int MAX_MESSAGE_BYTES = 16 << 20;

  /** Between asking and leaving: a part of the answer is on its way by then. */
  private static final long STAY_MS = 50;

  private final String address;
  private final GetTaskRequest wish;
  private final SetTaskStatusRequest report;

  /**
   * @param application whose tasks are asked for
   */
  UnrulyClients(String address, String application) {
    this.address = address;
    this.wish = GetTaskRequest.newBuilder().setApplication(application).build();
    this.report =
        SetTaskStatusRequest.newBuilder()
            .setId("a task of nobody")
            .setStatus(TaskActivationStatus.TASK_ACTIVATION_STATUS_COMPLETE)
            .setFetchNextTask(FetchNextTask.newBuilder().setApplication(application))
            .build();
  }

  void begin(Nuisance nuisance) {
    switch (nuisance) {
      case READ_NOTHING -> readNothing();
      case LEAVE -> Thread.ofPlatform().daemon().name("leaving").start(this::leaveForEver);
      case BE_MANY -> beMany();
      case HALF_REQUESTS -> new Floods(address).halfRequests(5_000);
      case LARGE_HEADERS -> new Floods(address).largeHeaders(160, 250, 7_000);
      case UNREAD_PAGES -> new Floods(address).unreadPages(100);
      case HALF_PAGES -> new Floods(address).halfPages(600);
    }
  }

  private void readNothing() {
    for (int i = 0; i < HOARDERS; i++) {
      ManagedChannel channel = connect();
      for (int call = 0; call < ASKED; call++) {
        ask(channel);
      }
    }
  }

  private void leaveForEver() {
    try {
      while (true) {
        ManagedChannel channel = connect();
        ask(channel);
        breakOff(channel);
        Thread.sleep(STAY_MS);
        channel.shutdownNow();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void beMany() {
    var nothing = GetTaskRequest.newBuilder().setApplication("nobody").build();
    for (int i = 0; i < MANY; i++) {
      try {
        var _ = ConsumerServiceGrpc.newBlockingStub(connect()).getTask(nothing);
        throw new IllegalStateException("there is a task for nobody");
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
          throw new IllegalStateException("connection " + i + " was not answered", e);
        }
      }
    }
  }

  private ManagedChannel connect() {
    return ManagedChannelBuilder.forTarget(address)
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .build();
  }

  /** Each kind of call once before its request is whole, and once as soon as it has left. */
  private void breakOff(ManagedChannel channel) {
    var reports = SetBatchActivationStatusRequest.newBuilder().addUpdates(report).build();
    for (boolean whole : new boolean[] {false, true}) {
      leave(begin(channel, ConsumerServiceGrpc.getGetTaskMethod(), wish, whole));
      leave(begin(channel, ConsumerServiceGrpc.getSetTaskStatusMethod(), report, whole));
      leave(
          begin(channel, ConsumerServiceGrpc.getSetBatchActivationStatusMethod(), reports, whole));
    }
  }

  private static void leave(ClientCall<?, ?> call) {
    call.cancel("left in the middle", null);
  }

  /** A call of which the answer's headers are taken, and nothing more. */
  private void ask(ManagedChannel channel) {
    var _ = begin(channel, ConsumerServiceGrpc.getGetTaskMethod(), wish, true);
  }

  private static <Q, A> ClientCall<Q, A> begin(
      ManagedChannel channel, MethodDescriptor<Q, A> method, Q request, boolean whole) {
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<>() {}, new Metadata());
    call.sendMessage(request);
    if (whole) {
      call.halfClose();
    }
    return call;
  }
}
