package io.taskbroker.inflight;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The changes of one command, some of which cannot be written: in halves, and halves of these,
 * until all that can be is written, and what cannot be is known by itself.
 */
final class Parts {
  /** Writes changes as one group; throws as {@link Journal#apply} does. */
  @FunctionalInterface
  interface Pen {
    void write(Changes changes);
  }

  /** One change of a group. */
  private sealed interface Part {
    record Inserted(StoredActivation row) implements Part {}

    record Updated(StoredActivation row) implements Part {}

    record Deleted(long key) implements Part {}

    record Order(StandingOrder order) implements Part {}

    record Position(Partition partition, long position) implements Part {}
  }

  private final Pen pen;
  private final Map<Long, String> refused = new LinkedHashMap<>();
  private final Map<Long, Changes> refusedChanges = new LinkedHashMap<>();
  private final List<Long> unwritten = new ArrayList<>();
  private final List<Partition> leftPositions = new ArrayList<>();
  private boolean ordersLeft;
  private JournalException.@Nullable NothingChanged end;

  Parts(Pen pen) {
    this.pen = pen;
  }

  /**
   * Writes what can be written.
   *
   * @throws JournalException.Final if nothing may be written any more
   */
  void write(Changes changes) {
    List<Part> parts = new ArrayList<>();
    changes.inserted().forEach(row -> parts.add(new Part.Inserted(row)));
    changes.updated().forEach(row -> parts.add(new Part.Updated(row)));
    changes.deleted().forEach(key -> parts.add(new Part.Deleted(key)));
    changes.orders().forEach(order -> parts.add(new Part.Order(order)));
    changes.positions().forEach((of, position) -> parts.add(new Part.Position(of, position)));
    write(parts);
  }

  /** Tries nothing: none of these can be written without the others. */
  void refuse(Changes changes, String reason) {
    leftPositions.addAll(changes.positions().keySet());
    ordersLeft = !changes.orders().isEmpty();
    changes.inserted().forEach(row -> unwritten.add(row.key()));
    changes.deleted().forEach(key -> leave(new Part.Deleted(key), reason));
    changes.updated().forEach(row -> leave(new Part.Updated(row), reason));
  }

  /** Why, for each row that cannot be written while others can. */
  Map<Long, String> refused() {
    return refused;
  }

  /** By key, the change of each row that cannot be written while others can. */
  Map<Long, Changes> refusedChanges() {
    return refusedChanges;
  }

  /** Keys of the rows that were not written, the refused ones included. */
  List<Long> unwritten() {
    return unwritten;
  }

  /** Keys of the rows that were not written because nothing can be now. */
  List<Long> untried() {
    return unwritten.stream().filter(key -> !refused.containsKey(key)).toList();
  }

  /**
   * Partitions whose positions were not tried: nothing can be written now, or a row is refused, and
   * the positions are those of a journal that has it.
   */
  List<Partition> leftPositions() {
    return leftPositions;
  }

  /** Whether standing orders were not written. */
  boolean hasLeftOrders() {
    return ordersLeft;
  }

  /** Why some of it was not tried any more; null if all was. */
  JournalException.@Nullable NothingChanged end() {
    return end;
  }

  private void write(List<Part> parts) {
    if (parts.isEmpty()) {
      return;
    }
    if (end != null) {
      parts.forEach(part -> leave(part, null));
      return;
    }
    if (!refused.isEmpty() && parts.stream().anyMatch(Part.Position.class::isInstance)) {
      writeWithoutPositions(parts);
      return;
    }
    try {
      pen.write(joined(parts));
    } catch (JournalException.NothingChanged e) {
      if (e.extent() == Extent.FILE) {
        end = e;
        parts.forEach(part -> leave(part, null));
      } else if (parts.size() == 1) {
        leave(parts.getFirst(), String.valueOf(e.getMessage()));
      } else {
        write(parts.subList(0, parts.size() / 2));
        write(parts.subList(parts.size() / 2, parts.size()));
      }
    }
  }

  private void writeWithoutPositions(List<Part> parts) {
    List<Part> others = new ArrayList<>();
    for (Part part : parts) {
      if (part instanceof Part.Position(Partition partition, _)) {
        leftPositions.add(partition);
      } else {
        others.add(part);
      }
    }
    write(others);
  }

  /**
   * @param reason why it alone cannot be written; null if it was not tried alone
   */
  private void leave(Part part, @Nullable String reason) {
    long key =
        switch (part) {
          case Part.Inserted(StoredActivation row) -> row.key();
          case Part.Updated(StoredActivation row) -> row.key();
          case Part.Deleted(long deleted) -> deleted;
          case Part.Order _ -> {
            ordersLeft = true;
            yield 0;
          }
          case Part.Position(Partition partition, _) -> {
            if (reason == null) {
              leftPositions.add(partition);
            }
            yield 0; // the next one says what a refused one says, too
          }
        };
    if (key != 0) {
      unwritten.add(key);
      if (reason != null) {
        refused.put(key, reason);
        refusedChanges.put(key, joined(List.of(part)));
      }
    }
  }

  private static Changes joined(List<Part> parts) {
    List<StoredActivation> inserted = new ArrayList<>();
    List<StoredActivation> updated = new ArrayList<>();
    List<Long> deleted = new ArrayList<>();
    Map<Partition, Long> positions = new LinkedHashMap<>();
    List<StandingOrder> orders = new ArrayList<>();
    for (Part part : parts) {
      switch (part) {
        case Part.Inserted(StoredActivation row) -> inserted.add(row);
        case Part.Updated(StoredActivation row) -> updated.add(row);
        case Part.Deleted(long key) -> deleted.add(key);
        case Part.Order(StandingOrder order) -> orders.add(order);
        case Part.Position(Partition partition, long position) ->
            positions.put(partition, position);
      }
    }
    return new Changes(inserted, updated, deleted, positions, orders);
  }
}
