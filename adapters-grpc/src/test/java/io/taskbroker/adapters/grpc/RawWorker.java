package io.taskbroker.adapters.grpc;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A worker that speaks HTTP/2 frame by frame, so that it can answer as no gRPC server would. Each
 * request is read to its end, and then answered with the frames that the test says.
 */
final class RawWorker implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int PREFACE_BYTES = 24;

  /** What a request is answered with; null cuts the connection. */
  @FunctionalInterface
  interface Reply {
    @Nullable List<byte[]> to(int stream);
  }

  private final ServerSocket server;
  private final Reply reply;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();

  RawWorker(Reply reply) throws IOException {
    this.reply = reply;
    this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("raw-worker").start(this::accept);
  }

  WorkerAddress address() {
    return new WorkerAddress("127.0.0.1", server.getLocalPort());
  }

  /** How many requests it has read to their end. */
  int requests() {
    return requests.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        sockets.add(socket);
        Thread.ofVirtual().name("raw-worker-connection").start(() -> serve(socket));
      }
    } catch (IOException _) {
      // closed: the test is over
    }
  }

  private void serve(Socket socket) {
    try (socket;
        var in = new DataInputStream(socket.getInputStream());
        var out = new DataOutputStream(socket.getOutputStream())) {
      in.readFully(new byte[PREFACE_BYTES]);
      out.write(frame(SETTINGS, 0, 0, new byte[0]));
      while (true) {
        int length = (in.readUnsignedShort() << 8) | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        in.readFully(new byte[length]);
        if (type == SETTINGS && (flags & ACK) == 0) {
          out.write(frame(SETTINGS, ACK, 0, new byte[0]));
        }
        if (type == DATA && (flags & END_STREAM) != 0) {
          requests.incrementAndGet();
          List<byte[]> frames = reply.to(stream);
          if (frames == null) {
            return;
          }
          for (byte[] one : frames) {
            out.write(one);
          }
        }
      }
    } catch (IOException _) {
      // the other end has had enough
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  // ---------------------------------------------------------------- frames

  static byte[] reset(int stream, int code) {
    return frame(RST_STREAM, 0, stream, ints(code));
  }

  static byte[] goAway(int last, int code) {
    return frame(GOAWAY, 0, 0, ints(last, code));
  }

  /**
   * @param headers names and values in turns
   */
  static byte[] headers(int stream, boolean last, String... headers) {
    var block = new ByteArrayOutputStream();
    for (int i = 0; i < headers.length; i += 2) {
      block.write(0); // a literal, to be remembered by nobody
      text(block, headers[i]);
      text(block, headers[i + 1]);
    }
    int flags = END_HEADERS | (last ? END_STREAM : 0);
    return frame(HEADERS, flags, stream, block.toByteArray());
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < 127) {
      block.write(bytes.length);
    } else {
      block.write(127);
      int left = bytes.length - 127;
      for (; left >= 128; left >>= 7) {
        block.write((left & 127) | 128);
      }
      block.write(left);
    }
    block.writeBytes(bytes);
  }

  /** A message of so many zero bytes. */
  static byte[] message(int stream, int bytes) {
    var data = new ByteArrayOutputStream();
    data.write(0);
    data.writeBytes(ints(bytes));
    data.writeBytes(new byte[bytes]);
    return frame(DATA, 0, stream, data.toByteArray());
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    var frame = new ByteArrayOutputStream();
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    frame.writeBytes(ints(stream));
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  private static byte[] ints(int... numbers) {
    var bytes = ByteBuffer.allocate(4 * numbers.length);
    for (int number : numbers) {
      bytes.putInt(number);
    }
    return bytes.array();
  }
}
