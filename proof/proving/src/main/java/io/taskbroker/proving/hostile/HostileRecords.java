package io.taskbroker.proving.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** Records that nobody should send, and what has to become of each. */
final class HostileRecords {
  private static final int LARGE_BYTES = 20_000_000;
  private static final int LONG_ID = 1_000_000;
  private static final int MANY = 100_000;
  private static final byte[] NO_TASK = {-1, -1, -1, -1};

  /** Begins a group, which is no field of a task, within whatever is open. */
  private static final byte[] GROUP = {(byte) 0xa3, 6};

  /**
   * @param value null for a tombstone
   * @param reason part of what it is dead-lettered for; null if workers have to get it
   */
  record Sent(String name, byte @Nullable [] value, @Nullable String reason, List<Header> headers) {
    Sent(String name, byte @Nullable [] value, @Nullable String reason) {
      this(name, value, reason, List.of());
    }
  }

  private HostileRecords() {}

  static List<Sent> all() {
    return List.of(
        new Sent("undecodable record", NO_TASK, "not a TaskActivation"),
        new Sent("undecodable record with 100 000 headers", NO_TASK, "not a Task", headers()),
        new Sent("groups in groups, 100 000 deep", groups(), "not a TaskActivation"),
        task("unknown enum", task -> task.setRetryState(unknownPolicy())),
        task("expires 2^64-1", task -> task.setExpires(-1)),
        task("deadline 2^31", task -> task.setProcessingDeadlineDuration(1L << 31)),
        task("deadline 2^63", task -> task.setProcessingDeadlineDuration(Long.MIN_VALUE)),
        task("received at the beginning of time", task -> task.setReceivedAt(at(Long.MIN_VALUE))),
        task("received at the end of time", task -> task.setReceivedAt(at(Long.MAX_VALUE))),
        bad("payload of 20 MB", "does not fit into max_deliverable_size", HostileRecords::large),
        bad("empty id", "the id is empty", TaskActivation.Builder::clearId),
        bad("id of 1 MB", "the id has 1000000 bytes", task -> task.setId("x".repeat(LONG_ID))),
        new Sent("tombstone", null, "the record has no value"),
        new Sent(
            "task with 100 000 headers",
            plain("task with 100 000 headers").build().toByteArray(),
            null,
            headers()),
        task("parameters nested 100 000 deep", task -> task.setParametersBytes(nested())),
        task(
            "line breaks and commands to a terminal in names",
            task -> task.setNamespace("a\nERROR b\u001b[2J").setTaskname("\u202e\r\n")),
        task("ordinary task behind all of them", task -> task));
  }

  private static Sent task(String name, UnaryOperator<TaskActivation.Builder> change) {
    return new Sent(name, change.apply(plain(name)).build().toByteArray(), null);
  }

  private static Sent bad(
      String name, String reason, UnaryOperator<TaskActivation.Builder> change) {
    return new Sent(name, change.apply(plain(name)).build().toByteArray(), reason);
  }

  private static TaskActivation.Builder plain(String id) {
    return TaskActivation.newBuilder()
        .setId(id)
        .setApplication("proving")
        .setNamespace("hostile")
        .setTaskname("hostile.task")
        .setReceivedAt(at(System.currentTimeMillis() / 1_000))
        .setProcessingDeadlineDuration(30);
  }

  private static TaskActivation.Builder large(TaskActivation.Builder task) {
    return task.setParametersBytes(ByteString.copyFrom(new byte[LARGE_BYTES]));
  }

  private static List<Header> headers() {
    return IntStream.range(0, MANY)
        .<Header>mapToObj(i -> new RecordHeader("header-" + i, new byte[] {1}))
        .toList();
  }

  private static byte[] groups() {
    ByteBuffer groups = ByteBuffer.allocate(MANY * GROUP.length);
    while (groups.hasRemaining()) {
      groups.put(GROUP);
    }
    return groups.array();
  }

  /** One argument in msgpack: a list in a list, and so on. */
  private static ByteString nested() {
    byte[] lists = new byte[MANY];
    Arrays.fill(lists, (byte) 0x91);
    return ByteString.copyFrom(new byte[] {(byte) 0x82, (byte) 0xa4, 'a', 'r', 'g', 's'})
        .concat(ByteString.copyFrom(lists))
        .concat(ByteString.copyFrom(new byte[] {(byte) 0x90, (byte) 0xa6}))
        .concat(ByteString.copyFromUtf8("kwargs"))
        .concat(ByteString.copyFrom(new byte[] {(byte) 0x80}));
  }

  private static RetryState unknownPolicy() {
    return RetryState.newBuilder().setOnAttemptsExceededValue(77).build();
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
