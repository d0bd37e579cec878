package wrong.bootstrap;

import io.grpc.Status;

/** Wiring that answers calls. */
final class KnowsGrpc {
  Status status() {
    return Status.OK;
  }
}
