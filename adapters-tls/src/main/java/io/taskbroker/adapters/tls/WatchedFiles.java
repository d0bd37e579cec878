package io.taskbroker.adapters.tls;

import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that belong together, and whose contents are in use. When they have changed, the new
 * contents are used; when those cannot be used, the former ones go on, and one line says so.
 */
public final class WatchedFiles {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::tls");

  /** Puts contents to use, in the order of the files; throws if they cannot be used. */
  @FunctionalInterface
  public interface Use {
    /** Returns the certificates whose end matters. */
    List<X509Certificate> of(List<byte[]> contents);
  }

  private final List<PemFile> files;
  private final Use use;
  private final TimeSource time;
  private final Sparsely ends;
  private String used = "";

  /** What could not be used at the last look; empty if that went well. */
  private String refused = "";

  /** What was complained of. */
  private String complained = "";

  private List<X509Certificate> certificates = List.of();

  public WatchedFiles(List<PemFile> files, Use use, TimeSource time) {
    this.files = files;
    this.use = use;
    this.time = time;
    this.ends = new Sparsely(time, Duration.ofDays(1));
  }

  /**
   * Reads them for the first time.
   *
   * @throws UnusableTlsFileException if they cannot be used
   */
  public void load() {
    List<byte[]> contents = contents();
    certificates = use.of(contents);
    used = fingerprint(contents);
    warnOfEnds();
  }

  /** Returns true if new contents were put to use. */
  public boolean look() {
    boolean changed = lookForChange();
    warnOfEnds();
    return changed;
  }

  private boolean lookForChange() {
    String found = "unreadable";
    try {
      List<byte[]> contents = contents();
      found = fingerprint(contents);
      if (found.equals(used)) {
        refused = "";
        complained = "";
        return false;
      }
      certificates = use.of(contents);
      used = found;
      LOG.info("{} changed, and new connections use what is there now: {}", names(), describe());
      return true;
    } catch (UnusableTlsFileException e) {
      // Files are replaced one after the other: who is right at the next look is not spoken of.
      if (found.equals(refused) && !found.equals(complained)) {
        complained = found;
        LOG.warn(
            "{} changed, and cannot be used: {}. What was there before goes on: {}",
            names(),
            e.getMessage(),
            describe());
      }
      refused = found;
      return false;
    }
  }

  private List<byte[]> contents() {
    return files.stream().map(Pem::bytes).toList();
  }

  private String names() {
    return files.stream().map(PemFile::toString).collect(Collectors.joining(" and "));
  }

  private String describe() {
    return certificates.stream()
        .map(
            certificate ->
                "'%s', valid until %s"
                    .formatted(
                        certificate.getSubjectX500Principal(),
                        certificate.getNotAfter().toInstant()))
        .collect(Collectors.joining("; "));
  }

  private void warnOfEnds() {
    Instant now = Instant.ofEpochMilli(time.now().wallMs());
    List<X509Certificate> ending =
        certificates.stream()
            .filter(one -> one.getNotAfter().toInstant().isBefore(now.plus(TlsFiles.SOON)))
            .toList();
    if (!ending.isEmpty() && ends.count(1) > 0) {
      X509Certificate first = ending.getFirst();
      Instant end = first.getNotAfter().toInstant();
      LOG.warn(
          "The certificate '{}' of {} {} on {}. Renew it: the new file is taken up without a"
              + " restart",
          first.getSubjectX500Principal(),
          files.getFirst(),
          end.isBefore(now) ? "ended" : "ends",
          end);
    }
  }

  private static String fingerprint(List<byte[]> contents) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] content : contents) {
        digest.update(Integer.toString(content.length).getBytes(StandardCharsets.US_ASCII));
        digest.update(content);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
