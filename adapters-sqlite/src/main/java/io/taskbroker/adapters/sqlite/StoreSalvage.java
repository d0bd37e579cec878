package io.taskbroker.adapters.sqlite;

import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.engine.StoredActivation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies what can be read of a damaged store into a new, sound one. The damaged one is only read.
 *
 * <p>A task whose payload cannot be read is left out. One whose state cannot be read is restored
 * from its payload: it is pending again, or has failed if it is to run at most once, since it may
 * have run. Where it came from is not known then.
 */
public final class StoreSalvage {
  private static final Partition NOWHERE = new Partition("", -1);

  private final ActivationDecoder decoder;
  private final long nowMs;

  /**
   * A task that could not be copied.
   *
   * @param id empty if it is not known
   * @param topic empty if it is not known, like partition and offset, which are -1 then
   */
  public record Lost(
      long key, String id, String topic, int partition, long offset, String reason) {}

  /**
   * What became of the store's rows.
   *
   * @param tasks unfinished ones in the new file, restored ones among them
   * @param finished rows of tasks that are over, which keep Kafka's repeats from running again
   * @param restored ids of tasks that were restored from their payloads
   * @param damage what could not be read besides payloads, for people
   */
  public record Outcome(
      Path out,
      long tasks,
      long finished,
      List<String> restored,
      List<Lost> lost,
      List<String> damage) {
    /** Whether the new file holds all that the old one held. */
    public boolean isWhole() {
      return restored.isEmpty() && lost.isEmpty() && damage.isEmpty();
    }
  }

  /**
   * @param decoder reads the payloads of tasks whose state is lost
   * @param nowMs Unix milliseconds
   */
  public StoreSalvage(ActivationDecoder decoder, long nowMs) {
    this.decoder = decoder;
    this.nowMs = nowMs;
  }

  /**
   * Writes the new file, whole or not at all.
   *
   * @throws UnusableFileException if a broker holds the store, if it is none of ours, if its header
   *     or schema cannot be read, or if the new file is there already or cannot be written
   */
  public Outcome write(Path store, Path out) {
    try (DamagedStore damaged = DamagedStore.open(store);
        NewFile target = NewFile.begin(out)) {
      Copy copy = new Copy(damaged);
      StoreFile.build(target.draft(), FileMode.of(damaged.file()), copy::to);
      target.finish();
      return copy.outcome(target.place());
    } catch (SQLException | IOException e) {
      throw new UnusableFileException(
          "%s cannot be copied to %s: %s. The store is unchanged; see that the disk of the new file is not full."
              .formatted(store, out, e.getMessage()),
          e);
    }
  }

  /** One run. */
  private final class Copy {
    private final DamagedStore store;
    private final Connection source;
    private final StateTables tables;
    private final List<Lost> lost = new ArrayList<>();
    private final List<String> restored = new ArrayList<>();
    private long tasks;
    private long finished;

    Copy(DamagedStore store) {
      this.store = store;
      this.source = store.connection();
      this.tables = new StateTables(source);
    }

    Outcome outcome(Path place) {
      List<String> damage = new ArrayList<>(store.damage());
      damage.addAll(tables.damage().parts());
      return new Outcome(place, tasks, finished, restored, lost, damage);
    }

    void to(Connection target) throws SQLException {
      try (RowGroups groups = new RowGroups(target)) {
        groups.positions(tables.positions());
        groups.orders(tables.orders());
        tables.rows(row -> copy(row, groups));
        restore(groups);
      }
    }

    private void copy(StoredActivation row, RowGroups groups) throws SQLException {
      if (row.state() instanceof Completed) {
        finished++;
        groups.add(row, new byte[0]);
        return;
      }
      String reason = "it has no payload";
      byte[] payload = null;
      try {
        payload = payload(row.key());
      } catch (SQLException e) {
        if (!SqliteErrors.isDamage(e)) {
          throw e;
        }
        reason = "its payload cannot be read: " + e.getMessage();
      }
      if (payload == null) {
        lost.add(lost(row, reason));
      } else {
        tasks++;
        groups.add(row, payload);
      }
    }

    private static Lost lost(StoredActivation row, String reason) {
      Activation task = row.activation();
      Partition from = task.partition();
      return new Lost(row.key(), task.id(), from.topic(), from.number(), task.offset(), reason);
    }

    private byte @Nullable [] payload(long key) throws SQLException {
      try (PreparedStatement select =
          source.prepareStatement("SELECT bytes FROM payload WHERE key = ?")) {
        select.setLong(1, key);
        try (ResultSet row = select.executeQuery()) {
          return row.next() ? row.getBytes(1) : null;
        }
      }
    }

    private void restore(RowGroups groups) throws SQLException {
      if (tables.gaps().isEmpty()) {
        return;
      }
      List<Long> keys = new ArrayList<>();
      new TolerantScan(source, "key", "payload", (_, _, _) -> {})
          .run(
              row -> {
                long key = row.getLong(1);
                if (tables.gaps().stream().anyMatch(gap -> gap.holds(key))) {
                  keys.add(key);
                }
              });
      for (long key : keys) {
        restore(key, groups);
      }
    }

    private void restore(long key, RowGroups groups) throws SQLException {
      byte[] payload;
      try {
        payload = payload(key);
      } catch (SQLException e) {
        if (!SqliteErrors.isDamage(e)) {
          throw e;
        }
        lost.add(new Lost(key, "", "", -1, -1, "neither its state nor its payload can be read"));
        return;
      }
      if (payload == null) {
        return;
      }
      switch (decoder.decode(new SourceRecord(NOWHERE, -1, -1, payload, List.of()), nowMs)) {
        case Decoded.Bad(String reason, _) ->
            lost.add(new Lost(key, "", "", -1, -1, "its state cannot be read, and " + reason));
        case Decoded.Good good -> {
          tasks++;
          restored.add(good.activation().id());
          ActivationState state = good.activation().isAtMostOnce() ? Failed.STATE : Pending.STATE;
          groups.add(
              new StoredActivation(key, good.activation(), state, 0, RetryOverride.NONE, null),
              payload);
        }
      }
    }
  }
}
