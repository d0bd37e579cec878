package io.taskbroker.settings;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.time.Duration;
import java.util.List;

/** The side that workers talk to. */
final class GrpcKeys {
  /** What the examples have where a secret belongs. */
  static final String PLACEHOLDER = "change-me";

  static final Setting<String> ADDRESS =
      Setting.of("grpc_addr", TextTypes.TEXT, "0.0.0.0")
          .must(
              "be an IP address or a host name, without a port",
              text -> text.matches("[0-9A-Za-z._:%\\[\\]-]+") && !text.matches("[^:]*:[0-9]+"))
          .means("The address to listen on.");
  static final Setting<Integer> PORT =
      Setting.of("grpc_port", NumberTypes.between(0, 65_535), 50051)
          .means("The port to listen on; 0 for no server at all.");
  static final Setting<List<String>> SHARED_SECRET =
      Setting.of("grpc_shared_secret", TextTypes.TEXTS, List.<String>of())
          .secret()
          .must(
              "hold no empty secret, which everybody knows: take it out of the list",
              secrets -> secrets.stream().noneMatch(String::isBlank))
          .must(
              "not hold the '"
                  + PLACEHOLDER
                  + "' of an example: make one, with 'openssl rand -hex 32'",
              secrets -> !secrets.contains(PLACEHOLDER))
          .means(
              "Secrets that requests may be signed with. The first signs what the broker pushes. An"
                  + " empty list lets every request in.");
  static final Setting<String> TLS_CERTIFICATE =
      Setting.optional("grpc_tls_certificate", TextTypes.FILE)
          .means(
              "A PEM file with the broker's certificate, followed by those of the authorities"
                  + " between it and its root. With it the port speaks TLS 1.2 and 1.3, and no"
                  + " plain text. A renewed file is taken up within 10 s, without a restart.");
  static final Setting<String> TLS_KEY =
      Setting.optional("grpc_tls_key", TextTypes.FILE)
          .means("A PEM file with the key of grpc_tls_certificate, in PKCS#8, without a password.");
  static final Setting<String> TLS_CLIENT_CA =
      Setting.optional("grpc_tls_client_ca", TextTypes.FILE)
          .means(
              "A PEM file with the authorities that sign the workers' certificates. Workers show"
                  + " none if it is unset.");
  static final Setting<ServerTls.ClientCertificates> TLS_CLIENT_AUTH =
      Setting.of(
              "grpc_tls_client_auth",
              Type.oneOf(ServerTls.ClientCertificates.class),
              ServerTls.ClientCertificates.REQUIRED)
          .means(
              "With grpc_tls_client_ca: required lets only clients with a valid certificate in;"
                  + " optional lets in those that show none, too, while certificates are rolled"
                  + " out.");
  static final Setting<Long> MAX_MESSAGE_SIZE =
      Setting.of("grpc_max_message_size", NumberTypes.COUNT, 54_525_952L)
          .means("Bytes of the largest message that is pushed to a worker.");

  static final Setting<Integer> MAX_CONNECTIONS =
      Setting.of("grpc_max_connections", NumberTypes.between(1, 1_000_000), 4_000)
          .means(
              "Most connections that workers may use at a time; some 12 KB of heap each. Health"
                  + " checks on further ones are answered, other calls are refused with"
                  + " RESOURCE_EXHAUSTED.");
  static final Setting<Integer> MAX_CONNECTIONS_PER_ADDRESS =
      Setting.of("grpc_max_connections_per_address", NumberTypes.between(0, 1_000_000), 0)
          .means(
              "Most connections of one client address at a time; 0 for no such limit, which is"
                  + " right behind a balancer or a mesh, where all clients share an address.");

  static final Setting<Duration> MAX_WAIT =
      Setting.of("grpc.max_wait", DurationTypes.DURATION_TEXT, Duration.ofSeconds(30))
          .means(
              "How long a call that asks for a task may wait for one, if its client says so"
                  + " (docs/protocol.md); 0s if none may.");
  static final Setting<Integer> MAX_WAITERS =
      Setting.of("grpc.max_waiters", NumberTypes.between(0, 1_000_000), StoreSettings.MAX_WAITERS)
          .means(
              "Most calls that may wait at a time; further ones are answered at once, as if they"
                  + " did not want to wait.");

  static final Setting<Duration> HEARTBEAT =
      Setting.of("exchange.heartbeat", DurationTypes.DURATION_TEXT, GrpcServerSettings.HEARTBEAT)
          .must("be at least 1s", pause -> pause.compareTo(Duration.ofSeconds(1)) >= 0)
          .means(
              "Of workers that are attached by a stream and promise signs of life"
                  + " (docs/protocol.md): how long one may be silent about a task.");

  static final List<Setting<?>> ALL =
      List.of(
          ADDRESS,
          PORT,
          SHARED_SECRET,
          TLS_CERTIFICATE,
          TLS_KEY,
          TLS_CLIENT_CA,
          TLS_CLIENT_AUTH,
          MAX_MESSAGE_SIZE,
          MAX_CONNECTIONS,
          MAX_CONNECTIONS_PER_ADDRESS,
          MAX_WAIT,
          MAX_WAITERS,
          HEARTBEAT);

  private GrpcKeys() {}
}
