package io.taskbroker.settings;

import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.adapters.tls.WorkersTls;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.Values;
import java.nio.file.Path;
import java.util.Optional;

/** From values by key to the records that encryption wants. */
final class TlsRecords {
  private final Values values;

  TlsRecords(Values values) {
    this.values = values;
  }

  /**
   * Empty if the port speaks plain text.
   *
   * @throws IllegalArgumentException if a key lacks the one that it belongs to
   */
  Optional<ServerTls> server() {
    Optional<OwnCertificate> own = own(GrpcKeys.TLS_CERTIFICATE, GrpcKeys.TLS_KEY);
    Optional<PemFile> authorities = file(GrpcKeys.TLS_CLIENT_CA);
    if (own.isEmpty() && authorities.isPresent()) {
      throw new IllegalArgumentException(
          "%s (%s) asks for clients' certificates, and the port speaks plain text. Set %s and %s, too"
              .formatted(
                  GrpcKeys.TLS_CLIENT_CA,
                  values.origin(GrpcKeys.TLS_CLIENT_CA).describe(),
                  GrpcKeys.TLS_CERTIFICATE,
                  GrpcKeys.TLS_KEY));
    }
    return own.map(
        shown -> new ServerTls(shown, authorities, values.get(GrpcKeys.TLS_CLIENT_AUTH)));
  }

  /**
   * @throws IllegalArgumentException if a key lacks the one that it belongs to
   */
  WorkersTls workers() {
    return new WorkersTls(
        file(DeliveryKeys.PUSH_TLS_CA),
        own(DeliveryKeys.PUSH_TLS_CERTIFICATE, DeliveryKeys.PUSH_TLS_KEY));
  }

  /**
   * What the admin API shows: the same as workers' port. Empty if it speaks plain text.
   *
   * @throws IllegalArgumentException if it has to speak TLS, and has no certificate
   */
  Optional<OwnCertificate> admin() {
    if (!values.get(AdminKeys.TLS)) {
      return Optional.empty();
    }
    return Optional.of(
        own(GrpcKeys.TLS_CERTIFICATE, GrpcKeys.TLS_KEY)
            .map(TlsRecords::forAdmin)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s (%s) needs a certificate. Set %s and %s, too"
                            .formatted(
                                AdminKeys.TLS,
                                values.origin(AdminKeys.TLS).describe(),
                                GrpcKeys.TLS_CERTIFICATE,
                                GrpcKeys.TLS_KEY))));
  }

  /** Two ports use these files, and each tells of what it takes up. */
  private static OwnCertificate forAdmin(OwnCertificate own) {
    return new OwnCertificate(forAdmin(own.certificate()), forAdmin(own.key()));
  }

  private static PemFile forAdmin(PemFile file) {
    return new PemFile(file.setting() + " for " + AdminKeys.TLS, file.path());
  }

  private Optional<OwnCertificate> own(Setting<String> certificate, Setting<String> key) {
    Optional<PemFile> first = file(certificate);
    Optional<PemFile> second = file(key);
    if (first.isPresent() != second.isPresent()) {
      Setting<String> given = first.isPresent() ? certificate : key;
      throw new IllegalArgumentException(
          "%s (%s) needs %s. Set both or neither"
              .formatted(
                  given, values.origin(given).describe(), first.isPresent() ? key : certificate));
    }
    return first.flatMap(shown -> second.map(secret -> new OwnCertificate(shown, secret)));
  }

  private Optional<PemFile> file(Setting<String> setting) {
    return values.find(setting).map(path -> new PemFile(setting.path(), Path.of(path)));
  }
}
