package io.taskbroker.proving.hostile;

import io.grpc.Status;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.proving.unruly.HalfRequests;
import io.taskbroker.workload.load.Signature;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.JvmMemory;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;

/**
 * Clients that know no secret, and hold gigabytes of requests before a broker in little memory,
 * which cannot look at their signatures before it has them whole.
 */
final class HostileRequests {
  private static final String HEAP = "256m";

  /** As the launcher has it. */
  private static final List<String> OPTIONS = List.of("-XX:+ExitOnOutOfMemoryError");

  /** Heap and, of the same size, what Netty may take beside it: they may not all be filled. */
  private static final long MOST_BYTES = 400L << 20;

  private static final int CONNECTIONS = 100;
  private static final int CALLS = 4;
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration BETWEEN = Duration.ofMillis(100);

  /** As large as a batch of a thousand reports, so that it needs memory, too. */
  private static final GetTaskRequest REQUEST =
      GetTaskRequest.newBuilder().setApplication("x".repeat(50_000)).build();

  private static final String SIGNATURE =
      Signature.of(
          "right",
          "/" + ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName(),
          REQUEST.toByteArray());

  private final Stage stage;
  private final Verdict verdict;
  private final BrokerSetup settings;

  HostileRequests(Stage stage, String kafka, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
    this.settings =
        BrokerSetup.of(stage.folder().resolve("requests"), kafka, "hostile-requests")
            .with("create_missing_topics", true)
            .with("grpc_shared_secret", List.of("right"));
  }

  void play() {
    try (BrokerProcess broker = BrokerProcess.launch(settings, HEAP, OPTIONS).awaitServing(START)) {
      hold("requests_without_their_last_byte", broker, 1);
      hold("requests_without_an_end", broker, 0);
    }
  }

  private void hold(String what, BrokerProcess broker, int missing) {
    int asked = 0;
    int served = 0;
    long slowestNanos = 0;
    try (var clients = new HalfRequests(settings.grpcPort(), CALLS, missing).begin(CONNECTIONS)) {
      long began = System.nanoTime();
      long phase = Duration.ofSeconds(stage.some(12, 4)).toNanos();
      while (System.nanoTime() - began < phase) {
        long call = System.nanoTime();
        asked++;
        Status status = HostileCall.signed(settings, REQUEST, SIGNATURE);
        served += status.getCode() == Status.Code.NOT_FOUND ? 1 : 0;
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - call);
        Waiting.pause(BETWEEN);
      }
      long resident = JvmMemory.residentBytes(broker.process());
      verdict.atMost("rss_beside_" + what, MOST_BYTES, resident);
      stage.say(
          "%s, %d of them: the broker ended %d calls and has %d MB resident; others were answered %d of %d times, on new connections, the slowest in %d ms"
              .formatted(
                  what.replace('_', ' '),
                  CONNECTIONS * CALLS,
                  clients.ended(),
                  resident >> 20,
                  served,
                  asked,
                  Duration.ofNanos(slowestNanos).toMillis()));
    }
    stage.say("      " + broker.firstLineWith("were not whole"));
    verdict.expect("others_not_served_beside_" + what, 0, asked - served);
  }
}
