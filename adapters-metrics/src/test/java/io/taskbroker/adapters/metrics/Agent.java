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

  /** All lines so far, until nothing has come for {@code quietMs}. */
  List<Line> hear(int quietMs) {
    byte[] bytes = new byte[65_536];
    try {
      socket.setSoTimeout(quietMs);
      while (true) {
        var packet = new DatagramPacket(bytes, bytes.length);
        socket.receive(packet);
        largest = Math.max(largest, packet.getLength());
        String text = new String(bytes, 0, packet.getLength(), StandardCharsets.UTF_8);
        text.lines().map(Agent::line).forEach(lines::add);
      }
    } catch (SocketTimeoutException _) {
      return lines;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
