package io.taskbroker.adapters.tls;

import java.util.Optional;

/**
 * Encryption of the port that workers call.
 *
 * @param own what clients are shown
 * @param clientAuthorities who signs the clients' certificates; empty if clients show none
 * @param clients whether a client needs a certificate; without authorities it has no meaning
 */
public record ServerTls(
    OwnCertificate own, Optional<PemFile> clientAuthorities, ClientCertificates clients) {
  /** Whether a client needs a certificate. */
  public enum ClientCertificates {
    /** Who shows none that an authority has signed is not let in. */
    REQUIRED,
    /** Who shows none is let in; who shows a wrong one is not. */
    OPTIONAL
  }

  /** Whether only clients with a valid certificate are let in. */
  public boolean admitsOnlyCertified() {
    return clientAuthorities.isPresent() && clients == ClientCertificates.REQUIRED;
  }
}
