package io.taskbroker.proving.hostile;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.workload.process.BrokerSetup;
import java.time.Duration;

/** One call of GetTask on a connection of its own. */
final class HostileCall {
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Metadata.Key<String> SIGNATURE =
      Metadata.Key.of("sentry-signature", Metadata.ASCII_STRING_MARSHALLER);

  private HostileCall() {}

  /** What becomes of a call that nobody objects to, where there is nothing to do: NOT_FOUND. */
  static Status plain(BrokerSetup at) {
    return of(at, GetTaskRequest.getDefaultInstance(), new Metadata());
  }

  static Status of(BrokerSetup at, GetTaskRequest request) {
    return of(at, request, new Metadata());
  }

  static Status signed(BrokerSetup at, GetTaskRequest request, String signature) {
    Metadata headers = new Metadata();
    headers.put(SIGNATURE, signature);
    return of(at, request, headers);
  }

  private static Status of(BrokerSetup at, GetTaskRequest request, Metadata headers) {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(at.grpcAddress()).usePlaintext().build();
    try {
      var _ =
          ConsumerServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .withDeadlineAfter(PATIENCE)
              .getTask(request);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    } finally {
      channel.shutdownNow();
    }
  }
}
