package io.taskbroker.adapters.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;

/**
 * Lets the server end a call that it has answered already. Such a call cannot be closed again, but
 * it can be ended as if its deadline had passed: what was not sent of it is dropped, and it is
 * cancelled.
 *
 * <p>Safe for all threads.
 */
final class CallCutter extends ServerStreamTracer.Factory {
  private static final Context.Key<Context.CancellableContext> OWN = Context.key("call-cutter");
  private static final Status UNREAD =
      Status.DEADLINE_EXCEEDED.withDescription("The answer was not read in time");

  @Override
  public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
    return new ServerStreamTracer() {
      @Override
      public Context filterContext(Context context) {
        // The server cancels only a child of its own, and listens to its parent being cancelled.
        Context.CancellableContext own = context.withCancellation();
        return own.withValue(OWN, own);
      }
    };
  }

  /** Ends the call that is being handled on this thread, whenever it is run. */
  static Runnable ofThisCall() {
    Context.CancellableContext own = OWN.get();
    return own == null ? () -> {} : () -> own.cancel(UNREAD.asException());
  }
}
