package io.taskbroker.fuzzing;

import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bytes on a connection to workers' port: HTTP/2 frames, and what only resembles them. */
final class ConnectionTarget implements Target {
  static final String NAME = "connection";

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int PATIENCE_MILLIS = 60_000;

  /** Between two looks at whether others are served still. */
  private static final int LOOK_EVERY = 50;

  private static final String METHOD = ConsumerServiceGrpc.getGetTaskMethod().getFullMethodName();

  private final OwnServer server = new OwnServer();
  private int given;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "bytes on a connection to workers' port: it ends, and others are served";
  }

  /** An even first number begins with the preface, an odd one does not. */
  @Override
  public List<byte[]> seeds() {
    byte[] settings = frame(4, 0, 0);
    byte[] ping = frame(6, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    byte[] window = frame(8, 0, 0, 0, 0, 1, 0);
    // :method POST, :scheme http, and a path of six letters, all by RFC 7541
    byte[] headers = frame(1, 4, 1, 0x83, 0x86, 0x44, 6, '/', 'a', '/', 'b', 'c', 'd');
    byte[] data = frame(0, 1, 1, 0, 0, 0, 0, 2, 10, 0);
    byte[] reset = frame(3, 0, 1, 0, 0, 0, 8);
    byte[] more = frame(9, 4, 1, 0x84);
    return List.of(
        joined(0, settings, ping, window),
        joined(0, settings, headers, data),
        joined(0, settings, headers, reset, more),
        joined(1, "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
  }

  private static byte[] frame(int type, int flags, int stream, int... payload) {
    byte[] frame = new byte[9 + payload.length];
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    frame[8] = (byte) stream;
    for (int i = 0; i < payload.length; i++) {
      frame[9 + i] = (byte) payload[i];
    }
    return frame;
  }

  private static byte[] joined(int first, byte[]... frames) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(first);
    for (byte[] frame : frames) {
      bytes.writeBytes(frame);
    }
    return bytes.toByteArray();
  }

  @Override
  public void give(byte[] input) {
    Pieces pieces = new Pieces(input);
    boolean begins = pieces.number() % 2 == 0;
    send(begins ? PREFACE : new byte[0], pieces.rest());
    given++;
    if (given % LOOK_EVERY == 0) {
      server.restock();
      Status status = server.call(METHOD, MethodType.UNARY, List.of(new byte[0]));
      Finding.unless(
          status.isOk() || status.getCode() == Status.Code.NOT_FOUND,
          "others are not served any more: " + status);
    }
  }

  private void send(byte[] first, byte[] then) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(first);
      socket.getOutputStream().write(then);
      socket.shutdownOutput();
      var _ = socket.getInputStream().readAllBytes();
    } catch (SocketTimeoutException e) {
      throw new Finding("a connection that its client has ended stays open", e);
    } catch (SocketException _) {
      // reset, for want of a better word
    } catch (IOException e) {
      throw new UncheckedIOException("a connection on loopback fails in no other way", e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
