package io.taskbroker.proving.tls;

import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Looks at a port from outside as a scanner of TLS does: what can be had, and what is weak. */
final class Scan {
  /** With forward secrecy and authenticated encryption, and nothing else: RFC 9325, 4.2. */
  private static final Set<Integer> STRONG =
      Set.of(
          0x1301, 0x1302, 0x1303, // AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305 of TLS 1.3
          0xc02b, 0xc02c, 0xcca9, // the same with ECDHE and ECDSA
          0xc02f, 0xc030, 0xcca8); // the same with ECDHE and RSA

  private static final Map<String, Integer> FORBIDDEN =
      Map.of("SSL 3", Greeting.SSL_3, "TLS 1.0", Greeting.TLS_1_0, "TLS 1.1", Greeting.TLS_1_1);

  private static final int PATIENCE_MILLIS = 30_000;

  /** A client's preface of HTTP/2, and a frame of settings without any. */
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
          .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);

  private final Stage stage;
  private final int port;
  private final String name;
  private final Verdict verdict;
  private final List<String> complaints = new ArrayList<>();

  private Scan(Stage stage, int port, String name, Verdict verdict) {
    this.stage = stage;
    this.port = port;
    this.name = name;
    this.verdict = verdict;
  }

  /**
   * @param name of the scan in the verdict
   * @param welcome whom the port lets in
   */
  static void of(Stage stage, int port, String name, Identity welcome, Verdict verdict) {
    new Scan(stage, port, name, verdict).play(welcome);
  }

  private void play(Identity welcome) {
    FORBIDDEN.forEach(
        (version, number) ->
            new Greeting(number, Greeting.everySuite(number))
                .to(port)
                .ifPresent(choice -> complaints.add(version + " is spoken: " + choice)));
    look("TLS 1.2", Greeting.TLS_1_2);
    look("TLS 1.3", Greeting.TLS_1_3);
    if (goesOnBehindAnotherHandshake(welcome)) {
      complaints.add("a client may negotiate anew on its connection");
    }
    verdict.expectNone("scan." + name + ".weak", complaints);
  }

  private void look(String version, int number) {
    Map<Integer, Greeting.Choice> choices = choices(number);
    stage.say(
        "%s with %s: %s"
            .formatted(version, name, choices.keySet().stream().map(Scan::suite).toList()));
    verdict.atLeast(
        "scan." + name + "." + version.replace(" ", "_").toLowerCase(Locale.ROOT) + "_suites",
        1,
        choices.size());
    choices.forEach((suite, choice) -> judge(version, number, suite, choice));
  }

  private void judge(String version, int number, int suite, Greeting.Choice choice) {
    String with = version + " with " + suite(suite);
    if (!STRONG.contains(suite)) {
      complaints.add(with + " is weak");
    }
    if (choice.compression() != 0) {
      complaints.add(with + " compresses");
    }
    if (choice.extensions().contains(Greeting.HEARTBEAT)) {
      complaints.add(with + " answers heartbeats");
    }
    if (number == Greeting.TLS_1_2 && !choice.extensions().contains(Greeting.RENEGOTIATION)) {
      complaints.add(with + " does not guard against a foreign handshake before it: RFC 5746");
    }
    if (number == Greeting.TLS_1_2 && !choice.warnsOfDowngrade()) {
      complaints.add(with + " does not say that TLS 1.3 is spoken");
    }
  }

  private static String suite(int number) {
    return "%04x".formatted(number);
  }

  /** Each suite that is taken when those before it are not offered any more. */
  private Map<Integer, Greeting.Choice> choices(int version) {
    Map<Integer, Greeting.Choice> choices = new LinkedHashMap<>();
    List<Integer> offered = new ArrayList<>(Greeting.everySuite(version));
    Optional<Greeting.Choice> choice = new Greeting(version, offered).to(port);
    while (choice.isPresent()) {
      Integer suite = choice.get().suite();
      if (!offered.remove(suite)) {
        throw new IllegalStateException("chosen and not offered: " + suite(suite));
      }
      choices.put(suite, choice.get());
      choice = offered.isEmpty() ? Optional.empty() : new Greeting(version, offered).to(port);
    }
    return choices;
  }

  private boolean goesOnBehindAnotherHandshake(Identity welcome) {
    try (var plain = new Socket(InetAddress.getLoopbackAddress(), port)) {
      plain.setSoTimeout(PATIENCE_MILLIS);
      var socket =
          (SSLSocket)
              welcome.context().getSocketFactory().createSocket(plain, "localhost", port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.2"});
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      socket.getOutputStream().write(PREFACE);
      if (socket.getInputStream().read() < 0) {
        throw new IllegalStateException("the broker has closed before there was a reason");
      }
      return answersAfterAnotherHandshake(socket);
    } catch (IOException e) {
      throw new UncheckedIOException("no connection to negotiate anew on", e);
    }
  }

  private static boolean answersAfterAnotherHandshake(SSLSocket socket) throws IOException {
    try {
      socket.startHandshake();
      socket.getOutputStream().write(PREFACE, PREFACE.length - 9, 9);
      socket.getInputStream().readAllBytes();
      return false; // closed
    } catch (java.net.SocketTimeoutException _) {
      return true;
    } catch (SSLException | SocketException _) { // closed, or reset
      return false;
    }
  }
}
