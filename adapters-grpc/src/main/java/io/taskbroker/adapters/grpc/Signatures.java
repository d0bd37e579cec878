package io.taskbroker.adapters.grpc;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the signature of a request whether its sender knows one of the shared secrets, and signs
 * what the broker itself sends.
 *
 * <p>The signature is the HMAC-SHA256 of the path, a colon, and the request's bytes as received, in
 * hexadecimal digits. Safe for all threads.
 */
final class Signatures {
  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("sentry-signature", Metadata.ASCII_STRING_MARSHALLER);

  private static final String ALGORITHM = "HmacSHA256";
  private static final int BYTES = 32;

  private final List<byte[]> keys;

  /** A {@link Mac} serves one thread, and is costly to look up. */
  private final ThreadLocal<List<Mac>> macs = ThreadLocal.withInitial(this::newMacs);

  /**
   * @param secrets any of them will do, none may be empty; none at all lets every request in
   */
  Signatures(List<String> secrets) {
    this.keys = secrets.stream().map(secret -> secret.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Why the request is not let in, in words for our log; null if it is. */
  @Nullable String objection(Metadata headers, String path, byte[] body) {
    if (keys.isEmpty()) {
      return null;
    }
    Iterable<String> values = headers.getAll(HEADER);
    if (values == null) {
      return "it has no header " + HEADER.name();
    }
    byte[] signature = parse(values.iterator().next());
    if (signature == null) {
      return "its signature is not " + 2 * BYTES + " hexadecimal digits";
    }
    return isOurs(signature, path, body) ? null : "its signature fits none of our secrets";
  }

  /**
   * Why a frame is not let in, in words for our log; null if it is.
   *
   * @param before what its signature covers besides path and frame
   */
  @Nullable String objection(ByteString signature, String path, byte[] before, ByteString frame) {
    if (keys.isEmpty()) {
      return null;
    }
    if (signature.isEmpty()) {
      return "its frame has no signature";
    }
    if (signature.size() != BYTES) {
      return "its frame's signature is not " + BYTES + " bytes";
    }
    byte[] given = signature.toByteArray();
    boolean ours = false;
    for (Mac mac : macs.get()) {
      begin(mac, path);
      mac.update(before);
      mac.update(frame.asReadOnlyByteBuffer());
      ours |= MessageDigest.isEqual(mac.doFinal(), given);
    }
    return ours ? null : "its frame's signature fits none of our secrets";
  }

  /** The signature by the first secret, in lower case; null if there are no secrets. */
  @Nullable String sign(String path, List<byte[]> bodyInParts) {
    if (keys.isEmpty()) {
      return null;
    }
    Mac mac = macs.get().getFirst();
    begin(mac, path);
    bodyInParts.forEach(mac::update);
    return HexFormat.of().formatHex(mac.doFinal());
  }

  private static byte @Nullable [] parse(String hex) {
    if (hex.length() != 2 * BYTES || !hex.chars().allMatch(HexFormat::isHexDigit)) {
      return null;
    }
    return HexFormat.of().parseHex(hex);
  }

  /** Takes the same time whichever secret fits, and however much of the signature is right. */
  private boolean isOurs(byte[] signature, String path, byte[] body) {
    boolean ours = false;
    for (Mac mac : macs.get()) {
      begin(mac, path);
      ours |= MessageDigest.isEqual(mac.doFinal(body), signature);
    }
    return ours;
  }

  private static void begin(Mac mac, String path) {
    mac.update(path.getBytes(StandardCharsets.US_ASCII));
    mac.update((byte) ':');
  }

  private List<Mac> newMacs() {
    return keys.stream().map(Signatures::newMac).toList();
  }

  private static Mac newMac(byte[] key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
