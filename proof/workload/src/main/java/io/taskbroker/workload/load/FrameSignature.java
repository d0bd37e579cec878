package io.taskbroker.workload.load;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** How a worker signs the frames of its stream. */
public final class FrameSignature {
  /** A nonce of another length is signed into nothing. */
  public static final int NONCE_BYTES = 32;

  private static final String PREFIX = "/taskbroker.v1.WorkerExchange/Exchange:";
  private static final String ALGORITHM = "HmacSHA256";

  private FrameSignature() {}

  /**
   * The signature of a frame.
   *
   * @param number of the frame on its stream; the first has 0
   * @throws IllegalArgumentException if the nonce does not have {@link #NONCE_BYTES}
   */
  public static ByteString of(String secret, ByteString nonce, long number, ByteString frame) {
    if (nonce.size() != NONCE_BYTES) {
      throw new IllegalArgumentException(
          "a challenge has %d bytes, and this one has %d: nothing is signed for it"
              .formatted(NONCE_BYTES, nonce.size()));
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      mac.update(PREFIX.getBytes(StandardCharsets.US_ASCII));
      mac.update(nonce.asReadOnlyByteBuffer());
      mac.update(ByteBuffer.allocate(Long.BYTES).putLong(number).flip());
      return ByteString.copyFrom(mac.doFinal(frame.toByteArray()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
