package io.taskbroker.proving.hostile;

import io.grpc.Status;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.load.Signature;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;

/** Clients that do not know the secret, or sign something else. */
final class HostileSignatures {
  private static final String PATH =
      "/" + ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName();
  private static final GetTaskRequest REQUEST =
      GetTaskRequest.newBuilder().setApplication("shop").build();

  /** The broker says it once a second. */
  private static final Duration BETWEEN_LINES = Duration.ofMillis(1_100);

  private static final Duration LINE = Duration.ofSeconds(5);

  private final Stage stage;
  private final Verdict verdict;
  private final BrokerSetup signed;

  HostileSignatures(Stage stage, String kafka, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
    this.signed =
        BrokerSetup.of(stage.folder().resolve("signed"), kafka, "hostile-signed")
            .with("create_missing_topics", true)
            .with("grpc_shared_secret", List.of("right"));
  }

  void play() {
    try (BrokerProcess broker = BrokerProcess.start(signed)) {
      refused(broker, "no signature", HostileCall.of(signed, REQUEST), "no header");
      refused(broker, "signature that is none", call("sesame"), "not 64 hexadecimal digits");
      refused(broker, "wrong signature", call("0123456789abcdef".repeat(4)), "none of our secrets");
      refused(
          broker,
          "signed with another secret",
          call(Signature.of("wrong", PATH, REQUEST.toByteArray())),
          "none of our secrets");
      refused(
          broker,
          "right secret over other bytes",
          call(Signature.of("right", PATH, new byte[] {1})),
          "none of our secrets");
      Status right = call(Signature.of("right", PATH, REQUEST.toByteArray()));
      verdict.expect("right_signature_let_in", 1, right.getCode() == Status.Code.NOT_FOUND ? 1 : 0);
    }
  }

  private Status call(String signature) {
    return HostileCall.signed(signed, REQUEST, signature);
  }

  private void refused(BrokerProcess broker, String what, Status status, String reason) {
    Waiting.until(
        "the broker says why it refused: " + reason, LINE, () -> !last(broker, reason).isEmpty());
    stage.say(what + ": " + status.getCode() + " \"" + status.getDescription() + "\"");
    stage.say("      " + last(broker, reason));
    boolean good = status.getCode() == Status.Code.UNAUTHENTICATED;
    verdict.expect(what.replace(' ', '_'), 1, good ? 1 : 0);
    Waiting.pause(BETWEEN_LINES);
  }

  private static String last(BrokerProcess broker, String words) {
    return broker
        .process()
        .output()
        .lines()
        .filter(line -> line.contains("Refused a request") && line.contains(words))
        .reduce("", (_, later) -> later);
  }
}
