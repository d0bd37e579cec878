package io.taskbroker.adapters.protobuf;

import com.github.luben.zstd.ZstdInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;

/** Reads a {@code TaskActivation} for people, with bounds on what is worth showing them. */
public final class ReadableActivations implements TaskReader {
  /** Of arguments once they are decompressed; nobody reads more. */
  static final int MOST_BYTES = 1024 * 1024;

  @Override
  public TaskContents read(byte[] payload) {
    try {
      return contents(TaskActivation.parseFrom(payload));
    } catch (InvalidProtocolBufferException _) {
      return new TaskContents(
          Map.of(),
          0,
          0,
          "unknown",
          payload.length,
          null,
          null,
          "its bytes are not those of a task");
    }
  }

  @SuppressWarnings("deprecation") // old producers still send JSON
  private static TaskContents contents(TaskActivation task) {
    String json = task.getParametersJson();
    if (task.getParametersBytes().isEmpty() && !json.isEmpty()) {
      return json.length() > MOST_BYTES
          ? of(task, "JSON", json.length(), null, null, tooLarge())
          : of(task, "JSON", json.length(), null, json, null);
    }
    int bytes = task.getParametersBytes().size();
    boolean isCompressed =
        task.getHeadersOrDefault(CompressionHeader.NAME, "").equals(CompressionHeader.ZSTD);
    String encoding = isCompressed ? "msgpack, zstd" : "msgpack";
    if (bytes == 0) {
      return of(task, "none", 0, null, null, "there are none");
    }
    try (InputStream stored = task.getParametersBytes().newInput();
        InputStream plain =
            new BoundedInput(isCompressed ? new ZstdInputStream(stored) : stored, MOST_BYTES)) {
      Object arguments = new ReadableValues(MessagePack.newDefaultUnpacker(plain)).read();
      return of(task, encoding, bytes, arguments, null, null);
    } catch (IOException | MessagePackException e) {
      return of(task, encoding, bytes, null, null, "they cannot be read: " + e.getMessage());
    }
  }

  private static String tooLarge() {
    return "they are larger than %d bytes".formatted(MOST_BYTES);
  }

  private static TaskContents of(
      TaskActivation task,
      String encoding,
      int bytes,
      @Nullable Object arguments,
      @Nullable String json,
      @Nullable String unreadable) {
    return new TaskContents(
        new TreeMap<>(task.getHeadersMap()),
        Integer.toUnsignedLong(task.getRetryState().getAttempts()),
        Integer.toUnsignedLong(task.getRetryState().getMaxAttempts()),
        encoding,
        bytes,
        arguments,
        json,
        unreadable);
  }
}
