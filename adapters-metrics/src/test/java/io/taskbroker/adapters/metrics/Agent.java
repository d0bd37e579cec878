package io.taskbroker.adapters.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An agent that remembers the lines which it was sent. */
final class Agent implements AutoCloseable {
  private static final Pattern LINE =
      Pattern.compile("taskbroker\\.([^:|@]+):([^|]+)\\|([cgh])(?:\\|@([0-9.]+))?(?:\\|#(.*))?");

  private static final byte[] END = "the end".getBytes(StandardCharsets.UTF_8);
  private static final int LONGEST_WAIT_MS = 60_000;
  private static final int QUIET_MS = 100;

  private final DatagramSocket socket;
  private final List<Line> lines = new ArrayList<>();
  private int largest;

  /**
   * @param tags {@code name:value}, those without a value included
   */
  record Line(String name, String value, String type, double rate, List<String> tags) {
    List<String> tagNames() {
      return tags.stream().map(tag -> tag.substring(0, tag.indexOf(':'))).sorted().toList();
    }
  }

  Agent() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      socket.setReceiveBufferSize(8 << 20);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Optional<MetricsSettings.Agent> asSetting() {
    return Optional.of(new MetricsSettings.Agent("localhost", port()));
  }

  int port() {
    return socket.getLocalPort();
  }

  /** All lines so far. The sender is closed before this is called, so no more follow. */
  List<Line> hear() {
    try {
      socket.send(new DatagramPacket(END, END.length, socket.getLocalSocketAddress()));
      socket.setSoTimeout(LONGEST_WAIT_MS);
      while (take()) {}
      socket.setSoTimeout(QUIET_MS); // the system may have let the end pass others
      while (take()) {}
      throw new AssertionError("the end came twice");
    } catch (SocketTimeoutException _) {
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a line of this name. The sender goes on meanwhile. */
  void await(String name) {
    int seen = 0;
    try {
      socket.setSoTimeout(LONGEST_WAIT_MS);
      while (lines.subList(seen, lines.size()).stream()
          .noneMatch(line -> line.name().equals(name))) {
        seen = lines.size();
        take();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("no line of " + name, e);
    }
  }

  /** Takes a datagram; false if it says that this is the end. */
  private boolean take() throws IOException {
    byte[] bytes = new byte[65_536];
    var packet = new DatagramPacket(bytes, bytes.length);
    socket.receive(packet);
    String text = new String(bytes, 0, packet.getLength(), StandardCharsets.UTF_8);
    if (text.equals(new String(END, StandardCharsets.UTF_8))) {
      return false;
    }
    largest = Math.max(largest, packet.getLength());
    text.lines().map(Agent::line).forEach(lines::add);
    return true;
  }

  /** The longest datagram so far. */
  int largest() {
    return largest;
  }

  private static Line line(String text) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      throw new AssertionError("not a line of DogStatsD: " + text);
    }
    List<String> tags =
        matcher.group(5) == null ? List.of() : Stream.of(matcher.group(5).split(",", -1)).toList();
    double rate = matcher.group(4) == null ? 1 : Double.parseDouble(matcher.group(4));
    return new Line(matcher.group(1), matcher.group(2), matcher.group(3), rate, tags);
  }

  @Override
  public void close() {
    socket.close();
  }
}
