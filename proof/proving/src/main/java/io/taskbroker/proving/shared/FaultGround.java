package io.taskbroker.proving.shared;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.Repetition;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A server, and two brokers with workers that share a database on it. One of them reaches it
 * through a proxy.
 */
final class FaultGround implements AutoCloseable {
  private static final String TOPIC = "pgfaults";
  private static final int PARTITIONS = 4;
  private static final int WORKERS = 16;
  private static final int PER_SECOND = 80;
  private static final int BACKLOG = 8_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Load before and after what happens. */
  private static final Duration AROUND = Duration.ofMillis(1_500);

  /** So long that a crash of the server takes with it what nobody has waited for. */
  private static final Map<String, String> SERVER =
      Map.of("wal_writer_delay", "10s", "max_connections", "40");

  private final Stage stage;
  private final Verdict verdict;
  private final SharedDatabase database;
  private final @Nullable SmallTablespace tablespace;
  private final Cutter cutter = new Cutter();
  private final Proxy proxy;
  private final Rig rig;
  private final List<SharingBroker> brokers = new ArrayList<>();
  private final List<Workers> workers = new ArrayList<>();

  private FaultGround(Stage stage, Verdict verdict) {
    this.stage = stage;
    this.verdict = verdict;
    this.database = SharedDatabase.start(SERVER);
    this.tablespace = tablespace(stage);
    InetAddress here = InetAddress.getLoopbackAddress();
    this.proxy =
        Proxy.start(
            new InetSocketAddress(here, 0),
            new InetSocketAddress(here, database.server().port()),
            PostgresMessages.PROTOCOL,
            cutter::script);
    this.rig = stage.rig(TOPIC, PARTITIONS, database.settings());
  }

  static FaultGround prepare(Stage stage, Verdict verdict) {
    FaultGround ground = new FaultGround(stage, verdict);
    try {
      ground.begin();
      return ground;
    } catch (RuntimeException e) {
      ground.close();
      throw e;
    }
  }

  private @Nullable SmallTablespace tablespace(Stage on) {
    if (!SmallTablespace.isPossible()) {
      return null;
    }
    SmallTablespace small = SmallTablespace.mount(on.folder().resolve("tables").toAbsolutePath());
    database
        .server()
        .run(
            "postgres",
            "CREATE TABLESPACE small LOCATION '%s'".formatted(small.tables()),
            "ALTER DATABASE %s SET TABLESPACE small".formatted(database.name()));
    return small;
  }

  private void begin() {
    brokers.add(broker("direct", database.server().port()));
    brokers.add(broker("proxied", proxy.port()));
    brokers.forEach(SharingBroker::launch);
    brokers.forEach(SharingBroker::awaitServing);
    for (SharingBroker broker : brokers) {
      workers.add(
          rig.startWorkers(WorkerSettings.at(broker.address(), WORKERS, 2), SteadyLoad.KINDS));
    }
  }

  private SharingBroker broker(String name, int port) {
    return SharingBroker.of(rig, name)
        .with("store.pg.port", port)
        .with("http_addr", "127.0.0.1")
        .with("http_port", FreePorts.any())
        .with("admin.port", FreePorts.any());
  }

  private static Observed observe(SharingBroker broker) {
    Map<String, Object> settings = broker.settings().further();
    return new Observed(
        (int) settings.getOrDefault("http_port", 0), (int) settings.getOrDefault("admin.port", 0));
  }

  SharedDatabase database() {
    return database;
  }

  Cutter cutter() {
    return cutter;
  }

  /** Null where there cannot be one. */
  @Nullable SmallTablespace tablespace() {
    return tablespace;
  }

  /** What commits are worth while a fault lasts. */
  enum Commits {
    /** The server keeps what it has acknowledged. */
    KEPT,
    /** It forgets those that nobody has waited for. */
    MAY_BE_LOST
  }

  /**
   * Plays a fault under a steady load, waits until all goes on, and judges.
   *
   * @param words of a line that a broker must have written about it
   */
  void play(String name, Commits commits, String words, Runnable fault) {
    play(name, commits, words, PER_SECOND, fault);
  }

