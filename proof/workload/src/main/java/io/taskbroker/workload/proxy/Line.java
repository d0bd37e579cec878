package io.taskbroker.workload.proxy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;

/** One connection through a proxy, as its script sees it. Safe for all threads. */
public final class Line implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket client;
  private final Socket server;
  private final OutputStream toClient;
  private final OutputStream toServer;

  Line(Socket client, Socket server) throws IOException {
    this.client = client;
    this.server = server;
    this.toClient = new BufferedOutputStream(client.getOutputStream(), BUFFER_BYTES);
    this.toServer = new BufferedOutputStream(server.getOutputStream(), BUFFER_BYTES);
  }

  /** Bytes for the client, whoever says them: the server, or the script in its place. */
  public void toClient(byte[] message) throws IOException {
    synchronized (toClient) {
      toClient.write(message);
    }
  }

  public void toServer(byte[] message) throws IOException {
    synchronized (toServer) {
      toServer.write(message);
    }
  }

  void flush() throws IOException {
    synchronized (toClient) {
      toClient.flush();
    }
    synchronized (toServer) {
      toServer.flush();
    }
  }

  /** Ends the connection on both sides, as a crash would. What was passed before is delivered. */
  public void cut() throws IOException {
    flush();
    close();
  }

  @Override
  public void close() throws IOException {
    client.close();
    server.close();
  }
}
