package io.taskbroker.benchmarks.broker;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One connection to a broker's admin API, with as little as that takes: people look from their own
 * machines, so what asking costs must not be taken from the broker that is measured. Used by one
 * thread.
 */
final class Onlooker implements AutoCloseable {
  private static final String LENGTH = "content-length:";
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket socket;
  private final InputStream in;
  private final byte[] scrap = new byte[BUFFER_BYTES];

  /**
   * @param port on loopback
   */
  Onlooker(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
  }

  /** The status of the answer, once all of it is there. */
  int ask(String path) throws IOException {
    int status = begin(path);
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()).strip());
      }
    }
    while (length > 0) {
      int read = in.read(scrap, 0, Math.min(length, scrap.length));
      if (read < 0) {
        throw new IOException("the answer to " + path + " was cut off");
      }
      length -= read;
    }
    return status;
  }

  /** Asks for an answer without end, which {@link #line()} reads; its status. */
  int begin(String path) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    return Integer.parseInt(line().split(" ", 3)[1]);
  }

  /**
   * The next line, without its end.
   *
   * @throws IOException if there is none
   */
  String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int sign = in.read(); sign != '\n'; sign = in.read()) {
      if (sign < 0) {
        throw new IOException("the connection has ended");
      }
      if (sign != '\r') {
        line.write(sign);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
