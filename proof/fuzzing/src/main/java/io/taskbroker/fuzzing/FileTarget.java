package io.taskbroker.fuzzing;

import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.adapters.sqlite.StoreSalvage;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A store's file and its write-ahead log, after somebody has changed bytes of them. */
final class FileTarget implements Target {
  static final String NAME = "file";

  private static final long NOW_MS = 1_771_000_000_000L;
  private static final int ROWS = 12;
  private static final int RECLAIM_PAGES = 16;

  private final Path folder = Scratch.folder();
  private final Path store = folder.resolve("store.sqlite");
  private final Path log = folder.resolve("store.sqlite-wal");
  private final byte[] soundStore;
  private final byte[] soundLog;

  FileTarget() {
    try (SqliteJournal journal = open()) {
      write(journal, 1, 0); // in the file, since closing empties the log into it
    }
    try (SqliteJournal journal = open()) {
      write(journal, 2, ROWS);
      soundStore = Files.readAllBytes(store); // drops SQLite's locks, of which none is needed here
      soundLog = Files.readAllBytes(log);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + store, e);
    }
  }

  private SqliteJournal open() {
    return SqliteJournal.open(new SqliteSettings(store, RECLAIM_PAGES), OwnServer.TIME);
  }

  private static void write(SqliteJournal journal, long group, long firstKey) {
    journal.load(_ -> {}, _ -> {});
    List<StoredActivation> rows = new ArrayList<>();
    Map<Long, byte[]> payloads = new TreeMap<>();
    for (long key = firstKey + 1L; key <= firstKey + ROWS; key++) {
      byte[] payload = Samples.full("task-" + key).toByteArray();
      rows.add(
          new StoredActivation(
              key,
              Activations.pending("task-" + key).offset(key).payload(payload).build(),
              Pending.STATE,
              0,
              RetryOverride.NONE,
              null));
      payloads.put(key, payload);
    }
    var positions = Map.of(new Partition("taskworker", 0), group);
    journal.apply(
        new JournalGroup(group, new Changes(rows, List.of(), List.of(), positions), payloads),
        Durability.POWER_CUT);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "bytes changed in a store's file and its log: opened, read, written to, salvaged";
  }

  /**
   * Each change is a number that says in which file, three bytes that say where, and a piece; the
   * first number of all says how much of the log is cut away.
   */
  @Override
  public List<byte[]> seeds() {
    return List.of(
        new byte[0],
        new byte[] {0, 0, 0, 0, 18, 0, 1, 1},
        new byte[] {0, 0, 0, 0x10, 4, 0, 3, 13, 0, 0},
        new byte[] {9, 1, 0, 0, 24, 0, 4, 1, 2, 3, 4},
        new byte[] {0, 0, 0, 0x20, 8, 0, 2, (byte) 255, (byte) 255, 1, 0, 0, 40, 0, 1, 7});
  }

  @Override
  public void give(byte[] input) {
    damage(new Pieces(input));
    use();
    damage(new Pieces(input));
    salvage();
  }

  private void damage(Pieces pieces) {
    byte[] file = soundStore.clone();
    byte[] tail = soundLog.clone();
    int cut = pieces.number() * tail.length / 256;
    while (pieces.hasMore()) {
      byte[] into = pieces.number() % 2 == 0 ? file : tail;
      int at = (pieces.number() << 16 | pieces.number() << 8 | pieces.number()) % into.length;
      byte[] piece = pieces.piece();
      System.arraycopy(piece, 0, into, at, Math.min(piece.length, into.length - at));
    }
    try {
      Files.deleteIfExists(folder.resolve("store.sqlite-shm"));
      Files.write(store, file);
      Files.write(log, Arrays.copyOf(tail, tail.length - cut));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + store, e);
    }
  }

  private void use() {
    try (SqliteJournal journal = open()) {
      List<Long> keys = new ArrayList<>();
      journal.load(_ -> {}, row -> keys.add(row.key()));
      var _ = journal.orders();
      var _ = journal.page(TaskFilter.ANY, 0, 100);
      Map<Long, byte[]> payloads = journal.payloads(keys);
      Finding.unless(keys.containsAll(payloads.keySet()), "payloads that nobody asked for");
      for (long key : keys) {
        var _ = journal.largePayload(key);
      }
      journal.apply(
          new JournalGroup(
              journal.lastGroup() + 1, new Changes(List.of(), List.of(), keys, Map.of()), Map.of()),
          Durability.POWER_CUT);
      var _ = journal.reclaim();
    } catch (UnusableFileException | JournalException e) {
      Finding.unlessWords(e.getMessage(), "a refusal");
    }
  }

  private void salvage() {
    Path out = folder.resolve("salvaged.sqlite");
    var decoder = new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool());
    try {
      var outcome = new StoreSalvage(decoder, NOW_MS).write(store, out);
      Finding.unless(Files.exists(outcome.out()), "salvaged into a file that is not there");
      Files.delete(out);
    } catch (UnusableFileException e) {
      Finding.unlessWords(e.getMessage(), "a refusal");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + out, e);
    }
  }

  @Override
  public void close() {
    Scratch.delete(folder);
  }
}
