package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.upstream.ReferenceExport;
import io.taskbroker.adapters.sqlite.upstream.ReferenceFile;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.PlainCodec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Two files in a folder, and what tests put into them and read out of them. */
abstract class StoreFiles {
  static final Moment DUE = new Moment(9_999, 0);

  @TempDir Path folder;

  /** Of a store. */
  Path file;

  /** Of what a tool makes. */
  Path out;

  @BeforeEach
  final void nameTheFiles() {
    file = folder.resolve("store.sqlite");
    out = folder.resolve("out.sqlite");
  }

  static Activations task(String id) {
    return Activations.pending(id);
  }

  static Activations once(String id) {
    return task(id).atMostOnce();
  }

  static StoredActivation overridden(long key, String id, RetryOverride override) {
    return new StoredActivation(key, task(id).build(), AwaitingRetry.STATE, 0, override, null);
  }

  static StoredActivation row(long key, Activations task, ActivationState state) {
    return Groups.row(key, task, state);
  }

  static StoredActivation parked(long key, Activations task, ActivationState state, String reason) {
    return new StoredActivation(key, task.build(), state, 0, RetryOverride.NONE, reason);
  }

  final ReferenceExport.Outcome export() {
    return new ReferenceExport(new PlainCodec()).write(file, out);
  }

  /** Kafka has acknowledged everything before offset 5. */
  final void storeWith(StoredActivation... rows) {
    Map<Long, byte[]> payloads = new HashMap<>();
    for (StoredActivation row : rows) {
      payloads.put(row.key(), ReferenceFile.payload(row.activation().id(), Delivery.AT_LEAST_ONCE));
    }
    try (SqliteJournal journal = Groups.open(file)) {
      Groups.apply(
          journal,
          new JournalGroup(
              new Changes(List.of(rows), List.of(), List.of(), Map.of(Activations.ORIGIN, 5L)),
              payloads));
    }
  }

  final List<String> rows(String sql) throws SQLException {
    return rows(out, sql);
  }

  static List<String> rows(Path database, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> texts = new ArrayList<>();
      while (rows.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          values.add(String.valueOf(rows.getObject(i)));
        }
        texts.add(String.join("|", values));
      }
      return texts;
    }
  }
}
