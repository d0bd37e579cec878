package io.taskbroker.testkit.journal;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** What a journal holds at one time. */
final class JournalImage {
  final TreeMap<Long, StoredActivation> rows = new TreeMap<>();
  final Map<Long, byte[]> payloads = new HashMap<>();
  final Map<Partition, Long> positions = new LinkedHashMap<>();
  final TreeMap<String, String> orders = new TreeMap<>();
  long lastGroup;

  JournalImage copy() {
    JournalImage copy = new JournalImage();
    copy.rows.putAll(rows);
    copy.payloads.putAll(payloads);
    copy.positions.putAll(positions);
    copy.orders.putAll(orders);
    copy.lastGroup = lastGroup;
    return copy;
  }

  /**
   * @throws IllegalArgumentException if the group does not fit to what is here; nothing changed
   */
  void apply(JournalGroup group) {
    apply(group, StandingOrder::name);
  }

  /**
   * As the other.
   *
   * @param orderName under which an order is kept
   */
  void apply(JournalGroup group, Function<StandingOrder, String> orderName) {
    check(group);
    payloads.putAll(group.payloads());
    group.changes().inserted().forEach(this::put);
    group.changes().updated().forEach(this::put);
    for (long key : group.changes().deleted()) {
      rows.remove(key);
      payloads.remove(key);
    }
    positions.putAll(group.changes().positions());
    for (StandingOrder order : group.changes().orders()) {
      if (order.text() == null && order.over() == null) {
        orders.remove(orderName.apply(order));
      } else if (order.text() == null) {
        orders.remove(orderName.apply(order), order.over());
      } else {
        orders.put(orderName.apply(order), order.text());
      }
    }
    lastGroup = group.number();
  }

  private void check(JournalGroup group) {
    for (StoredActivation row : group.changes().inserted()) {
      if (rows.containsKey(row.key())) {
        throw new IllegalArgumentException("key " + row.key() + " is inserted, but it is there");
      }
      if (!group.payloads().containsKey(row.key())) {
        throw new IllegalArgumentException("key " + row.key() + " is inserted without payload");
      }
    }
    for (StoredActivation row : group.changes().updated()) {
      if (!rows.containsKey(row.key())) {
        throw new IllegalArgumentException("key " + row.key() + " is updated, but not there");
      }
    }
  }

  private void put(StoredActivation row) {
    rows.put(row.key(), row);
    if (row.state() instanceof Completed) {
      payloads.remove(row.key());
    }
  }

  /** As {@link io.taskbroker.inflight.Journal#page}. */
  TaskPage page(TaskFilter filter, long after, int limit) {
    return piece(row -> filter.matches(row.activation(), row.state().status()), after, limit);
  }

  /** As {@link io.taskbroker.inflight.Journal#parked}. */
  TaskPage parked(long after, int limit) {
    return piece(row -> row.parked() != null, after, limit);
  }

  private TaskPage piece(Predicate<StoredActivation> wanted, long after, int limit) {
    List<StoredTask> tasks = new ArrayList<>();
    long last = after;
    int looked = 0;
    for (StoredActivation row : rows.tailMap(after, false).values()) {
      if (tasks.size() == limit || looked == TaskPage.MOST_LOOKED_AT) {
        return new TaskPage(tasks, last, false);
      }
      looked++;
      last = row.key();
      if (wanted.test(row)) {
        tasks.add(row.task());
      }
    }
    return new TaskPage(tasks, last, true);
  }

  long payloadBytes() {
    return payloads.values().stream().mapToLong(payload -> payload.length).sum();
  }
}
