package io.taskbroker.adapters.grpc;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as they are on the wire. */
final class Marshallers {
  /** Requests: signatures are made over the bytes, so these come before any message. */
  static final Marshaller<byte[]> BYTES =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream instanceof KnownLength
                ? stream.readNBytes(stream.available())
                : stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException("reading from memory does no I/O", e);
          }
        }
      };

  /** Answers: encoded already. */
  static final Marshaller<InputStream> STREAM =
      new Marshaller<>() {
        @Override
        public InputStream stream(InputStream value) {
          return value;
        }

        @Override
        public InputStream parse(InputStream stream) {
          return stream;
        }
      };

  /** Pushes: a payload, around which each attempt to send it gets a message of its own. */
  static final Marshaller<byte[]> TASK =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] payload) {
          return new TaskMessage(payload);
        }

        @Override
        public byte[] parse(InputStream stream) {
          throw new UnsupportedOperationException("nobody pushes to the broker");
        }
      };

  private Marshallers() {}
}
