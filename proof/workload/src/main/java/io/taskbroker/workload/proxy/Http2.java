package io.taskbroker.workload.proxy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HTTP/2 frame by frame (RFC 9113, 4.1), in plain text. */
public final class Http2 {
  /** A frame, as its bytes; the client's first message is its preface, and no frame. */
  public static final Proxy.Protocol PROTOCOL =
      new Proxy.Protocol(FromClient::new, () -> Http2::frame);

  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int SETTINGS = 4;

  /** Of RST_STREAM: INTERNAL_ERROR, as proxies say when the server beyond them broke off. */
  public static final int INTERNAL_ERROR = 2;

  private static final int RST_STREAM = 3;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int ACK = 1;
  private static final int HEADER_TABLE_SIZE = 1;
  private static final int HEADER_BYTES = 9;
  private static final int PREFACE_BYTES = 24;

  private Http2() {}

  private static final class FromClient implements Framing {
    private boolean started;

    @Override
    public byte[] next(DataInputStream in) throws IOException {
      if (started) {
        return frame(in);
      }
      started = true;
      byte[] preface = new byte[PREFACE_BYTES];
      in.readFully(preface);
      return preface;
    }
  }

  private static byte[] frame(DataInputStream in) throws IOException {
    byte[] header = new byte[HEADER_BYTES];
    in.readFully(header);
    int length = ((header[0] & 255) << 16) | ((header[1] & 255) << 8) | (header[2] & 255);
    byte[] frame = new byte[HEADER_BYTES + length];
    System.arraycopy(header, 0, frame, 0, HEADER_BYTES);
    in.readFully(frame, HEADER_BYTES, length);
    return frame;
  }

  // ---------------------------------------------------------------- reading

  public static boolean isPreface(byte[] message) {
    return message.length == PREFACE_BYTES && message[0] == 'P' && message[1] == 'R';
  }

  public static int type(byte[] frame) {
    return frame[3];
  }

  public static int stream(byte[] frame) {
    return ByteBuffer.wrap(frame).getInt(5) & Integer.MAX_VALUE;
  }

  public static int payloadBytes(byte[] frame) {
    return frame.length - HEADER_BYTES;
  }

  /** Whether its sender says nothing more on this stream. */
  public static boolean endsStream(byte[] frame) {
    int type = type(frame);
    return (type == DATA || type == HEADERS) && (frame[4] & END_STREAM) != 0;
  }

  public static boolean isSettings(byte[] frame) {
    return type(frame) == SETTINGS && (frame[4] & ACK) == 0;
  }

  // ---------------------------------------------------------------- writing

  /**
   * The same settings, but the other end is to remember no headers. Then its header frames can be
   * swallowed without the rest becoming unreadable.
   */
  public static byte[] withoutHeaderTable(byte[] settings) {
    var payload = new ByteArrayOutputStream();
    payload.write(settings, HEADER_BYTES, payloadBytes(settings));
    payload.writeBytes(new byte[] {0, HEADER_TABLE_SIZE, 0, 0, 0, 0});
    return frame(SETTINGS, settings[4], 0, payload.toByteArray());
  }

  /** Trailers alone, as a gRPC server or a proxy before it ends a call that has failed. */
  public static byte[] failure(int stream, int grpcStatus, String message) {
    var block = new ByteArrayOutputStream();
    literal(block, ":status", "200");
    literal(block, "content-type", "application/grpc");
    literal(block, "grpc-status", Integer.toString(grpcStatus));
    literal(block, "grpc-message", message);
    return frame(HEADERS, END_HEADERS | END_STREAM, stream, block.toByteArray());
  }

  public static byte[] reset(int stream, int code) {
    return frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(code).array());
  }

  /**
   * A header that nobody is to remember; shorter than 127 bytes, so that a byte holds its length.
   */
  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .put((byte) (payload.length >> 16))
        .put((byte) (payload.length >> 8))
        .put((byte) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }
}
