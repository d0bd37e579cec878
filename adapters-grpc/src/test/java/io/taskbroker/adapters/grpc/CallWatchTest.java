package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThatNoException;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallWatchTest {
  private static final String REPORT =
      ConsumerServiceGrpc.getSetTaskStatusMethod().getFullMethodName();

  /** A stop would wait for a report that it takes to be under way. */
  @Test
  void metricsThatBreak_hideTheEndOfNoCall() throws Exception {
    CallWatch watch =
        new CallWatch(
            TestServer.TIME,
            (_, _) -> {
              throw new IllegalStateException("a bug in what counts");
            });
    ServerStreamTracer call = watch.newServerStreamTracer(REPORT, new Metadata());

    call.streamClosed(Status.OK);

    // If it took the call to be under way, it would wait for longer than this test may take.
    assertThatNoException()
        .isThrownBy(() -> watch.awaitQuiet(Duration.ofMillis(1), Duration.ofHours(1)));
  }
}
