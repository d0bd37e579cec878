package wrong.adapters.kafka;

import com.google.protobuf.ByteString;

/** A consumer that looks into its records. */
final class KnowsProtobuf {
  ByteString bytes() {
    return ByteString.EMPTY;
  }
}
