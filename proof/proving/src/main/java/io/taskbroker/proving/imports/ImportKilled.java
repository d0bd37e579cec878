package io.taskbroker.proving.imports;

import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.reference.ReferenceReading;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.TaskMessages;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A broker that is killed in each phase of an import; the next one goes on. */
final class ImportKilled {
  private static final int ROWS = 50_000;

  /** Of each phase. A kill that comes too late for its phase counts for the one that it finds. */
  private static final int HITS = 8;

  private static final int MOST_KILLS_FOR_A_PHASE = 40;
  private static final int PAYLOAD_BYTES = 200;
  private static final String HEAP = "256m";
  private static final List<String> OPTIONS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto");
  private static final Duration START = Duration.ofMinutes(2);
  private static final long LOOK_NANOS = 20_000;
  private static final long LATEST_NANOS = Duration.ofMillis(2).toNanos();

  /** How far the import had come, as the folder shows. */
  private enum Found {
    NOT_BEGUN,
    /** The draft of the new file is there. */
    BUILDING,
    /** The original has its second name, and the draft is not in its place yet. */
    ORIGINAL_KEPT,
    IN_PLACE
  }

  private static final List<Found> PHASES =
      List.of(Found.ORIGINAL_KEPT, Found.IN_PLACE, Found.BUILDING);

  private final Path template;
  private final BrokerSetup settings;
  private final Path folder;
  private final Random random;
  private final Map<Found, Integer> found = new EnumMap<>(Found.class);
  private long buildNanos;
  private long differing;
  private long drafts;

  private ImportKilled(Stage stage) {
    this.folder = stage.folder().resolve("killed");
    this.template = stage.folder().resolve("template.sqlite");
    this.settings =
        BrokerSetup.of(folder, stage.kafka().address(), "import-killed")
            .with("store.max_pending_count", 2 * ROWS)
            .with("create_missing_topics", true);
    this.random = stage.random();
  }

  static void play(Stage stage, Verdict verdict) {
    stage.say("seed=" + stage.seed() + ", " + ROWS + " rows");
    var run = new ImportKilled(stage);
    run.makeTemplate();
    run.measure();
    for (Found phase : PHASES) {
      run.killWithin(phase);
    }
    verdict
        .show("killed.seed", stage.seed())
        .show("killed.kills", run.found.values().stream().mapToInt(hits -> hits).sum())
        .show("killed.build_ms", Duration.ofNanos(run.buildNanos).toMillis())
        .show("killed.found", run.found)
        .atLeast("killed.building", HITS, run.hits(Found.BUILDING))
        .atLeast("killed.original_kept", HITS, run.hits(Found.ORIGINAL_KEPT))
        .atLeast("killed.in_place", HITS, run.hits(Found.IN_PLACE))
        .expect("killed.rows_lost_or_changed", 0, run.differing)
        .expect("killed.drafts_left", 0, run.drafts);
  }

  private void makeTemplate() {
    var tasks = new TaskMessages("nobody", PAYLOAD_BYTES);
    TaskKind kind = TaskKind.quick("import.killed");
    Ledger ledger = new Ledger();
    try (ReferenceFile file = ReferenceFile.create(template, ReferenceFile.NEWEST)) {
      for (int i = 0; i < ROWS; i++) {
        file.add(tasks.of(kind, ledger.open(kind)), "Pending", Map.of());
      }
    }
  }

  /** How long it builds when nobody disturbs it. */
  private void measure() {
    prepare();
    try (BrokerProcess broker = launch()) {
      await(broker, () -> Files.exists(draft()));
      long start = System.nanoTime();
      await(broker, () -> !Files.exists(draft()));
      buildNanos = System.nanoTime() - start;
      finish(broker);
    }
  }

  private void killWithin(Found phase) {
    for (int kill = 0; kill < MOST_KILLS_FOR_A_PHASE && hits(phase) < HITS; kill++) {
      prepare();
      try (BrokerProcess broker = launch()) {
        await(broker, () -> Files.exists(draft()));
        awaitMoment(broker, phase);
        broker.kill();
      }
      found.merge(look(), 1, Integer::sum);
      try (BrokerProcess broker = launch()) {
        finish(broker);
      }
    }
  }

  private int hits(Found phase) {
    return found.getOrDefault(phase, 0);
  }

  /** From the appearing of the draft on: any time of the building, or a moment after a rename. */
  private void awaitMoment(BrokerProcess broker, Found phase) {
    switch (phase) {
      case NOT_BEGUN -> throw new IllegalArgumentException("it has begun");
      case BUILDING -> {
        long end = System.nanoTime() + random.nextLong(buildNanos);
        await(broker, () -> System.nanoTime() > end || Files.exists(kept()));
      }
      case ORIGINAL_KEPT -> await(broker, () -> Files.exists(kept()));
      case IN_PLACE -> {
        await(broker, () -> !Files.exists(draft()));
        LockSupport.parkNanos(random.nextLong(LATEST_NANOS));
      }
    }
  }

  private static void await(BrokerProcess broker, BooleanSupplier moment) {
    long end = System.nanoTime() + START.toNanos();
    while (!moment.getAsBoolean()) {
      if (System.nanoTime() > end || !broker.process().isAlive()) {
        throw new IllegalStateException(
            "the import did not come so far; see " + broker.settings().log());
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void finish(BrokerProcess broker) {
    broker.awaitServing(START);
    broker.stop(ProcessSignal.TERM);
    differing += ReferenceReading.missing(template, settings.store());
    differing += Math.abs(ROWS - ReferenceReading.count(settings.store()));
    differing += ReferenceReading.missing(template, kept());
    drafts += Files.exists(draft()) ? 1 : 0;
  }

  private Found look() {
    if (Files.exists(kept())) {
      return Files.exists(draft()) ? Found.ORIGINAL_KEPT : Found.IN_PLACE;
    }
    return Files.exists(draft()) ? Found.BUILDING : Found.NOT_BEGUN;
  }

  private BrokerProcess launch() {
    return BrokerProcess.launch(settings, HEAP, OPTIONS);
  }

  private Path draft() {
    return beside(".new");
  }

  private Path kept() {
    return beside(".reference");
  }

  private Path beside(String suffix) {
    return settings.store().resolveSibling(settings.store().getFileName() + suffix);
  }

  /** A folder with nothing in it but the reference's file, and the logs of the runs before. */
  private void prepare() {
    try {
      Files.createDirectories(folder);
      for (String suffix : List.of("", "-wal", "-shm", ".new", ".killed", ".reference")) {
        Files.deleteIfExists(beside(suffix));
      }
      Files.copy(template, settings.store());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + folder, e);
    }
  }
}
