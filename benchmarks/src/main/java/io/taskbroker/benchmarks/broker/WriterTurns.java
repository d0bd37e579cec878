package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Hears how long each turn of a broker's writer takes: an agent of metrics, which the broker tells
 * it once a second, to 1 %.
 */
final class WriterTurns implements AutoCloseable {
  private static final String LINE = "taskbroker.store.turn.duration:";
  private static final int BUFFER = 4 << 20;
  private static final int LARGEST_DATAGRAM = 65_536;

  /** By then the broker has told all that was before. */
  private static final Duration TOLD = Duration.ofMillis(1_500);

  private final DatagramSocket socket;
  private final Recorder micros = new Recorder(3);

  private WriterTurns(DatagramSocket socket) {
    this.socket = socket;
  }

  static WriterTurns listen() {
    try {
      var socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      socket.setReceiveBufferSize(BUFFER);
      var turns = new WriterTurns(socket);
      Thread.ofPlatform().daemon().name("writer-turns").start(turns::hear);
      return turns;
    } catch (IOException e) {
      throw new UncheckedIOException("no port for metrics", e);
    }
  }

  /** For {@code statsd_addr}. */
  String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** All turns since the last such question, in microseconds. */
  Histogram sinceLast() {
    Waiting.pause(TOLD);
    return micros.getIntervalHistogram();
  }

  private void hear() {
    byte[] bytes = new byte[LARGEST_DATAGRAM];
    while (!socket.isClosed()) {
      var packet = new DatagramPacket(bytes, bytes.length);
      try {
        socket.receive(packet);
      } catch (IOException _) {
        return; // closed
      }
      new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(LINE))
          .forEach(this::record);
    }
  }

  /** Such as {@code name:0.0012|h|@0.01}, which stands for a hundred values. */
  private void record(String line) {
    String[] parts = line.substring(LINE.length()).split("\\|", -1);
    long times = 1;
    for (String part : parts) {
      if (part.startsWith("@")) {
        times = Math.round(1 / Double.parseDouble(part.substring(1)));
      }
    }
    micros.recordValueWithCount(Math.round(Double.parseDouble(parts[0]) * 1e6), times);
  }

  @Override
  public void close() {
    socket.close();
  }
}