  /**
   * The same while workers work off what is stored, and nothing comes in: nobody waits for the
   * commits then.
   */
  void playOnBacklog(String name, Commits commits, String words, Runnable fault) {
    rig.producer().produce(SteadyLoad.PLAIN, BACKLOG);
    rig.producer().flush();
    Waiting.untilNothingLeft(
        "all is stored", PATIENCE, () -> rig.topics().lag(TOPIC, rig.settings().topic()));
    play(name, commits, words, 0, fault);
  }

  private void play(String name, Commits commits, String words, int perSecond, Runnable fault) {
    long from = System.nanoTime();
    long onceBefore = onceTwice();
    long linesBefore = lines(words);
    try (Observed direct = observe(brokers.getFirst());
        Observed proxied = observe(brokers.getLast())) {
      try (var _ = SteadyLoad.start(rig.producer(), perSecond, Integer.MAX_VALUE)) {
        if (perSecond > 0) {
          Waiting.pause(AROUND);
        }
        fault.run();
        long over = System.nanoTime();
        awaitReady(name, direct, proxied);
        verdict.show(
            name + ".ready_after_ms", Duration.ofNanos(System.nanoTime() - over).toMillis());
        Waiting.pause(AROUND);
      }
      rig.producer().flush();
      long lost = lost();
      Set<String> stalled = new TreeSet<>(direct.stalled());
      stalled.addAll(proxied.stalled());
      stage.say("%s: stalled were %s".formatted(name, stalled));
      verdict
          .atLeast(name + ".lines", 1, lines(words) - linesBefore)
          .show(name + ".not_ready_ms", direct.notReadyMs() + "," + proxied.notReadyMs())
          .show(name + ".stalls", stalled.size())
          .expect(name + ".lost", 0, lost)
          .expect(name + ".at_most_once_twice", 0, onceTwice() - onceBefore);
    }
    judgeRepeats(name, commits, from);
  }

  private void awaitReady(String name, Observed direct, Observed proxied) {
    for (SharingBroker broker : brokers) {
      if (!broker.isAlive()) {
        verdict.expectNone(
            name + ".ended",
            List.of(
                "%s: %s ended with %d: %s"
                    .formatted(
                        name, broker.name(), broker.awaitEnd(), broker.running().lastLine())));
        broker.launch().awaitServing();
      }
    }
    Waiting.until(
        "both brokers are ready after " + name,
        PATIENCE,
        () -> direct.isReady() && proxied.isReady());
  }

  /** Tasks that do not end though everything is well. */
  private long lost() {
    try {
      Waiting.untilNothingLeft("all tasks have ended", PATIENCE, this::unfinished);
    } catch (IllegalStateException e) {
      stage.say(String.valueOf(e.getMessage()));
      SteadyLoad.MUST_END.forEach(kind -> rig.ledger().unended(kind).forEach(stage::say));
    }
    return unfinished();
  }

  private long unfinished() {
    return SteadyLoad.MUST_END.stream().mapToLong(rig.ledger()::unfinished).sum();
  }

  private long onceTwice() {
    return rig.ledger().account().repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L);
  }

  private long lines(String words) {
    return brokers.stream().mapToLong(broker -> broker.lines(words)).sum();
  }

  private void judgeRepeats(String name, Commits commits, long from) {
    List<Repetition> repetitions =
        rig.ledger().repetitions().stream()
            .filter(one -> one.again().atNanos() - from >= 0)
            .toList();
    verdict.show(name + ".repeated", repetitions.size());
    switch (commits) {
      case KEPT ->
          verdict.expectNone(
              name + ".unexplained", RepeatReasons.of(repetitions, List.of()).unexplained());
      case MAY_BE_LOST -> {} // hand-outs and outcomes that are lost come again
    }
  }

  /** Stops both brokers in order. */
  void end() {
    Ledger ledger = rig.ledger();
    Waiting.untilNothingLeft("the store is empty", PATIENCE, database::unfinished);
    rig.catchUp();
    verdict
        .show("produced", ledger.account().produced())
        .show("at_most_once_dropped", ledger.unfinished(SteadyLoad.ONCE))
        .expectNone("wrong", ledger.complaints());
    for (SharingBroker broker : brokers) {
      verdict.expect(broker.name() + ".exit", 0, broker.stop());
    }
  }

  @Override
  public void close() {
    brokers.forEach(SharingBroker::close);
    workers.forEach(Workers::close);
    rig.close();
    proxy.close();
    database.close();
    if (tablespace != null) {
      tablespace.close();
    }
  }
}
