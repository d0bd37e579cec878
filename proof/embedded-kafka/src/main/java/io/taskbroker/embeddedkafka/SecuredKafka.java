package io.taskbroker.embeddedkafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;

/**
 * A Kafka of one node that can be spoken to in every way that a cluster may demand, each on a port
 * of its own. It knows one user.
 */
public final class SecuredKafka implements Kafka {
  /** Both with characters that have a meaning somewhere on their way. */
  public static final String USER = "bro\"ker";

  public static final String PASSWORD = "p;a=s\\s '\"wörd,";

  /** Kafka's own lower bound, as nobody guesses here. */
  private static final int SCRAM_ITERATIONS = 4096;

  /** A port, and what it demands of those who come. */
  public enum Door {
    /** Nothing. Whoever comes is called {@code ANONYMOUS}. */
    PLAINTEXT("PLAINTEXT"),
    /** Encryption. */
    SSL("SSL"),
    /** Encryption, and the certificate {@link #client()}. */
    MUTUAL("SSL"),
    /** The user's password, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
    SASL_PLAINTEXT("SASL_PLAINTEXT"),
    /** The same, and encryption. */
    SASL_SSL("SASL_SSL");

    private final String protocol;

    Door(String protocol) {
      this.protocol = protocol;
    }

    /** Of the properties that hold for it alone. */
    private String prefix() {
      return "listener.name." + name().toLowerCase(Locale.ROOT) + ".";
    }
  }

  private final EmbeddedKafka kafka;
  private final Map<Door, Integer> ports;
  private final PemPair server;
  private final PemPair client;

  private SecuredKafka(
      EmbeddedKafka kafka, Map<Door, Integer> ports, PemPair server, PemPair client) {
    this.kafka = kafka;
    this.ports = ports;
    this.server = server;
    this.client = client;
  }

  public static SecuredKafka start(Path folder) {
    return start(folder, Map.of());
  }

  /**
   * Returns once clients can connect at every door.
   *
   * @param folder for its data and the certificates; created if missing
   * @param more of Kafka's own properties
   */
  public static SecuredKafka start(Path folder, Map<String, String> more) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
    PemPair server = PemPair.write(folder, "server");
    PemPair client = PemPair.write(folder, "client");
    Map<Door, Integer> ports = new EnumMap<>(Door.class);
    Arrays.stream(Door.values()).forEach(door -> ports.put(door, FreePorts.any()));
    NodeSettings node = NodeSettings.on(port(ports, Door.PLAINTEXT), folder.resolve("data"));
    Map<String, String> properties = doors(ports, node.controllerPort());
    properties.putAll(certificates(server, client));
    properties.putAll(passwords());
    properties.putAll(more);
    var kafka = EmbeddedKafka.start(node, properties);
    try {
      addUser(kafka.address());
      return new SecuredKafka(kafka, ports, server, client);
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
  }

  /** Of the door that demands nothing. */
  @Override
  public String address() {
    return kafka.address();
  }

  public String address(Door door) {
    return "127.0.0.1:" + port(ports, door);
  }

  /** Who this Kafka is, and its own authority. */
  public PemPair server() {
    return server;
  }

  /** Whom {@link Door#MUTUAL} lets in. */
  public PemPair client() {
    return client;
  }

  @Override
  public void close() {
    kafka.close();
  }

  private static int port(Map<Door, Integer> ports, Door door) {
    return ports.getOrDefault(door, 0);
  }

  private static Map<String, String> doors(Map<Door, Integer> ports, int controllerPort) {
    String clients =
        ports.entrySet().stream()
            .map(door -> door.getKey().name() + "://127.0.0.1:" + door.getValue())
            .collect(Collectors.joining(","));
    String protocols =
        ports.keySet().stream()
            .map(door -> door.name() + ":" + door.protocol)
            .collect(Collectors.joining(","));
    Map<String, String> properties = new HashMap<>();
    properties.put(
        "listeners",
        "%s,%s://127.0.0.1:%d".formatted(clients, NodeSettings.CONTROLLER, controllerPort));
    properties.put("advertised.listeners", clients);
    properties.put(
        "listener.security.protocol.map", protocols + "," + NodeSettings.CONTROLLER + ":PLAINTEXT");
    properties.put("inter.broker.listener.name", Door.PLAINTEXT.name());
    return properties;
  }

  private static Map<String, String> certificates(PemPair server, PemPair client) {
    String mutual = Door.MUTUAL.prefix() + "ssl.";
    return Map.of(
        "ssl.keystore.type",
        "PEM",
        "ssl.keystore.certificate.chain",
        text(server.certificate()),
        "ssl.keystore.key",
        text(server.key()),
        mutual + "client.auth",
        "required",
        mutual + "truststore.type",
        "PEM",
        mutual + "truststore.certificates",
        text(client.certificate()));
  }

  private static Map<String, String> passwords() {
    Map<String, String> properties = new HashMap<>();
    for (Door door : List.of(Door.SASL_PLAINTEXT, Door.SASL_SSL)) {
      properties.put(
          door.prefix() + "sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512");
      properties.put(
          door.prefix() + "plain.sasl.jaas.config",
          "org.apache.kafka.common.security.plain.PlainLoginModule required %s=%s;"
              .formatted(quoted("user_" + USER), quoted(PASSWORD)));
      for (String mechanism : List.of("scram-sha-256", "scram-sha-512")) {
        properties.put(
            door.prefix() + mechanism + ".sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required;");
      }
    }
    return properties;
  }

  /** What SCRAM compares with is kept by Kafka itself, which takes one of a user's at a time. */
  private static void addUser(String address) {
    try (var admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address))) {
      for (var mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
        var credential = new ScramCredentialInfo(mechanism, SCRAM_ITERATIONS);
        admin
            .alterUserScramCredentials(
                List.of(new UserScramCredentialUpsertion(USER, credential, PASSWORD)))
            .all()
            .get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not take a user", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Kafka was told of a user", e);
    }
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String text(Path pem) {
    try {
      return Files.readString(pem);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + pem, e);
    }
  }
}
