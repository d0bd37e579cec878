package io.taskbroker.workload.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A protocol whose messages begin with their length, as that of Kafka, and a server that echoes.
 */
class ProxyTest {
  private static final Proxy.Protocol PROTOCOL =
      new Proxy.Protocol(() -> ProxyTest::message, () -> ProxyTest::message);

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  @Test
  void whatNobodyTouches_passes() throws Exception {
    Client client = client(Script.PASS);

    client.say("one");
    client.say("two");

    assertThat(client.hear()).isEqualTo("one");
    assertThat(client.hear()).isEqualTo("two");
  }

  @Test
  void aMessage_canBeAnsweredInTheServersPlace() throws Exception {
    Client client =
        client(
            new Script() {
              @Override
              public void fromClient(byte[] message, Line line) throws IOException {
                if (text(message).equals("secret")) {
                  line.toClient(bytes("no"));
                } else {
                  line.toServer(message);
                }
              }

              @Override
              public void fromServer(byte[] message, Line line) throws IOException {
                line.toClient(bytes(text(message) + "!"));
              }
            });

    client.say("secret");
    assertThat(client.hear()).isEqualTo("no");
    client.say("open");
    assertThat(client.hear()).isEqualTo("open!");
  }

  @Test
  void aConnection_canBeCutAtAMessage() throws Exception {
    Client client =
        client(
            new Script() {
              @Override
              public void fromClient(byte[] message, Line line) throws IOException {
                line.toServer(message);
              }

              @Override
              public void fromServer(byte[] message, Line line) throws IOException {
                if (text(message).equals("last")) {
                  line.toClient(bytes("farewell"));
                  line.cut();
                } else {
                  line.toClient(message);
                }
              }
            });

    client.say("first");
    assertThat(client.hear()).isEqualTo("first");
    client.say("last");
    assertThat(client.hear()).isEqualTo("farewell");
    assertThatThrownBy(client::hear).isInstanceOf(EOFException.class);
  }

  // ---------------------------------------------------------------- fixture

  private static byte[] message(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] message = bytes(new String(in.readNBytes(length), StandardCharsets.UTF_8));
    return message;
  }

  private static byte[] bytes(String text) {
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + words.length).putInt(words.length).put(words).array();
  }

  private static String text(byte[] message) {
    return new String(message, 4, message.length - 4, StandardCharsets.UTF_8);
  }

  private record Client(Socket socket) implements AutoCloseable {
    void say(String text) throws IOException {
      new DataOutputStream(socket.getOutputStream()).write(bytes(text));
    }

    String hear() throws IOException {
      return text(message(new DataInputStream(socket.getInputStream())));
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private Client client(Script script) throws IOException {
    ServerSocket server = keep(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().name("echo").start(() -> echo(server));
    Proxy proxy =
        keep(
            Proxy.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()),
                PROTOCOL,
                () -> script));
    return keep(new Client(new Socket(InetAddress.getLoopbackAddress(), proxy.port())));
  }

  private static void echo(ServerSocket server) {
    try (Socket socket = server.accept()) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException _) {
      // the test is over
    }
  }

  private <T extends AutoCloseable> T keep(T one) {
    open.add(one);
    return one;
  }
}
