package io.taskbroker.endtoend;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Takes an agent's place, and keeps every line that is sent to it. */
final class HeardMetrics implements AutoCloseable {
  private static final int BUFFER = 4 << 20;
  private static final String MARK = "mark ";

  private final DatagramSocket socket;
  private final Collection<String> lines = new ConcurrentLinkedQueue<>();
  private final AtomicInteger marks = new AtomicInteger();
  private final Thread listener;

  private HeardMetrics(DatagramSocket socket) {
    this.socket = socket;
    this.listener = Thread.ofVirtual().name("heard-metrics").unstarted(this::listen);
  }

  static HeardMetrics start() {
    try {
      var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      socket.setReceiveBufferSize(BUFFER);
      var heard = new HeardMetrics(socket);
      heard.listener.start();
      return heard;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For {@code statsd_addr}. */
  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** All that has been sent until now. */
  List<String> lines() {
    awaitSent();
    return lines.stream().filter(line -> !line.startsWith(MARK)).toList();
  }

  /** What was sent may not have been read yet: a mark that is sent now comes after it. */
  private void awaitSent() {
    String mark = MARK + marks.incrementAndGet();
    byte[] bytes = mark.getBytes(StandardCharsets.UTF_8);
    try (var sender = new DatagramSocket()) {
      Waiting.until(
          "all lines are read",
          Duration.ofMinutes(2),
          () -> {
            send(sender, bytes); // once more, since it may be lost while there is no room
            return lines.contains(mark);
          });
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void send(DatagramSocket sender, byte[] bytes) {
    try {
      sender.send(new DatagramPacket(bytes, bytes.length, socket.getLocalSocketAddress()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The values of a metric, one after the other.
   *
   * @param name without the prefix
   * @param tags as {@code name:value}, all of which must be there
   */
  List<Double> values(String name, String... tags) {
    return lines().stream()
        .filter(line -> line.startsWith("taskbroker." + name + ":"))
        .filter(
            line -> List.of(line.replaceFirst(".*#", "").split(",", -1)).containsAll(List.of(tags)))
        .map(line -> Double.valueOf(line.substring(line.indexOf(':') + 1, line.indexOf('|'))))
        .toList();
  }

  /** Their sum. */
  double sum(String name, String... tags) {
    return values(name, tags).stream().mapToDouble(Double::doubleValue).sum();
  }

  private void listen() {
    byte[] bytes = new byte[65_536];
    try {
      while (true) {
        var packet = new DatagramPacket(bytes, bytes.length);
        socket.receive(packet);
        new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)
            .lines()
            .forEach(lines::add);
      }
    } catch (SocketException _) {
      // closed: the end of the test
    } catch (IOException e) {
      lines.add("failed: " + e);
    }
  }

  @Override
  public void close() {
    socket.close();
    try {
      listener.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
