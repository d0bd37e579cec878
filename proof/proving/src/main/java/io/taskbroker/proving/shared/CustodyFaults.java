package io.taskbroker.proving.shared;

import io.taskbroker.proving.shared.Disturbance.Manner;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What is done to brokers in a round, and what they must do about it. Safe for all threads. */
final class CustodyFaults {
  private static final Duration LATEST_BEGIN = Duration.ofSeconds(3);
  private static final Duration LONGEST_ABSENCE = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Stage stage;
  private final Ledger ledger;
  private final SharedDatabase database;
  private final Duration shortestFreeze;
  private final Duration longestFreeze;
  private final List<Disturbance> disturbances = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final AtomicInteger stops = new AtomicInteger();
  private final AtomicInteger kills = new AtomicInteger();
  private final AtomicInteger freezes = new AtomicInteger();
  private final AtomicInteger deposed = new AtomicInteger();
  private final AtomicLong errorLines = new AtomicLong();

  CustodyFaults(Stage stage, Ledger ledger, SharedDatabase database) {
    this.stage = stage;
    this.ledger = ledger;
    this.database = database;
    this.shortestFreeze = Duration.ofSeconds(stage.some(5, 15)); // in short it must be deposed
    this.longestFreeze = Duration.ofSeconds(stage.some(60, 16));
  }

  /** Does all of it at once, each at a random moment, and returns when all brokers serve again. */
  void play(Map<Manner, SharingBroker> victims, Random random) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> courses = new ArrayList<>();
      for (Manner manner : Manner.values()) { // in a known order, so that a seed draws the same
        SharingBroker broker = victims.get(manner);
        if (broker != null) {
          Random own = new Random(random.nextLong());
          courses.add(threads.submit(() -> disturb(manner, broker, own)));
        }
      }
      for (Future<?> course : courses) {
        course.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a round ended early: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void disturb(Manner manner, SharingBroker broker, Random random) {
    relaunchIfEnded(broker);
    pause(random, Duration.ZERO, LATEST_BEGIN);
    long from = System.nanoTime();
    switch (manner) {
      case STOPPED -> {
        stops.incrementAndGet();
        if (broker.stop() != 0) {
          complaints.add(broker.name() + " was asked to stop: " + broker.running().lastLine());
        }
        pause(random, Duration.ZERO, LONGEST_ABSENCE);
        broker.launch();
      }
      case KILLED -> {
        kills.incrementAndGet();
        broker.kill();
        pause(random, Duration.ZERO, LONGEST_ABSENCE);
        broker.launch();
      }
      case FROZEN -> freeze(broker, random);
    }
    disturbances.add(new Disturbance(manner, broker.address(), from, System.nanoTime()));
    broker.awaitServing();
  }

  private static void pause(Random random, Duration least, Duration most) {
    Waiting.pause(Duration.ofMillis(random.nextLong(least.toMillis(), most.toMillis())));
  }

  private void freeze(SharingBroker broker, Random random) {
    freezes.incrementAndGet();
    String number = newest(broker);
    long span = random.nextLong(shortestFreeze.toMillis(), longestFreeze.toMillis());
    ledger.brokerStops(broker.address());
    broker.signal(ProcessSignal.STOP);
    Waiting.pause(Duration.ofMillis(span));
    boolean isDeposed = isDeposed(number);
    broker.signal(ProcessSignal.CONT);
    ledger.brokerGoesOn(broker.address());
    stage.say(
        "%s was frozen for %d ms%s".formatted(broker.name(), span, isDeposed ? ": deposed" : ""));
    if (isDeposed) {
      awaitItsEnd(broker);
    } else {
      String since = database.ask("SELECT clock_timestamp()").getFirst();
      Waiting.until(
          broker.name() + " beats again, or has ended",
          PATIENCE,
          () -> !broker.isAlive() || beatsSince(number, since) || isDeposed(number));
      if (isDeposed(number)) { // the others were quicker
        awaitItsEnd(broker);
      }
    }
  }

  /** One that was deposed ends by itself, with a sentence. */
  private void awaitItsEnd(SharingBroker broker) {
    deposed.incrementAndGet();
    int code = broker.awaitEnd();
    if (code == 0) {
      complaints.add(broker.name() + " was deposed, and ended with 0");
    }
    if (broker.running().ownLines("was deposed by broker") == 0) {
      complaints.add(broker.name() + " was deposed, and says: " + broker.running().lastLine());
    }
    errorLines.addAndGet(broker.running().ownLines("ERROR"));
    broker.launch();
  }

  /** By which deposed brokers have said why they end. */
  long errorLinesOfTheDeposed() {
    return errorLines.get();
  }

  private String newest(SharingBroker broker) {
    return database
        .ask("SELECT max(no) FROM taskbroker_broker WHERE name = '%s'".formatted(broker.name()))
        .getFirst();
  }

  private boolean isDeposed(String number) {
    return database.count(
            "SELECT count(*) FROM taskbroker_broker WHERE NOT fenced AND no = " + number)
        == 0;
  }

  private boolean beatsSince(String number, String since) {
    return database.count(
            "SELECT count(*) FROM taskbroker_heartbeat WHERE broker = %s AND beat_at > '%s'"
                .formatted(number, since))
        > 0;
  }

  /** A broker that nobody has ended goes on. */
  void relaunchIfEnded(SharingBroker broker) {
    if (!broker.isAlive()) {
      complaints.add(
          "%s ended by itself with %d: %s"
              .formatted(broker.name(), broker.awaitEnd(), broker.running().lastLine()));
      broker.launch().awaitServing();
    }
  }

  List<Disturbance> disturbances() {
    return disturbances;
  }

  void judge(Verdict verdict) {
    verdict
        .show("rounds.stopped", stops.get())
        .show("rounds.killed", kills.get())
        .show("rounds.frozen", freezes.get())
        .atLeast("rounds.deposed", 1, deposed.get())
        .expectNone("rounds.brokers_that_misbehave", complaints);
  }
}
