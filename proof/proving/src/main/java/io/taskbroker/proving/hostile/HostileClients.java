package io.taskbroker.proving.hostile;

import io.grpc.Status;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** Clients that nobody should be, against a broker that others use. */
final class HostileClients {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A frame that says it is larger than any may be, and then nothing of it. */
  private static final byte[] IMPOSSIBLE_FRAME = {-1, -1, -1, 0, 0, 0, 0, 0, 1};

  /** The broker leaves a silent client twenty seconds. */
  private static final Duration HANG_UP = Duration.ofSeconds(40);

  private static final String FORGED_LINE = "2026-01-01T00:00:00.000000Z ERROR taskbroker: forged";

  private static final String CLEAR_SCREEN = "\u001b[2J";

  private final Stage stage;
  private final BrokerSetup settings;
  private final BrokerProcess broker;
  private final Verdict verdict;

  HostileClients(Stage stage, BrokerSetup settings, BrokerProcess broker, Verdict verdict) {
    this.stage = stage;
    this.settings = settings;
    this.broker = broker;
    this.verdict = verdict;
  }

  void play() {
    long began = System.nanoTime();
    try (Socket silent = connect()) {
      silent.getOutputStream().write(PREFACE, 0, PREFACE.length / 2);
      large();
      malformed();
      slow();
      forger();
      new HostileSignatures(stage, settings.kafka(), verdict).play();
      awaitHangUp(silent, began);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot reach the broker", e);
    }
    new HostileRequests(stage, settings.kafka(), verdict).play();
  }

  private void large() {
    var large = GetTaskRequest.newBuilder().setApplication("x".repeat(5 << 20)).build();
    Status status = HostileCall.of(settings, large);
    stage.say("request of 5 MiB: " + status.getCode() + " \"" + status.getDescription() + "\"");
    verdict.expect(
        "request_of_5_MiB", 1, status.getCode() == Status.Code.RESOURCE_EXHAUSTED ? 1 : 0);
  }

  private void malformed() {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(PREFACE);
      socket.getOutputStream().write(IMPOSSIBLE_FRAME);
      socket.getOutputStream().flush();
      int bytes = socket.getInputStream().readAllBytes().length;
      stage.say("malformed HTTP/2: told so in " + bytes + " bytes, and hung up on");
    } catch (IOException e) {
      stage.say("malformed HTTP/2: hung up on (" + e.getMessage() + ")");
    }
    verdict.expect("others_after_malformed", 1, othersAreServed() ? 1 : 0);
  }

  private void slow() {
    int served = 0;
    long slowestNanos = 0;
    try (Socket socket = connect()) {
      for (byte one : PREFACE) {
        socket.getOutputStream().write(one);
        socket.getOutputStream().flush();
        long began = System.nanoTime();
        served += othersAreServed() ? 1 : 0;
        slowestNanos = Math.max(slowestNanos, System.nanoTime() - began);
      }
      stage.say(
          "slow client, one byte of its greeting after another: is waited for; others beside it"
              + " were answered "
              + served
              + " times, on new connections, the slowest in "
              + Duration.ofNanos(slowestNanos).toMillis()
              + " ms");
    } catch (IOException e) {
      throw new UncheckedIOException("the slow client was hung up on", e);
    }
    verdict.expect("others_beside_slow_client", PREFACE.length, served);
  }

  /** Says itself in the log, where a worker's mistake is explained with the words that it sent. */
  private void forger() {
    String namespace = "shop\n" + FORGED_LINE + CLEAR_SCREEN + "\u202e";
    Status status =
        HostileCall.of(settings, GetTaskRequest.newBuilder().setNamespace(namespace).build());
    String words = "asked for namespace 'shop";
    Waiting.until(
        "the broker explains it",
        HostileCall.PATIENCE,
        () -> broker.process().output().contains(words));
    List<String> lines = broker.process().output().lines().toList();
    long forged =
        lines.stream()
            .filter(line -> line.startsWith(FORGED_LINE) || line.contains(CLEAR_SCREEN))
            .count();
    stage.say("line break and command to a terminal in a name: " + status.getCode());
    stage.say("      " + broker.firstLineWith(words));
    verdict.expect("forged_lines", 0, forged);
  }

  private void awaitHangUp(Socket silent, long began) throws IOException {
    silent.setSoTimeout((int) HANG_UP.toMillis());
    byte[] rest = silent.getInputStream().readAllBytes();
    long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
    stage.say(
        ("silent client, half of its greeting and then nothing: the broker sends its own, %d bytes, and"
                + " hangs up after %d s")
            .formatted(rest.length, seconds));
    verdict.atMost("silent_client_hung_up_on_after_s", HANG_UP.toSeconds(), seconds);
    String line = broker.firstLineWith("Refused a call");
    if (!line.isEmpty()) {
      stage.say("      " + line);
    }
  }

  private boolean othersAreServed() {
    return HostileCall.plain(settings).getCode() == Status.Code.NOT_FOUND;
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), settings.grpcPort());
    socket.setSoTimeout((int) HostileCall.PATIENCE.toMillis());
    return socket;
  }
}
