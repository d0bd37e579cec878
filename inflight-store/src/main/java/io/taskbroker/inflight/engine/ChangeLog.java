package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.EndedTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the group in progress has touched: enough to write it down once, or to take it back. */
final class ChangeLog {
  private final List<Row> touched = new ArrayList<>();
  private List<EndedTask> ended = new ArrayList<>();
  private final List<Sign> signs = new ArrayList<>();
  private final Map<Partition, Long> positionsBefore = new LinkedHashMap<>();
  private final Map<Partition, Long> positions = new LinkedHashMap<>();

  /** To be called before the row is changed, created or removed. */
  void touch(Row row, boolean existed) {
    if (!row.isRemembered()) {
      row.remember(existed);
      touched.add(row);
    }
  }

  void ended(EndedTask task) {
    ended.add(task);
  }

  /**
   * What its workers did with a row.
   *
   * @param reported or else they let its deadline pass
   */
  record Sign(Row row, boolean reported) {}

  void sign(Sign sign) {
    signs.add(sign);
  }

  /** What workers did in this group, in order. */
  List<Sign> signs() {
    return signs;
  }

  /** The tasks that the group has ended, in order. */
  List<EndedTask> ended() {
    return ended;
  }

  /** As {@link #ended}; the list is the caller's. */
  List<EndedTask> takeEnded() {
    if (ended.isEmpty()) {
      return List.of();
    }
    List<EndedTask> taken = ended;
    ended = new ArrayList<>(taken.size());
    return taken;
  }

  void position(Partition partition, long before) {
    positionsBefore.putIfAbsent(partition, before);
  }

  /** These are among the changes that are written down. */
  void writing(Map<Partition, Long> due) {
    positions.clear();
    positions.putAll(due);
  }

  List<Row> touched() {
    return touched;
  }

  Map<Partition, Long> positionsBefore() {
    return positionsBefore;
  }

  /** As far as somebody has asked for the changes. */
  Map<Partition, Long> positions() {
    return positions;
  }

  void clear() {
    for (Row row : touched) {
      row.forgetBefore();
    }
    touched.clear();
    ended.clear();
    signs.clear();
    positionsBefore.clear();
    positions.clear();
  }
}
