package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.TaskColumns.Writable;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.StoredState;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The statements of one group with their values, in a fixed order of rows: two brokers that touch
 * the same rows lock them in the same order.
 */
final class GroupRequest {
  /** Sets the values of one section from a place on. */
  @FunctionalInterface
  private interface Values {
    /** Returns the place behind them. */
    int bind(PreparedStatement statement, int at) throws SQLException;
  }

  /** A payload on its way in. */
  record Payload(long key, byte[] bytes) {}

  private static final List<Column<Payload, ?>> PAYLOADS =
      List.of(Column.ofLong("key", Payload::key), Column.ofBytes("bytes", Payload::bytes));

  private static final Column<Long, Long> KEYS = Column.ofLong("key", key -> key);

  private static final List<Column<Order, ?>> PUT_ORDERS =
      List.of(Column.ofText("name", Order::name), Column.ofText("text", Order::text));

  private static final List<Column<Order, ?>> LIFTED_ORDERS =
      List.of(Column.ofText("name", Order::name), Column.ofText("over", Order::over));

  /**
   * A standing order under the name that is stored.
   *
   * @param text null if it is lifted
   * @param over as in {@link StandingOrder}
   */
  private record Order(String name, @Nullable String text, @Nullable String over) {}

  private final Map<GroupSection, Values> sections = new EnumMap<>(GroupSection.class);
  private final List<Payload> payloads = new ArrayList<>();
  private final List<Long> withoutPayload = new ArrayList<>();
  private final List<Long> inserted;

  /**
   * @throws IllegalArgumentException if a row has no payload
   * @throws IllegalStateException if a row is of a partition that is another broker's
   */
  GroupRequest(
      JournalGroup group,
      Fence fence,
      Custodies custodies,
      OrderNames names,
      ServerClock clock,
      ReferencePresence reference) {
    Changes changes = group.changes();
    inserted = changes.inserted().stream().map(StoredActivation::key).toList();
    sections.put(
        GroupSection.SETTINGS,
        (statement, at) -> {
          statement.setString(at, fence.synchronousCommit());
          return at + 1;
        });
    sections.put(fence.section(), fence::bind);
    insert(
        group,
        custodies,
        clock,
        reference.isThere() ? GroupSection.NEW_TASKS_BESIDE_THE_REFERENCE : GroupSection.NEW_TASKS);
    update(changes.updated(), clock);
    delete(changes.deleted());
    if (!withoutPayload.isEmpty()) {
      List<Long> keys = withoutPayload.stream().sorted().toList();
      sections.put(GroupSection.DELETED_PAYLOADS, (statement, at) -> keys(statement, at, keys));
    }
    acknowledge(changes.positions(), custodies);
    order(changes.orders(), names);
    settle(group.settledReports(), custodies);
    giveUp(group.givenUp(), custodies, fence.broker());
  }

  private void insert(
      JournalGroup group, Custodies custodies, ServerClock clock, GroupSection section) {
    List<StoredActivation> rows = group.changes().inserted();
    if (rows.isEmpty()) {
      return;
    }
    List<Writable> writable = new ArrayList<>(rows.size());
    for (StoredActivation row : rows) {
      writable.add(
          new Writable(
              row,
              custodies.number(row.activation().partition()),
              StoredState.of(row.state(), clock::toServer)));
      byte[] payload = group.payloads().get(row.key());
      if (payload == null) {
        throw new IllegalArgumentException("key " + row.key() + " is inserted without payload");
      }
      if (!(row.state() instanceof Completed)) {
        payloads.add(new Payload(row.key(), payload));
      }
    }
    sections.put(
        section, (statement, at) -> Column.bindAll(TaskColumns.INSERTED, statement, at, writable));
    if (!payloads.isEmpty()) {
      sections.put(
          GroupSection.NEW_PAYLOADS,
          (statement, at) -> Column.bindAll(PAYLOADS, statement, at, payloads));
    }
  }

  private void update(List<StoredActivation> rows, ServerClock clock) {
    if (rows.isEmpty()) {
      return;
    }
    List<Writable> writable = new ArrayList<>(rows.size());
    for (StoredActivation row : rows) {
      writable.add(new Writable(row, 0, StoredState.of(row.state(), clock::toServer)));
      if (row.state() instanceof Completed) {
        withoutPayload.add(row.key());
      }
    }
    writable.sort(Comparator.comparingLong(changed -> changed.row().key()));
    List<Long> keys = writable.stream().map(changed -> changed.row().key()).toList();
    sections.put(
        GroupSection.CHANGED_TASKS,
        (statement, at) ->
            keys(statement, Column.bindAll(TaskColumns.UPDATED, statement, at, writable), keys));
  }

