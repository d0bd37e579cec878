package io.taskbroker.adapters.tls;

/**
 * What the broker shows of itself.
 *
 * @param certificate the chain, the broker's own certificate first
 * @param key of the first certificate, in PKCS#8, without a password
 */
public record OwnCertificate(PemFile certificate, PemFile key) {}
