package io.taskbroker.proving.scenarios;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.process.BrokerProcess;
import io.taskbroker.proving.process.BrokerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Clients that nobody should be, against a broker that others use. */
final class HostileClients {
  private static final Duration CALL = Duration.ofSeconds(5);
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  /** A frame that says it is larger than any may be, and then nothing of it. */
  private static final byte[] IMPOSSIBLE_FRAME = {-1, -1, -1, 0, 0, 0, 0, 0, 1};

  private final Stage stage;
  private final BrokerSettings settings;
  private final BrokerProcess broker;

  HostileClients(Stage stage, BrokerSettings settings, BrokerProcess broker) {
    this.stage = stage;
    this.settings = settings;
    this.broker = broker;
  }

  void play(Verdict verdict) {
    var large = GetTaskRequest.newBuilder().setApplication("x".repeat(5 << 20)).build();
    expect(verdict, "request of 5 MiB", Status.Code.RESOURCE_EXHAUSTED, call(settings, large));
    malformed(verdict);
    slow(verdict);
    unsigned(verdict);
  }

  private void malformed(Verdict verdict) {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(IMPOSSIBLE_FRAME);
      socket.getOutputStream().flush();
      int bytes = socket.getInputStream().readAllBytes().length;
      stage.say("malformed HTTP/2: told so in " + bytes + " bytes, and hung up on");
    } catch (IOException e) {
      stage.say("malformed HTTP/2: hung up on (" + e.getMessage() + ")");
    }
    expect(verdict, "others after it", Status.Code.NOT_FOUND, call(settings, any()));
  }

  private void slow(Verdict verdict) {
    try (Socket socket = connect()) {
      byte[] preface = PREFACE.getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 10; i++) {
        socket.getOutputStream().write(preface[i]);
        socket.getOutputStream().flush();
        expect(
            verdict, "others beside a slow client", Status.Code.NOT_FOUND, call(settings, any()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the slow client was hung up on", e);
    }
  }

  private void unsigned(Verdict verdict) {
    BrokerSettings signed =
        BrokerSettings.of(stage.folder().resolve("signed"), settings.kafka(), "hostile-signed")
            .with("create_missing_topics", true)
            .with("grpc_shared_secret", List.of("right"));
    try (BrokerProcess other = BrokerProcess.start(signed)) {
      expect(verdict, "no signature", Status.Code.UNAUTHENTICATED, call(signed, any()));
      stage.say("  " + line(other, "Refused a request"));
      if (line(other, "Refused a request").isEmpty()) {
        verdict.expect("refusal_in_log", 1, 0);
      }
    }
    stage.say("  " + line(broker, "Refused a call"));
  }

  private void expect(Verdict verdict, String what, Status.Code expected, Status actual) {
    if (actual.getCode() != expected) {
      verdict.expect(what.replace(' ', '_') + "_" + actual.getCode(), 0, 1);
    }
    if (expected != Status.Code.NOT_FOUND) {
      stage.say(what + ": " + actual.getCode() + " \"" + actual.getDescription() + "\"");
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), settings.grpcPort());
    socket.setSoTimeout((int) CALL.toMillis());
    return socket;
  }

  private static GetTaskRequest any() {
    return GetTaskRequest.getDefaultInstance();
  }

  private static Status call(BrokerSettings at, GetTaskRequest request) {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(at.grpcAddress()).usePlaintext().build();
    try {
      var _ = ConsumerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL).getTask(request);
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    } finally {
      channel.shutdownNow();
    }
  }

  static String line(BrokerProcess broker, String words) {
    return broker
        .process()
        .output()
        .lines()
        .filter(line -> line.contains(words))
        .findFirst()
        .orElse("");
  }
}
