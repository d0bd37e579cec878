package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.Refusals;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets in who is signed, and says in the log who was not. Safe for all threads. */
final class Doorkeeper {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::auth");

  private final Signatures signatures;
  private final Refusals refusals;
  private final Sparsely lines;

  /**
   * @param refusals told of each request
   */
  Doorkeeper(Signatures signatures, Refusals refusals, TimeSource time) {
    this.signatures = signatures;
    this.refusals = refusals;
    this.lines = new Sparsely(time, Duration.ofSeconds(1));
  }

  boolean admits(ServerCall<?, ?> call, Metadata headers, byte[] request) {
    String path = "/" + call.getMethodDescriptor().getFullMethodName();
    String objection = signatures.objection(headers, path, request);
    if (objection == null) {
      refusals.admitted();
      return true;
    }
    report(call, path, objection);
    return false;
  }

  /**
   * Whether a frame of a stream may be taken.
   *
   * @param before what its signature covers before the frame itself
   */
  boolean admits(ServerCall<?, ?> call, ByteString signature, byte[] before, ByteString frame) {
    String path = "/" + call.getMethodDescriptor().getFullMethodName();
    String objection = signatures.objection(signature, path, before, frame);
    if (objection == null) {
      refusals.admitted();
      return true;
    }
    report(call, path, objection);
    return false;
  }

  private void report(ServerCall<?, ?> call, String path, String objection) {
    String from = Callers.nameOf(call);
    refusals.refused(from, objection);
    long refused = lines.count(1);
    if (refused > 0) {
      LOG.error(
          "Refused a request to {} from {}: {} ({} refused since the last such line)",
          path,
          from,
          objection,
          refused);
    }
  }
}
