package io.taskbroker.adapters.tls;

import java.util.Optional;

/**
 * Encryption of the calls to workers whose address begins with {@code https}.
 *
 * @param authorities who signs the workers' certificates; empty for those that the system trusts
 * @param own what workers are shown; empty for nothing
 */
public record WorkersTls(Optional<PemFile> authorities, Optional<OwnCertificate> own) {
  public static final WorkersTls DEFAULT = new WorkersTls(Optional.empty(), Optional.empty());
}
