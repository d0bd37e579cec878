package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Failure;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Failed rows that nobody waits for, kept so that they can be looked at and tried again. */
final class KeptFailures {
  private final Keeping keeping;
  private final TreeSet<Row> rows = new TreeSet<>(Row.by(KeptFailures::failedMs));
  private long payloadBytes;

  KeptFailures(Keeping keeping) {
    this.keeping = keeping;
  }

  private static long failedMs(Row row) {
    Failure failure = row.failure;
    return failure == null ? 0 : failure.atMs();
  }

  boolean keeps() {
    return keeping.keepsFailed();
  }

  void add(Row row) {
    rows.add(row);
    payloadBytes += row.activation.payloadBytes();
  }

  void remove(Row row) {
    if (rows.remove(row)) {
      payloadBytes -= row.activation.payloadBytes();
    }
  }

  /** The one that failed first, if it is kept no longer; null if all are. */
  @Nullable Row firstOver(long nowMs) {
    if (rows.isEmpty()) {
      return null;
    }
    Row first = rows.first();
    boolean isOver =
        rows.size() > keeping.failed()
            || payloadBytes > Keeping.MOST_FAILED_BYTES
            || failedMs(first) + keeping.failedFor().toMillis() <= nowMs;
    return isOver ? first : null;
  }
}
