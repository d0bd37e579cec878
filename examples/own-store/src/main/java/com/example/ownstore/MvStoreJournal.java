package com.example.ownstore;

import io.taskbroker.application.store.StoreSize;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;

/**
 * The journal in one file of H2's MVStore: three maps, of which a commit writes one version as a
 * whole.
 *
 * <p>MVStore gives itself up when it cannot write, so a failure is final for this process too.
 */
public final class MvStoreJournal implements Journal {
  private static final String LAST_GROUP = "last";

  private final Path file;
  private final MVStore store;
  private final MVMap<Long, byte[]> rows;
  private final MVMap<Long, byte[]> payloads;
  private final MVMap<String, Long> positions;
  private final MVMap<String, String> orders;
  private final MVMap<String, Long> groups;

  private MvStoreJournal(Path file, MVStore store) {
    this.file = file;
    this.store = store;
    this.rows = store.openMap("rows");
    this.payloads = store.openMap("payloads");
    this.positions = store.openMap("positions");
    this.orders = store.openMap("orders");
    this.groups = store.openMap("groups");
  }

  /**
   * Opens the file, creating it if it is missing.
   *
   * @throws IllegalStateException if another journal holds it, or it is no such file
   */
  public static MvStoreJournal open(Path file) {
    try {
      return new MvStoreJournal(
          file, new MVStore.Builder().fileName(file.toString()).autoCommitDisabled().open());
    } catch (MVStoreException e) {
      throw new IllegalStateException(
          "cannot open " + file + ": it is held by another journal, or is no MVStore file", e);
    }
  }

  @Override
  public void load(Consumer<Map<Partition, Long>> acknowledged, Consumer<StoredActivation> row) {
    run(
        () -> {
          Map<Partition, Long> byPartition = new HashMap<>();
          positions.forEach((name, position) -> byPartition.put(partition(name), position));
          acknowledged.accept(byPartition);
          rows.forEach((key, facts) -> row.accept(RowBytes.read(key, facts)));
          return null;
        });
  }

  @Override
  public void apply(JournalGroup group, Durability durability) {
    run(
        () -> {
          try {
            write(group);
          } catch (RuntimeException e) {
            store.rollback(); // or the next group would commit what is left of this one
            throw e;
          }
          store.commit();
          if (durability == Durability.POWER_CUT) {
            store.sync();
          }
          return null;
        });
  }

  private void write(JournalGroup group) {
    for (StoredActivation row : group.changes().inserted()) {
      payloads.put(row.key(), group.payloads().get(row.key()));
      put(row);
    }
    group.changes().updated().forEach(this::put);
    for (long key : group.changes().deleted()) {
      rows.remove(key);
      payloads.remove(key);
    }
    group.changes().positions().forEach((p, position) -> positions.put(name(p), position));
    for (StandingOrder order : group.changes().orders()) {
      if (order.text() == null && order.over() == null) {
        orders.remove(order.name());
      } else if (order.text() == null) {
        orders.remove(order.name(), order.over());
      } else {
        orders.put(order.name(), order.text());
      }
    }
    groups.put(LAST_GROUP, group.number());
  }

  private void put(StoredActivation row) {
    rows.put(row.key(), RowBytes.of(row));
    if (row.state() instanceof Completed) {
      payloads.remove(row.key());
    }
  }

  @Override
  public Map<String, String> orders() {
    return run(() -> Map.copyOf(orders));
  }

  @Override
  public TaskPage page(TaskFilter filter, long after, int limit) {
    return piece(row -> filter.matches(row.activation(), row.state().status()), after, limit);
  }

  @Override
  public TaskPage parked(long after, int limit) {
    return piece(row -> row.parked() != null, after, limit);
  }

  private TaskPage piece(Predicate<StoredActivation> wanted, long after, int limit) {
    return run(
        () -> {
          List<StoredTask> tasks = new ArrayList<>();
          Iterator<Long> keys = rows.keyIterator(after + 1);
          long last = after;
          for (int looked = 0; looked < TaskPage.MOST_LOOKED_AT && tasks.size() < limit; looked++) {
            if (!keys.hasNext()) {
              return new TaskPage(tasks, last, true);
            }
            last = keys.next();
            byte[] facts = rows.get(last);
            StoredActivation row = facts == null ? null : RowBytes.read(last, facts);
            if (row != null && wanted.test(row)) {
              tasks.add(row.task());
            }
          }
          return new TaskPage(tasks, last, false);
        });
  }

  @Override
  public long lastGroup() {
    return run(() -> groups.getOrDefault(LAST_GROUP, 0L));
  }

  @Override
  public void sync() {
    run(
        () -> {
          store.sync();
          return null;
        });
  }

  @Override
  public Map<Long, byte[]> payloads(Collection<Long> keys) {
    Map<Long, byte[]> found = new HashMap<>();
    for (long key : keys) {
      largePayload(key).ifPresent(payload -> found.put(key, payload));
    }
    return found;
  }

  @Override
  public Optional<byte[]> largePayload(long key) {
    return run(() -> Optional.ofNullable(payloads.get(key)));
  }

  /** MVStore uses space again by itself. */
  @Override
  public boolean reclaim() {
    return false;
  }

  @Override
  public StoreSize size() {
    return store.isClosed() ? StoreSize.EMPTY : new StoreSize(store.getFileStore().size(), 0);
  }

  @Override
  public void close() {
    store.close();
  }

  private <T> T run(Supplier<T> work) {
    try {
      return work.get();
    } catch (MVStoreException e) {
      throw new JournalException.Final(
          file + " cannot be read or written any more: " + e.getMessage(), e);
    }
  }

  /** The number first: it holds no slash, and a topic's name could. */
  private static String name(Partition partition) {
    return partition.number() + "/" + partition.topic();
  }

  private static Partition partition(String name) {
    int slash = name.indexOf('/');
    return new Partition(name.substring(slash + 1), Integer.parseInt(name.substring(0, slash)));
  }
}
