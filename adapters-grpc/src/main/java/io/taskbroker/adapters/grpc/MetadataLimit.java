package io.taskbroker.adapters.grpc;

import io.grpc.InternalMetadata;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Refuses calls with too much metadata in words; the transport would end the connection. */
final class MetadataLimit implements ServerInterceptor {
  /** HTTP/2 counts so much for each pair besides its name and its value (RFC 9113, 6.5.2). */
  private static final int PAIR_BYTES = 32;

  private final int most;

  MetadataLimit(int most) {
    this.most = most;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    int bytes = bytesOf(headers);
    if (bytes <= most) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.RESOURCE_EXHAUSTED.withDescription(
            "The request has %d bytes of metadata, and %d are taken".formatted(bytes, most)),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static int bytesOf(Metadata headers) {
    int bytes = 0;
    byte[][] namesAndValues = InternalMetadata.serialize(headers);
    for (byte[] one : namesAndValues) {
      bytes += one.length + PAIR_BYTES / 2;
    }
    return bytes;
  }
}
