package io.taskbroker.proving.tls;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The first message of a client of TLS, made by hand as scanners do, since no library offers what
 * is long forbidden: RFC 5246 and 8446.
 *
 * @param version as in RFC 8446, 4.2.1: 0x0304 is TLS 1.3
 * @param suites numbers of cipher suites
 */
record Greeting(int version, Collection<Integer> suites) {
  static final int SSL_3 = 0x0300;
  static final int TLS_1_0 = 0x0301;
  static final int TLS_1_1 = 0x0302;
  static final int TLS_1_2 = 0x0303;
  static final int TLS_1_3 = 0x0304;

  static final int HEARTBEAT = 15;
  private static final int SUPPORTED_GROUPS = 10;
  private static final int POINT_FORMATS = 11;
  private static final int SIGNATURES = 13;
  private static final int PROTOCOLS = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int KEY_SHARE = 51;
  static final int RENEGOTIATION = 0xff01;

  private static final int HANDSHAKE = 22;
  private static final int ALERT = 21;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_HELLO = 2;
  private static final int RANDOM_BYTES = 32;
  private static final int PATIENCE_MILLIS = 30_000;

  /** DEFLATE, and none: RFC 3749. */
  private static final byte[] COMPRESSIONS = {1, 0};

  /** Says that a server of TLS 1.3 has been asked for less: RFC 8446, 4.1.3. */
  private static final byte[] DOWNGRADED = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44, 1};

  /**
   * What a server has chosen.
   *
   * @param compression 0 for none
   * @param warnsOfDowngrade whether it says that it could have spoken a newer version
   * @param extensions the numbers of those that it has answered
   */
  record Choice(int suite, int compression, boolean warnsOfDowngrade, Set<Integer> extensions) {}

  /**
   * Greets the server at a port of this machine.
   *
   * @return empty if it refuses
   */
  Optional<Choice> to(int port) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(bytes());
      return answer(new DataInputStream(socket.getInputStream()));
    } catch (EOFException | SocketException _) { // closed, or reset
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("port " + port + " neither answers nor closes", e);
    }
  }

  private static Optional<Choice> answer(DataInputStream in) throws IOException {
    int type = in.readUnsignedByte();
    in.readUnsignedShort(); // the version of the record, which says nothing
    ByteBuffer record = ByteBuffer.wrap(in.readNBytes(in.readUnsignedShort()));
    if (type == ALERT) {
      return Optional.empty();
    }
    if (type != HANDSHAKE || record.get() != SERVER_HELLO) {
      throw new IOException("the answer is neither an alert nor a greeting, its type is " + type);
    }
    record.position(record.position() + 3 + 2); // its length, and its version
    byte[] random = new byte[RANDOM_BYTES];
    record.get(random);
    record.position(record.position() + 1 + Byte.toUnsignedInt(record.get(record.position())));
    int suite = Short.toUnsignedInt(record.getShort());
    int compression = record.get();
    byte[] end = Arrays.copyOfRange(random, RANDOM_BYTES - DOWNGRADED.length, RANDOM_BYTES);
    return Optional.of(
        new Choice(suite, compression, Arrays.equals(end, DOWNGRADED), extensions(record)));
  }

  private static Set<Integer> extensions(ByteBuffer record) {
    Set<Integer> numbers = new TreeSet<>();
    if (record.remaining() > 2) {
      int end = Short.toUnsignedInt(record.getShort()) + record.position();
      while (record.position() < end) {
        numbers.add(Short.toUnsignedInt(record.getShort()));
        record.position(Short.toUnsignedInt(record.getShort()) + record.position());
      }
    }
    return numbers;
  }

  private byte[] bytes() throws IOException {
    byte[] hello = hello();
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeByte(HANDSHAKE);
    out.writeShort(Math.min(version, TLS_1_0));
    out.writeShort(hello.length + 4);
    out.writeByte(CLIENT_HELLO);
    out.writeByte(0);
    out.writeShort(hello.length);
    out.write(hello);
    return bytes.toByteArray();
  }

  private byte[] hello() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeShort(Math.min(version, TLS_1_2));
    out.write(new byte[RANDOM_BYTES]);
    out.writeByte(0); // no session
    out.writeShort(2 * suites.size());
    for (int suite : suites) {
      out.writeShort(suite);
    }
    byte[] compressions = version < TLS_1_3 ? COMPRESSIONS : new byte[1];
    out.writeByte(compressions.length);
    out.write(compressions);
    byte[] extensions = extensions();
    out.writeShort(extensions.length);
    out.write(extensions);
    return bytes.toByteArray();
  }

  private byte[] extensions() throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    // x25519, P-256, P-384, and the finite field of 2048 bits
    extension(out, SUPPORTED_GROUPS, listOf(0x001d, 0x0017, 0x0018, 0x0100));
    extension(out, POINT_FORMATS, new byte[] {1, 0});
    // those of elliptic curves and of RSA, old ones with SHA-1 among them
    extension(
        out, SIGNATURES, listOf(0x0403, 0x0503, 0x0804, 0x0805, 0x0401, 0x0501, 0x0203, 0x0201));
    extension(out, PROTOCOLS, new byte[] {0, 3, 2, 'h', '2'});
    extension(out, HEARTBEAT, new byte[] {1});
    extension(out, RENEGOTIATION, new byte[] {0});
    if (version == TLS_1_3) {
      extension(out, SUPPORTED_VERSIONS, new byte[] {2, 3, 4});
      extension(out, KEY_SHARE, new byte[] {0, 0}); // none yet: the server asks for one
    }
    return bytes.toByteArray();
  }

  private static void extension(DataOutputStream out, int number, byte[] content)
      throws IOException {
    out.writeShort(number);
    out.writeShort(content.length);
    out.write(content);
  }

  private static byte[] listOf(int... numbers) {
    ByteBuffer list = ByteBuffer.allocate(2 + 2 * numbers.length);
    list.putShort((short) (2 * numbers.length));
    for (int number : numbers) {
      list.putShort((short) number);
    }
    return list.array();
  }

  /** All suites that there are, by the numbers that IANA has given. */
  static List<Integer> everySuite(int version) {
    Set<Integer> suites = new TreeSet<>();
    if (version == TLS_1_3) {
      addAll(suites, 0x1301, 0x1305);
    } else {
      addAll(suites, 0x0000, 0x00c7);
      addAll(suites, 0xc001, 0xc0b5);
      addAll(suites, 0xc100, 0xc106);
      addAll(suites, 0xcca8, 0xccae);
      addAll(suites, 0xd001, 0xd005);
    }
    return List.copyOf(suites);
  }

  private static void addAll(Set<Integer> suites, int first, int last) {
    for (int suite = first; suite <= last; suite++) {
      suites.add(suite);
    }
  }
}
