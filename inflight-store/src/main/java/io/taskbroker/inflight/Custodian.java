package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Holdings;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Custody.Beat;
import io.taskbroker.inflight.engine.SharedOrders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the rows of partitions into the engine, and takes them out again, where brokers share a
 * journal: for the partitions that Kafka has assigned, for those that other brokers want, and for
 * those that nobody reads. One thread does that, another beats.
 */
final class Custodian implements Holdings, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final Duration REST = Duration.ofMillis(20);

  /** Between two looks of one kind at the journal. */
  static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /** That are taken in at once. */
  static final int MOST_REPORTS = 1_000;

  /** An operator who has asked for the reports goes on without them after this time. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(2);

  /** What the custodian has done on the writer's thread, and what it needs of it. */
  interface Desk {
    /** What operators have ordered at other brokers. */
    SharedOrders orders();

    /** Runs on the writer's thread, when rows have come whose next keys have to be above theirs. */
    void rowsHaveCome();

    /** Runs on the writer's thread, when the rows of a partition are gone. */
    void rowsAreGone(Partition partition);

    /** Kafka has the records of these rows, which have come, or may have them. */
    void inDoubt(List<Long> keys);

    /** The journal has lost groups: the engine is to forget everything. */
    void outdated(JournalException.Outdated loss);

    /** Runs on the writer's thread: all that the engine had forgotten is here again. */
    void allIsHereAgain();

    /** The store can go on no more. */
    void failed(JournalException.Final failure);
  }

  private final Custody custody;
  private final Elsewhere elsewhere;
  private final CommandSender sender;
  private final TimeSource time;
  private final Threads threads;
  private final Desk desk;
  private final Pulse pulse;
  private final OwnPartitions own = new OwnPartitions();
  private final ComingPartitions coming;
  private final GoingPartitions going;
  private final LateRows late;
  private final Heartbeat custodyBeats;
  private final Heartbeat beatBeats;
  private final Absences absences;
  private final SharedTrouble trouble;
  private final Defects defects;
  private final Loop looking;
  private final Loop beating;

  /** Raised, each, by the next look at reports. */
  private final Queue<Signal> askedForReports = new ConcurrentLinkedQueue<>();

  private volatile Consumer<Partition> whenHere = _ -> {};
  private volatile Set<String> topics = Set.of();
  private volatile Found latest = new Found(0, Beat.OF_NOTHING, 0);

  /** Reports that were left for rows of ours before this are in. */
  private volatile Moment reportsAreIn;

  // on the custodian's thread

  private int judgedBeats;

  /**
   * The standing orders that are in force here, as a beat found them; null if that is not known.
   */
  private @Nullable Map<String, String> takenOrders;

  /** What this broker itself had written of such orders before that beat. */
  private long takenAfter;

  private @Nullable Moment nextLook;
  private @Nullable Moment nextReports;

  /**
   * What a beat has found.
   *
   * @param number of the beat, counted from 1
   * @param ordersWritten what {@link SharedOrders#written} said before it
   */
  private record Found(int number, Beat beat, long ordersWritten) {}

  /**
   * @param place of the journal, for people
   * @param watch told which partitions are waited for, and whether the journal can be reached
   */
  Custodian(
      Sharing sharing,
      String place,
      CommandSender sender,
      TimeSource time,
      Threads threads,
      Desk desk,
      StoreWatch watch) {
    this.custody = sharing.custody();
    this.elsewhere = sharing.elsewhere();
    this.sender = sender;
    this.time = time;
    this.threads = threads;
    this.reportsAreIn = time.now();
    this.pulse = new Pulse(time.now());
    this.desk = desk;
    this.absences = new Absences(own, watch);
    this.trouble = new SharedTrouble(watch);
    this.coming = new ComingPartitions(sharing, sender, time, desk, own, absences);
    this.going = new GoingPartitions(sender, desk, own, coming::leaves);
    this.late = new LateRows(custody, sender, desk, own);
    this.defects = new Defects("custody of partitions stays as it is for now", time);
    this.custodyBeats = heartbeat("store-custody", place);
    this.beatBeats = heartbeat("store-beat", place);
    this.looking =
        new Loop(
            threads, "store-custody", this::turn, REST, e -> failed(custodyBeats, e), custodyBeats);
    this.beating =
        new Loop(
            threads,
            "store-beat",
            this::beat,
            Pulse.INTERVAL,
            e -> failed(beatBeats, e),
            beatBeats);
  }

  private Heartbeat heartbeat(String name, String place) {
    Heartbeat heartbeat =
        new Heartbeat(
            name,
            time,
            Duration.ofSeconds(30),
            "it asks %s, and gets no answer".formatted(place),
            "See that the database can be reached and answers; the broker goes on by itself once it"
                + " does.");
    heartbeat.idle();
    return heartbeat;
  }

  /** Begins. Partitions that have come are told to {@code whenHere}, on this thread. */
  void start(Consumer<Partition> told) {
    whenHere = told;
    beating.start();
    looking.start();
  }

  /** Signs of life of both threads. */
  List<Heartbeat> heartbeats() {
    return List.of(custodyBeats, beatBeats);
  }

  /** Whether this broker's beats are so late that others may soon take it for dead. For all. */
  boolean isLate(Moment now) {
    return pulse.isLate(now);
  }

  /** These topics are read here. */
  void consumes(Set<String> consumed) {
    topics = Ordered.copyOf(consumed);
  }

  // ---------------------------------------------------------------- what intake says

  /** These partitions are ours to read from now on. */
  void assigned(Collection<Partition> partitions) {
    own.assigned(partitions);
    looking.nudge();
  }

  @Override
  public void revoked(Collection<Partition> partitions) {
    own.revoked(partitions, time.now());
    looking.nudge();
  }

  @Override
  public Set<Partition> awaited() {
    return own.awaited();
  }

  @Override
  public boolean isCutOff() {
    return pulse.isCutOff(time.now());
  }

  // ---------------------------------------------------------------- on the writer's thread

  /** Where the group stands in a partition whose rows are not here yet. */
  void standsAt(Partition partition, long position) {
    coming.standsAt(partition, position);
  }

  /** The engine has forgotten everything. */
  void startOver() {
    own.startOver();
    looking.nudge();
  }

  // ---------------------------------------------------------------- beating

  private int beat() {
    Moment began = time.now();
    long ordersWritten = desk.orders().written();
    Beat found = custody.beat(topics);
    pulse.beaten(began, found.silent());
    trouble.mended(beatBeats.name());
    latest = new Found(latest.number() + 1, found, ordersWritten);
    looking.nudge();
    return 0;
  }

  private void failed(Heartbeat thread, Throwable failure) {
    switch (failure) {
      case JournalException.Final last -> desk.failed(last);
      case JournalException.Outdated loss -> desk.outdated(loss);
      case StoreException.Closed e -> LOG.debug("The store has ended", e);
      case JournalException e -> trouble.begun(thread.name(), e);
      case StoreException e -> trouble.begun(thread.name(), e);
      case Throwable e -> defects.accept(e);
    }
  }

  // ---------------------------------------------------------------- turns

  private int turn() {
    Moment now = time.now();
    startOverIfAsked();
    absences.look(now);
    withdraw();
    coming.take(going.all(), now);
    int done = coming.loadNext(now, whenHere);
    coming.endStartingOver();
    look(now);
    going.letGo(now);
    takeReports(now);
    if (coming.isIdle()) { // intake waits for partitions that come, and nobody for these
      done += late.take(now);
    }
    Found found = latest;
    if (found.number() != judgedBeats) {
      judgedBeats = found.number();
      judge(found.beat(), now);
      takeOrders(found);
    }
    trouble.mended(custodyBeats.name());
    return done;
  }

  static boolean isTime(@Nullable Moment next, Moment now) {
    return next == null || !now.isBefore(next);
  }

  private void startOverIfAsked() {
    if (own.isToStartOver()) {
      coming.startOver(own.startedOver(), going.startOver());
      late.startOver();
    }
  }

  private void withdraw() {
    List<Partition> gone = own.unwanted();
    if (!gone.isEmpty()) {
      custody.withdraw(gone);
      own.withdrawn(gone);
    }
  }

  private void look(Moment now) {
    Found found = latest;
    boolean isAsked = found.number() != judgedBeats && !found.beat().wanted().isEmpty();
    if ((isAsked || own.isWatchful(now)) && isTime(nextLook, now)) {
      nextLook = now.plus(BETWEEN_LOOKS);
      going.leave(custody.wanted(), now);
    }
  }

  // ---------------------------------------------------------------- reports

  private void takeReports(Moment now) {
    List<Signal> asked = new ArrayList<>();
    for (Signal one = askedForReports.poll(); one != null; one = askedForReports.poll()) {
      asked.add(one);
    }
    if (asked.isEmpty() && !isTime(nextReports, now)) {
      return;
    }
    try {
      boolean areAll = takeSomeReports(now);
      while (!areAll && !asked.isEmpty()) {
        areAll = takeSomeReports(now);
      }
      if (areAll && coming.isIdle() && going.all().isEmpty()) {
        reportsAreIn = now;
      }
    } finally {
      asked.forEach(Signal::raise);
    }
  }

  /** Returns whether none is left of those that were there. */
  private boolean takeSomeReports(Moment now) {
    List<Partition> mine = own.here();
    List<Elsewhere.Left> reports = mine.isEmpty() ? List.of() : elsewhere.left(mine, MOST_REPORTS);
    nextReports = now.plus(reports.isEmpty() ? BETWEEN_LOOKS : REST);
    if (!reports.isEmpty()) {
      int _ = sender.ask(new ShareCommands.TakeReports(now, reports));
    }
    return reports.size() < MOST_REPORTS;
  }

  /**
   * Has the reports taken in that were left for rows of ours before this call, and waits for that.
   * Returns after two seconds all the same: if the journal cannot be asked they stay for later. For
   * all threads but the writer's and this broker's own.
   */
  void takeReportsNow() {
    Signal taken = threads.signal();
    askedForReports.add(taken);
    looking.nudge();
    boolean _ = taken.await(LONGEST_LOOK);
  }

  /**
   * Until when nothing more has to be expected of what other brokers have taken for us: now, unless
   * the journal cannot be asked, or rows come or go. For all threads.
   */
  Moment reportsAreInUpTo(Moment now) {
    Moment in = reportsAreIn;
    return in.isBefore(now) ? in : now;
  }

  // ---------------------------------------------------------------- other brokers

  /** What is not taken in is so with the next beat. */
  private void takeOrders(Found found) {
    Map<String, String> orders = found.beat().orders();
    if (orders.equals(takenOrders) && found.ordersWritten() == takenAfter) {
      return;
    }
    takenOrders = null;
    boolean areIn =
        sender.ask((engine, _) -> engine.sharedOrders().takeIn(orders, found.ordersWritten()));
    if (areIn) {
      takenOrders = orders;
      takenAfter = found.ordersWritten();
    }
  }

  private void judge(Beat found, Moment now) {
    for (Custody.Silent silent : pulse.toDepose(now)) {
      if (custody.depose(silent.broker())) {
        LOG.warn(
            "Broker {} ({}) has given no sign of life for {} s and is deposed; its partitions are"
                + " free",
            silent.broker(),
            silent.name(),
            silent.since().toSeconds());
      }
    }
    if (!pulse.isLate(time.now())) {
      coming.adoptOne(found.free(), topics);
    }
  }

  /**
   * Ends looking after partitions. Beats go on until {@link #endBeats}, for the last groups' sake.
   */
  @Override
  public void close() {
    looking.close();
  }

  /** To be called once nothing is written any more. */
  void endBeats() {
    beating.close();
  }
}
