package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;

/** Just enough HTTP/2 to send what no client library would. */
final class RawConnection implements AutoCloseable {
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int FRAME_BYTES = 16_384;

  private record Frame(int type, int flags, int stream, byte[] payload) {}

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;
  private final Deque<Frame> passedOver = new ArrayDeque<>();
  private final DefaultHttp2HeadersDecoder headersDecoder = new DefaultHttp2HeadersDecoder();

  RawConnection(int port) throws IOException {
    this("127.0.0.1", port);
  }

  /**
   * @param from one of this machine's addresses
   */
  RawConnection(String from, int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0);
    socket.setSoTimeout(60_000);
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 32_768));
    in = new DataInputStream(socket.getInputStream());
  }

  void send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Sends the beginning of {@code text}. */
  void send(String text, int bytes) throws IOException {
    send(Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), bytes));
  }

  RawConnection greet() throws IOException {
    send(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
    return this;
  }

  /** Opens a call of GetTask with some more headers. */
  void open(int stream, Map<String, String> more) throws IOException {
    open(stream, "/sentry_protos.taskbroker.v1.ConsumerService/GetTask", more);
  }

  /** Opens a call of this method with some more headers. */
  void open(int stream, String path, Map<String, String> more) throws IOException {
    Map<String, String> headers = new TreeMap<>(more);
    headers.putIfAbsent("content-type", "application/grpc");
    headers.putIfAbsent("te", "trailers");
    var block = new ByteArrayOutputStream();
    literal(block, ":method", "POST");
    literal(block, ":scheme", "http");
    literal(block, ":path", path);
    literal(block, ":authority", "broker");
    headers.forEach((name, value) -> literal(block, name, value));
    frame(HEADERS, END_HEADERS, stream, block.toByteArray());
  }

  /** Sends data, of which more may follow: at most a frame, and nobody here watches the window. */
  void begin(int stream, byte[] data) throws IOException {
    frame(DATA, 0, stream, data);
  }

  /** Sends data, and then ends our side of the call. */
  void finish(int stream, byte[] data) throws IOException {
    int sent = 0;
    while (data.length - sent > FRAME_BYTES) {
      frame(DATA, 0, stream, Arrays.copyOfRange(data, sent, sent + FRAME_BYTES));
      sent += FRAME_BYTES;
    }
    frame(DATA, END_STREAM, stream, Arrays.copyOfRange(data, sent, data.length));
  }

  /** A gRPC message with these five bytes before it. */
  static byte[] message(int flags, int length, byte[] body) {
    return ByteBuffer.allocate(5 + body.length).put((byte) flags).putInt(length).put(body).array();
  }

  /** Waits for the server's settings, and agrees to them. */
  void awaitSettings() throws IOException {
    Frame frame = read();
    while (frame.type != SETTINGS || frame.flags != 0) {
      frame = read();
    }
    frame(SETTINGS, ACK, 0, new byte[0]);
  }

  /** Gives a call up. */
  void reset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
  }

  /** Waits until the server has taken all that was sent. */
  void awaitTaken() throws IOException {
    frame(PING, 0, 0, new byte[8]);
    Frame frame = read();
    while (frame.type != PING || frame.flags != ACK) {
      passedOver.add(frame);
      frame = read();
    }
  }

  /** Waits until the server has said that it wants no new calls on this connection. */
  void awaitGoAway() throws IOException {
    while (passedOver.stream().noneMatch(frame -> frame.type == GOAWAY)) {
      passedOver.add(read());
    }
  }

  /** Ends our side, and waits until the server has ended the connection for that. */
  void awaitEnd() throws IOException {
    socket.shutdownOutput();
    in.readAllBytes();
  }

  /** The status that ends the call: {@code grpc-status}, or how else it ended. */
  String statusOf(int stream) throws IOException, Http2Exception {
    try {
      while (true) {
        Frame frame = passedOver.isEmpty() ? read() : passedOver.remove();
        if (frame.type == HEADERS) {
          Http2Headers headers =
              headersDecoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload));
          if (frame.stream == stream && (frame.flags & END_STREAM) != 0) {
            return String.valueOf(headers.get("grpc-status"));
          }
        } else if (frame.type == DATA && (frame.flags & END_STREAM) != 0) {
          return "no grpc-status";
        } else if (frame.type == RST_STREAM && frame.stream == stream) {
          return "reset";
        }
      }
    } catch (EOFException | SocketException e) {
      return "closed";
    }
  }

  private Frame read() throws IOException {
    int length = (in.readUnsignedByte() << 16) | in.readUnsignedShort();
    return new Frame(
        in.readUnsignedByte(), in.readUnsignedByte(), in.readInt(), in.readNBytes(length));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Sends any frame. */
  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    out.write(payload.length >> 16);
    out.writeShort(payload.length);
    out.write(type);
    out.write(flags);
    out.writeInt(stream);
    out.write(payload);
    out.flush();
  }

  /** A header as it is, without tables or compression (RFC 7541, 6.2.2). */
  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length > 126) {
      throw new IllegalArgumentException("only short headers are sent here, not " + text);
    }
    block.write(bytes.length);
    block.writeBytes(bytes);
  }
}
