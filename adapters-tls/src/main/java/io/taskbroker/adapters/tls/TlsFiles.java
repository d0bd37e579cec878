package io.taskbroker.adapters.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One look at the files of a configuration, without a connection. One sentence for each finding.
 */
public final class TlsFiles {
  /** A certificate that ends within this time is spoken of. */
  static final Duration SOON = Duration.ofDays(7);

  private final Instant now;
  private final List<String> problems = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  /**
   * @param now is what the certificates' validity is compared with
   */
  public TlsFiles(Instant now) {
    this.now = now;
  }

  public void look(ServerTls tls) {
    look(tls.own());
    tls.clientAuthorities().ifPresent(this::lookAtAuthorities);
  }

  public void look(WorkersTls tls) {
    tls.own().ifPresent(this::look);
    tls.authorities().ifPresent(this::lookAtAuthorities);
  }

  /** What keeps a broker from starting. */
  public List<String> problems() {
    return Collections.unmodifiableList(problems);
  }

  /** What a broker starts with, and what will turn connections away or tell a key to others. */
  public List<String> remarks() {
    return Collections.unmodifiableList(remarks);
  }

  private void look(OwnCertificate own) {
    Optional<byte[]> certificate = bytes(own.certificate());
    Optional<byte[]> key = bytes(own.key());
    if (key.isPresent() && isOpenToAll(own.key().path())) {
      remarks.add(
          "%s can be read by every user of this host. Take that away with 'chmod o-r'"
              .formatted(own.key()));
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      return;
    }
    try {
      Pem.Identity identity = Pem.identity(own, certificate.get(), key.get());
      for (X509Certificate one : identity.chain()) {
        lookAtEnd(own.certificate(), one);
      }
    } catch (UnusableTlsFileException e) {
      problems.add(e.getMessage());
    }
  }

  private void lookAtAuthorities(PemFile file) {
    bytes(file)
        .ifPresent(
            bytes -> {
              try {
                for (X509Certificate one : Pem.certificates(file, bytes)) {
                  lookAtEnd(file, one);
                }
              } catch (UnusableTlsFileException e) {
                problems.add(e.getMessage());
              }
            });
  }

  private Optional<byte[]> bytes(PemFile file) {
    try {
      return Optional.of(Pem.bytes(file));
    } catch (UnusableTlsFileException e) {
      problems.add(e.getMessage());
      return Optional.empty();
    }
  }

  private void lookAtEnd(PemFile file, X509Certificate certificate) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (begin.isAfter(now)) {
      remark(file, certificate, "is not valid before " + begin, "Look at this host's clock");
    } else if (end.isBefore(now)) {
      remark(file, certificate, "ended on " + end, "Others refuse it: renew it");
    } else if (end.isBefore(now.plus(SOON))) {
      remark(file, certificate, "ends on " + end, "Renew it");
    }
  }

  private void remark(PemFile file, X509Certificate certificate, String what, String remedy) {
    remarks.add(
        "The certificate '%s' of %s %s. %s"
            .formatted(certificate.getSubjectX500Principal(), file, what, remedy));
  }

  private static boolean isOpenToAll(Path key) {
    try {
      return Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException | UnsupportedOperationException _) {
      return false; // a file that cannot be read was told of; another file system has other rights
    }
  }
}
