package io.taskbroker.adapters.protobuf;

import com.github.luben.zstd.ZstdInputStream;
import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Wanted;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.CodingErrorAction;
import java.util.Optional;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

/**
 * Reads arguments that a {@code TaskActivation} carries in msgpack, compressed or not.
 *
 * <p>Whatever is unusual about them makes them unreadable, so that no task is dropped by mistake.
 * The JSON parameters of old clients are never looked at.
 */
public final class MsgpackArgumentReader implements ArgumentReader {
  /** Of parameters once they are decompressed, 64 MiB. */
  private static final long MAX_BYTES = 64L * 1024 * 1024;

  private static final MessagePack.UnpackerConfig STRICT =
      new MessagePack.UnpackerConfig()
          .withActionOnMalformedString(CodingErrorAction.REPORT)
          .withActionOnUnmappableString(CodingErrorAction.REPORT);

  @Override
  public Optional<Arguments> read(byte[] payload, Wanted wanted) {
    try {
      return Optional.of(arguments(TaskActivation.parseFrom(payload), wanted));
    } catch (IOException | MessagePackException _) {
      return Optional.empty();
    }
  }

  private static Arguments arguments(TaskActivation activation, Wanted wanted) throws IOException {
    InputStream stored = activation.getParametersBytes().newInput();
    String compression = activation.getHeadersOrDefault(CompressionHeader.NAME, "");
    if (!compression.equals(CompressionHeader.ZSTD)) {
      return unpacked(stored, wanted);
    }
    try (InputStream plain = new BoundedInput(new ZstdInputStream(stored), MAX_BYTES)) {
      Arguments arguments = unpacked(plain, wanted);
      plain.transferTo(OutputStream.nullOutputStream()); // what follows counts and must be sound
      return arguments;
    }
  }

  private static Arguments unpacked(InputStream plain, Wanted wanted) throws IOException {
    // The stream is closed by who opened it, and may have more to give than the arguments.
    MessageUnpacker unpacker = STRICT.newUnpacker(plain);
    return new UnpackedArguments(unpacker, wanted).read();
  }
}
