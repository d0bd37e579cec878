package io.taskbroker.proving.unruly;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients that speak just enough of HTTP to get in the way, from an address of their own. Those
 * that are hung up on come back, two hundred a second.
 */
final class Floods {
  private static final String FROM = "127.0.0.2";
  private static final int CONNECT_MS = 5_000;
  private static final Duration REST = Duration.ofMillis(50);

  /** Of those that were hung up on, how many come back after each rest. */
  private static final int RETURNING = 10;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final int FRAME_BYTES = 9;
  private static final int HEADERS = 1;
  private static final int DATA = 0;
  private static final int END_HEADERS = 4;
  private static final int HEADER_BYTES = 100;

  private final InetSocketAddress target;

  /**
   * @param address as {@code host:port}
   */
  Floods(String address) {
    int colon = address.lastIndexOf(':');
    this.target =
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }

  /** Connections that each begin a small request and never end it. */
  void halfRequests(int connections) {
    hold(connections, calls(1, 0, new byte[] {0, 0, 0, 0, 100, 1, 2, 3}));
  }

  /** Connections that each begin many calls, with many headers, and end none. */
  void largeHeaders(int connections, int calls, int headerBytes) {
    hold(connections, calls(calls, headerBytes, new byte[0]));
  }

  /** Connections that each ask for a page and do not read it. */
  void unreadPages(int connections) {
    hold(
        connections,
        "GET /metrics HTTP/1.1\r\nHost: broker\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  /** Connections that each send half of a request's head. */
  void halfPages(int connections) {
    hold(connections, "GET /metrics HTTP/1.1\r\nHost: bro".getBytes(StandardCharsets.US_ASCII));
  }

  private void hold(int connections, byte[] beginning) {
    Thread.ofPlatform()
        .daemon()
        .name("flood")
        .start(
            () -> {
              List<SocketChannel> open = new ArrayList<>();
              try {
                for (int i = 0; i < connections; i++) {
                  connect(beginning, open);
                }
                while (true) {
                  open.removeIf(Floods::isOver);
                  for (int i = 0; i < RETURNING && open.size() < connections; i++) {
                    connect(beginning, open);
                  }
                  Thread.sleep(REST);
                }
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void connect(byte[] beginning, List<SocketChannel> open) {
    try {
      SocketChannel channel = SocketChannel.open();
      open.add(channel);
      channel.bind(new InetSocketAddress(InetAddress.getByName(FROM), 0));
      channel.socket().connect(target, CONNECT_MS);
      channel.write(ByteBuffer.wrap(beginning));
      channel.configureBlocking(false);
    } catch (IOException _) {
      // not let in: looked through as one that is over
    }
  }

  /** Reads no more than shows whether the other side has hung up. */
  private static boolean isOver(SocketChannel channel) {
    try {
      boolean over =
          !channel.isConnected()
              || channel.isBlocking()
              || channel.read(ByteBuffer.allocate(1)) < 0;
      if (over) {
        channel.close();
      }
      return over;
    } catch (IOException _) {
      return true;
    }
  }

  private static byte[] calls(int calls, int headerBytes, byte[] data) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(PREFACE);
    bytes.writeBytes(SETTINGS);
    byte[] headers = headers(headerBytes);
    for (int call = 0; call < calls; call++) {
      frame(bytes, HEADERS, END_HEADERS, 2 * call + 1, headers);
      if (data.length > 0) {
        frame(bytes, DATA, 0, 2 * call + 1, data);
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] headers(int bytes) {
    var block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", "/sentry_protos.taskbroker.v1.ConsumerService/GetTask");
    header(block, ":authority", "broker");
    header(block, "content-type", "application/grpc");
    header(block, "te", "trailers");
    for (int i = 0; block.size() < bytes; i++) {
      header(block, "x-" + i, "y".repeat(HEADER_BYTES));
    }
    return block.toByteArray();
  }

  /** As it is, without tables or compression (RFC 7541, 6.2.2); only for short texts. */
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void frame(
      ByteArrayOutputStream bytes, int type, int flags, int stream, byte[] payload) {
    bytes.writeBytes(
        ByteBuffer.allocate(FRAME_BYTES)
            .put((byte) (payload.length >> 16))
            .putShort((short) payload.length)
            .put((byte) type)
            .put((byte) flags)
            .putInt(stream)
            .array());
    bytes.writeBytes(payload);
  }
}
