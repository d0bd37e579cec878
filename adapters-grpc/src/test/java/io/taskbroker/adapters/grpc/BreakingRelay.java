package io.taskbroker.adapters.grpc;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Stands between a client and a server for one connection of HTTP/2, and breaks it off at one of
 * the frames of its calls.
 */
final class BreakingRelay implements AutoCloseable {
  private static final int HEAD_BYTES = 9;
  private static final int TYPE_AT = 3;

  /** DATA is 0, HEADERS 1; what else there is concerns connections, and varies. */
  private static final int LAST_TYPE_OF_CALLS = 1;

  /** Whose frames are counted. */
  enum Side {
    CLIENT,
    SERVER
  }

  /** How much of the frame still passes. */
  enum Passes {
    NOTHING,
    HALF
  }

  /** Where the connection breaks: at the frame with this number, counted from 0. */
  record Break(Side side, Passes passes, int frame) {}

  private final int target;
  private final Break at;
  private final ServerSocket door;
  private volatile boolean broken;

  BreakingRelay(int target, Break at) throws IOException {
    this.target = target;
    this.at = at;
    this.door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::relay);
  }

  int port() {
    return door.getLocalPort();
  }

  /** Whether the connection came as far as the frame. */
  boolean hasBroken() {
    return broken;
  }

  private void relay() {
    try (Socket client = door.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      door.close();
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread back = Thread.ofVirtual().start(() -> pass(server, client, Side.SERVER));
      pass(client, server, Side.CLIENT);
      back.join();
    } catch (IOException | InterruptedException e) {
      // the test is over
    }
  }

  /** Ends both connections when one ends. */
  private void pass(Socket from, Socket to, Side side) {
    try (from;
        to) {
      var in = new DataInputStream(from.getInputStream());
      var out = new DataOutputStream(to.getOutputStream());
      if (side == Side.CLIENT) {
        out.write(in.readNBytes(RawConnection.PREFACE.length()));
      }
      int calls = 0;
      while (true) {
        byte[] frame = frame(in);
        boolean isOfCall = frame[TYPE_AT] <= LAST_TYPE_OF_CALLS;
        if (isOfCall && side == at.side() && calls++ == at.frame()) {
          broken = true;
          out.write(frame, 0, at.passes() == Passes.HALF ? frame.length / 2 : 0);
          return;
        }
        out.write(frame);
      }
    } catch (IOException e) {
      // one of them has left
    }
  }

  private static byte[] frame(DataInputStream in) throws IOException {
    byte[] head = in.readNBytes(HEAD_BYTES);
    if (head.length < HEAD_BYTES) {
      throw new EOFException("no further frame");
    }
    int length = ByteBuffer.wrap(head).getInt() >>> Byte.SIZE; // three bytes, before the type
    byte[] frame = Arrays.copyOf(head, HEAD_BYTES + length);
    in.readFully(frame, HEAD_BYTES, length);
    return frame;
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