  private void delete(List<Long> keys) {
    if (keys.isEmpty()) {
      return;
    }
    withoutPayload.addAll(keys);
    List<Long> sorted = keys.stream().sorted().toList();
    sections.put(GroupSection.DELETED_TASKS, (statement, at) -> keys(statement, at, sorted));
  }

  private static int keys(PreparedStatement statement, int at, List<Long> keys)
      throws SQLException {
    KEYS.bind(statement, at, keys);
    return at + 1;
  }

  private void acknowledge(Map<Partition, Long> positions, Custodies custodies) {
    if (positions.isEmpty()) {
      return;
    }
    List<Map.Entry<Partition, Long>> sorted =
        positions.entrySet().stream()
            .sorted(Comparator.comparingInt(entry -> custodies.number(entry.getKey())))
            .toList();
    Column<Map.Entry<Partition, Long>, Integer> number =
        Column.ofInt("no", entry -> custodies.number(entry.getKey()));
    List<Column<Map.Entry<Partition, Long>, ?>> columns =
        List.of(number, Column.ofLong("position", Map.Entry::getValue), number);
    sections.put(
        GroupSection.POSITIONS, (statement, at) -> Column.bindAll(columns, statement, at, sorted));
  }

  private void order(List<StandingOrder> orders, OrderNames names) {
    // The last one of a name counts, and a statement may touch a row only once.
    Map<String, Order> latest = new TreeMap<>();
    for (StandingOrder order : orders) {
      String name = names.stored(order);
      latest.put(name, new Order(name, order.text(), order.over()));
    }
    List<Order> put = latest.values().stream().filter(one -> one.text() != null).toList();
    List<Order> lifted = latest.values().stream().filter(one -> one.text() == null).toList();
    if (!put.isEmpty()) {
      sections.put(
          GroupSection.ORDERS_PUT,
          (statement, at) -> Column.bindAll(PUT_ORDERS, statement, at, put));
    }
    if (!lifted.isEmpty()) {
      sections.put(
          GroupSection.ORDERS_LIFTED,
          (statement, at) -> Column.bindAll(LIFTED_ORDERS, statement, at, lifted));
    }
  }

  private void settle(Collection<Elsewhere.Left> reports, Custodies custodies) {
    if (reports.isEmpty()) {
      return;
    }
    List<Elsewhere.Left> all = List.copyOf(reports);
    List<Column<Elsewhere.Left, ?>> columns =
        List.of(
            Column.ofInt("custody", left -> custodies.number(left.partition())),
            Column.ofLong("no", Elsewhere.Left::number));
    sections.put(
        GroupSection.SETTLED_REPORTS,
        (statement, at) -> Column.bindAll(columns, statement, at, all));
  }

  private void giveUp(Collection<Partition> partitions, Custodies custodies, long broker) {
    List<Integer> numbers =
        partitions.stream().map(custodies::find).filter(no -> no != null).sorted().toList();
    if (numbers.isEmpty()) {
      return;
    }
    Column<Integer, Integer> column = Column.ofInt("no", no -> no);
    sections.put(
        GroupSection.GIVEN_UP,
        (statement, at) -> {
          column.bind(statement, at, numbers);
          statement.setLong(at + 1, broker);
          return at + 2;
        });
  }

  /** The parts that it has, in the order in which they run. */
  Set<GroupSection> sections() {
    return sections.keySet();
  }

  /** All statements in one text. */
  String sql() {
    return sections.keySet().stream().map(GroupSection::sql).collect(Collectors.joining(";\n"));
  }

  void bind(PreparedStatement statement) throws SQLException {
    int at = 1;
    for (Values values : sections.values()) {
      at = values.bind(statement, at);
    }
  }

  /** The keys of the rows that come in. */
  List<Long> inserted() {
    return inserted;
  }

  /** The payloads that come in. */
  List<Payload> payloads() {
    return payloads;
  }

  /** The rows that have no payload any more. */
  List<Long> withoutPayload() {
    return withoutPayload;
  }
}
