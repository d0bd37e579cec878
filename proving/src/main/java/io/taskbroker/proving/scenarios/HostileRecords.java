package io.taskbroker.proving.scenarios;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Records that nobody should send, and what has to become of each. */
final class HostileRecords {
  private static final int LARGE_BYTES = 20_000_000;
  private static final int LONG_ID = 1_000_000;

  /**
   * @param value null for a tombstone
   * @param reason part of what it is dead-lettered for; null if workers have to get it
   */
  record Sent(String name, byte @Nullable [] value, @Nullable String reason) {}

  private HostileRecords() {}

  static List<Sent> all() {
    return List.of(
        new Sent("undecodable record", new byte[] {-1, -1, -1, -1}, "not a TaskActivation"),
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

  private static RetryState unknownPolicy() {
    return RetryState.newBuilder().setOnAttemptsExceededValue(77).build();
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
