package io.taskbroker.adapters.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An agent that remembers the lines which it was sent. */
final class Agent implements AutoCloseable {
  private static final Pattern LINE =
      Pattern.compile("taskbroker\\.([^:|@]+):([^|]+)\\|([cgh])(?:\\|@([0-9.]+))?(?:\\|#(.*))?");

  private static final byte[] END = "the end".getBytes(StandardCharsets.UTF_8);
  private static final int LONGEST_WAIT_SEC = 60;
  private static final int QUIET_MS = 100;

  private final DatagramSocket socket;
  private final List<Line> lines = new ArrayList<>();
  private final Thread listener;
  private @Nullable RuntimeException failure;
  private int largest;
  private boolean ended;

  /**
   * @param tags {@code name:value}, those without a value included
   */
  record Line(String name, String value, String type, double rate, List<String> tags) {
    List<String> tagNames() {
      return tags.stream().map(tag -> tag.substring(0, tag.indexOf(':'))).sorted().toList();
    }
  }

  /** Listens from here on: what waited for long in the socket would be lost when that is full. */
  Agent() {
    try {
      socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      socket.setReceiveBufferSize(8 << 20);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    listener = Thread.ofPlatform().daemon().name("agent").start(this::listen);
  }

  Optional<MetricsSettings.Agent> asSetting() {
    return Optional.of(new MetricsSettings.Agent("localhost", port()));
  }

  int port() {
    return socket.getLocalPort();
  }

  /** All lines so far. The sender is closed before this is called, so no more follow. */
  synchronized List<Line> hear() {
    try (var sender = new DatagramSocket()) {
      sender.send(new DatagramPacket(END, END.length, socket.getLocalSocketAddress()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await("the end", () -> ended);
    return List.copyOf(lines);
  }

  /** Waits for a line of this name. The sender goes on meanwhile. */
  synchronized void await(String name) {
    await("a line of " + name, () -> lines.stream().anyMatch(line -> line.name().equals(name)));
  }

  private synchronized void await(String what, BooleanSupplier isSo) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SEC);
    while (!isSo.getAsBoolean()) {
      if (failure != null) {
        throw failure;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain for " + what);
      }
      try {
        wait(QUIET_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  private void listen() {
    try {
      while (take()) {}
      socket.setSoTimeout(QUIET_MS); // the system may have let the end pass others
      while (take()) {}
    } catch (SocketTimeoutException _) {
      end(null);
    } catch (SocketException _) {
      // closed: the end of the test
    } catch (IOException e) {
      end(new UncheckedIOException(e));
    } catch (RuntimeException e) {
      end(e);
    }
  }

  private synchronized void end(@Nullable RuntimeException cause) {
    ended = cause == null;
    failure = cause;
    notifyAll();
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
    List<Line> some = text.lines().map(Agent::line).toList();
    keep(some, packet.getLength());
    return true;
  }

  private synchronized void keep(List<Line> some, int bytes) {
    largest = Math.max(largest, bytes);
    lines.addAll(some);
    notifyAll();
  }

  /** The longest datagram so far. */
  synchronized int largest() {
    return largest;
  }

  private static Line line(String text) {
    Matcher matcher = LINE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalStateException("not a line of DogStatsD: " + text);
    }
    List<String> tags =
        matcher.group(5) == null ? List.of() : Stream.of(matcher.group(5).split(",", -1)).toList();
    double rate = matcher.group(4) == null ? 1 : Double.parseDouble(matcher.group(4));
    return new Line(matcher.group(1), matcher.group(2), matcher.group(3), rate, tags);
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
