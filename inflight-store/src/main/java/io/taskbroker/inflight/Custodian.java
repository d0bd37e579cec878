package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.Holdings;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Custody.Beat;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Custody.Held;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
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

  /** How long rows on their way through Kafka or to a worker are waited for at a hand-over. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Duration REST = Duration.ofMillis(20);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  /** After a revocation others are likely to ask. */
  private static final Duration WATCHFUL = Duration.ofSeconds(60);

  /** Longer than this a hand-over does not take. */
  private static final Duration LONG_WAIT = Duration.ofSeconds(5);

  /** How often it is looked for rows that come beside Kafka. */
  private static final Duration BETWEEN_LATE = Duration.ofSeconds(2);

  private static final int PAGE_ROWS = 5_000;
  private static final int MOST_REPORTS = 1_000;

  /** What the custodian has done on the writer's thread, and what it needs of it. */
  interface Desk {
    /** Runs on the writer's thread, when rows have come whose next keys have to be above theirs. */
    void rowsHaveCome();

    /** Runs on the writer's thread, when the rows of a partition are gone. */
    void rowsAreGone(Partition partition);

    /** These rows were on their way through Kafka when their last owner ended. */
    void interrupted(List<Long> keys);

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
  private final Desk desk;
  private final Pulse pulse;
  private final Heartbeat custodyBeats;
  private final Heartbeat beatBeats;
  private final Sparsely lines;
  private final Defects defects;
  private final Loop looking;
  private final Loop beating;
  private volatile Consumer<Partition> whenHere = _ -> {};
  private volatile Set<String> topics = Set.of();
  private volatile Found latest = new Found(0, Beat.OF_NOTHING);
  private volatile Set<Partition> awaited = Set.of();

  /** Reports that were left for rows of ours before this are in. */
  private volatile Moment reportsAreIn;

  private final ReentrantLock lock = new ReentrantLock();

  // with the lock held

  /** Since when each partition has been ours to read. */
  private final Map<Partition, Moment> assigned = new LinkedHashMap<>();

  /** Given up though they are ours to read: they are not wanted back before that. */
  private final Map<Partition, Moment> yielded = new LinkedHashMap<>();

  private final Set<Partition> here = new LinkedHashSet<>();
  private final Set<Partition> unwanted = new LinkedHashSet<>();
  private @Nullable Moment watchfulUntil;
  private boolean isToStartOver;

  // on the writer's thread

  /** Where the group stands in partitions whose rows are not here yet. */
  private final Map<Partition, Long> positions = new LinkedHashMap<>();

  // on the custodian's thread

  private final Map<Partition, Coming> coming = new LinkedHashMap<>();
  private final Map<Partition, Moment> going = new LinkedHashMap<>();

  /** Everything was forgotten, and not all is here again. */
  private boolean isStartingOver;

  /** To be taken, though nobody reads them here, or taken and not begun. */
  private final Set<Partition> adopted = new LinkedHashSet<>();

  private final Map<Partition, Moment> missingSince = new LinkedHashMap<>();
  private int judgedBeats;
  private @Nullable Moment nextTaking;
  private @Nullable Moment nextLook;
  private @Nullable Moment nextReports;
  private @Nullable Moment nextLate;

  /** Rows of one partition that the journal has, and the engine has not yet. */
  private List<StoredActivation> late = List.of();

  /** Of {@link #late}. */
  private ShareCommands.Progress lateProgress = new ShareCommands.Progress();

  /**
   * What a beat has found.
   *
   * @param number of the beat, counted from 1
   */
  private record Found(int number, Beat beat) {}

  /** How far a partition has come. */
  private static final class Coming {
    final List<Elsewhere.Left> reports;
    final Moment since;
    final ShareCommands.Progress progress = new ShareCommands.Progress();
    long after;
    int rows;

    Coming(List<Elsewhere.Left> reports, Moment since) {
      this.reports = reports;
      this.since = since;
    }
  }

  Custodian(Journal journal, CommandSender sender, TimeSource time, Threads threads, Desk desk) {
    this.custody = journal.custody();
    this.elsewhere = journal.elsewhere();
    this.sender = sender;
    this.time = time;
    this.reportsAreIn = time.now();
    this.pulse = new Pulse(time.now());
    this.desk = desk;
    this.lines = new Sparsely(time, Duration.ofSeconds(10));
    this.defects = new Defects("custody of partitions stays as it is for now", time);
    this.custodyBeats = heartbeat("store-custody", journal.place());
    this.beatBeats = heartbeat("store-beat", journal.place());
    this.looking = new Loop(threads, "store-custody", this::turn, REST, this::failed, custodyBeats);
    this.beating =
        new Loop(threads, "store-beat", this::beat, Pulse.INTERVAL, this::failed, beatBeats);
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
    Moment now = time.now();
    lock.lock();
    try {
      for (Partition partition : partitions) {
        assigned.put(partition, now);
        yielded.remove(partition);
        unwanted.remove(partition);
      }
      lookAnew();
    } finally {
      lock.unlock();
    }
    looking.nudge();
  }

  @Override
  public void revoked(Collection<Partition> partitions) {
    lock.lock();
    try {
      for (Partition partition : partitions) {
        if (assigned.remove(partition) != null) {
          unwanted.add(partition);
        }
        yielded.remove(partition);
      }
      watchfulUntil = time.now().plus(WATCHFUL);
      lookAnew();
    } finally {
      lock.unlock();
    }
    looking.nudge();
  }

  @Override
  public Set<Partition> awaited() {
    return awaited;
  }

  @Override
  public boolean isCutOff() {
    return pulse.isCutOff(time.now());
  }

  /** With the lock held. */
  private void lookAnew() {
    Set<Partition> missing = new LinkedHashSet<>(assigned.keySet());
    missing.removeAll(here);
    awaited = missing.isEmpty() ? Set.of() : Ordered.copyOf(missing);
  }

  // ---------------------------------------------------------------- on the writer's thread

  /** Where the group stands in a partition whose rows are not here yet. */
  void standsAt(Partition partition, long position) {
    positions.put(partition, position);
  }

  /** The engine has forgotten everything. */
  void startOver() {
    lock.lock();
    try {
      isToStartOver = true;
      awaited = Ordered.copyOf(assigned.keySet());
    } finally {
      lock.unlock();
    }
    looking.nudge();
  }

  // ---------------------------------------------------------------- beating

  private int beat() {
    Moment began = time.now();
    Beat found = custody.beat(topics);
    pulse.beaten(began, found.silent());
    latest = new Found(latest.number() + 1, found);
    looking.nudge();
    return 0;
  }

  private void failed(Throwable failure) {
    switch (failure) {
      case JournalException.Final last -> desk.failed(last);
      case JournalException.Outdated loss -> desk.outdated(loss);
      case StoreException.Closed e -> LOG.debug("The store has ended", e);
      case JournalException e -> tell(e);
      case StoreException e -> tell(e);
      case Throwable e -> defects.accept(e);
    }
  }

  private void tell(RuntimeException failure) {
    long times = lines.count(1);
    if (times > 0) {
      LOG.warn(
          "Custody of partitions stands as it is, since the journal does not answer: {} ({} times"
              + " since the last line)",
          failure.getMessage(),
          times);
    }
  }

  // ---------------------------------------------------------------- turns

  private int turn() {
    Moment now = time.now();
    startOverIfAsked();
    withdraw();
    take(now);
    int done = loadNext(now);
    endStartingOver();
    look(now);
    going.keySet().stream().toList().forEach(partition -> letGo(partition, now));
    takeReports(now);
    done += takeLate(now);
    Found found = latest;
    if (found.number() != judgedBeats) {
      judgedBeats = found.number();
      judge(found.beat(), now);
    }
    return done;
  }

  private static boolean isTime(@Nullable Moment next, Moment now) {
    return next == null || !now.isBefore(next);
  }

  private void startOverIfAsked() {
    lock.lock();
    try {
      if (!isToStartOver) {
        return;
      }
      isToStartOver = false;
      adopted.addAll(here);
      here.clear();
      lookAnew();
    } finally {
      lock.unlock();
    }
    adopted.addAll(coming.keySet());
    adopted.addAll(going.keySet());
    coming.clear();
    going.clear();
    late = List.of(); // they come with all others
    nextTaking = null;
    isStartingOver = true;
  }

  /** What somebody else has by now does not come. */
  private void endStartingOver() {
    if (!isStartingOver || !adopted.isEmpty() || !coming.isEmpty()) {
      return;
    }
    isStartingOver = false;
    var _ =
        sender.ask(
            (_, _) -> {
              if (!mustStartOver()) { // not once more meanwhile
                desk.allIsHereAgain();
              }
              return true;
            });
  }

  private boolean mustStartOver() {
    lock.lock();
    try {
      return isToStartOver;
    } finally {
      lock.unlock();
    }
  }

  private void withdraw() {
    List<Partition> gone;
    lock.lock();
    try {
      gone = List.copyOf(unwanted);
    } finally {
      lock.unlock();
    }
    if (!gone.isEmpty()) {
      custody.withdraw(gone);
      lock.lock();
      try {
        unwanted.removeAll(gone);
      } finally {
        lock.unlock();
      }
    }
  }

  // ---------------------------------------------------------------- coming

  private void take(Moment now) {
    Set<Partition> read = missing(now);
    Set<Partition> wished = new LinkedHashSet<>(read);
    wished.addAll(adopted);
    wished.removeAll(coming.keySet());
    wished.removeAll(going.keySet());
    if (wished.isEmpty() || !isTime(nextTaking, now)) {
      return;
    }
    nextTaking = now.plus(BETWEEN_LOOKS);
    adopted.addAll(wished); // if the answer is lost they may be ours all the same
    List<Held> held = custody.take(wished);
    adopted.clear();
    held.forEach(one -> adopted.add(one.partition()));
    for (Held one : held) {
      begin(one);
      adopted.remove(one.partition());
      wished.remove(one.partition());
    }
    wished.retainAll(read);
    if (!wished.isEmpty()) {
      custody.ask(wished);
    }
    tellOfMissing(wished, now);
  }

  private Set<Partition> missing(Moment now) {
    lock.lock();
    try {
      Set<Partition> missing = new LinkedHashSet<>(awaited);
      missing.removeIf(
          partition -> {
            Moment until = yielded.get(partition);
            return until != null && now.isBefore(until);
          });
      return missing;
    } finally {
      lock.unlock();
    }
  }

  private void tellOfMissing(Set<Partition> missing, Moment now) {
    missingSince.keySet().retainAll(missing);
    missing.forEach(partition -> missingSince.putIfAbsent(partition, now));
    Optional<Partition> overdue =
        missing.stream()
            .filter(one -> now.since(missingSince.getOrDefault(one, now)).compareTo(LONG_WAIT) > 0)
            .findFirst();
    long times = overdue.isEmpty() ? 0 : lines.count(1);
    if (times > 0) {
      LOG.warn(
          "{} partitions, {} among them, are not read yet: their rows are with another broker that"
              + " does not give them up. If it is dead it is deposed within seconds",
          missing.size(),
          overdue.get());
    }
  }

  private void begin(Held held) {
    Partition partition = held.partition();
    List<Elsewhere.Left> reports = elsewhere.left(List.of(partition), MOST_REPORTS);
    var _ =
        sender.ask(
            (engine, now) -> {
              engine.share().begin(partition, held.position(), now);
              return true;
            });
    coming.put(partition, new Coming(reports, time.now()));
  }

  /** One page of one partition; how many rows. */
  private int loadNext(Moment now) {
    if (coming.isEmpty()) {
      return 0;
    }
    Map.Entry<Partition, Coming> first = coming.entrySet().iterator().next();
    Partition partition = first.getKey();
    Coming state = first.getValue();
    List<StoredActivation> page = custody.page(partition, state.after, PAGE_ROWS);
    int taken =
        sender.ask(
            new ShareCommands.TakeIn(
                now,
                partition,
                page,
                ShareCommands.on(page, state.reports),
                state.progress,
                desk::interrupted));
    if (taken < page.size()) {
      return 0; // the engine has forgotten it meanwhile
    }
    state.rows += page.size();
    if (page.size() == PAGE_ROWS) {
      state.after = page.getLast().key();
      return page.size();
    }
    complete(partition, state);
    return 1;
  }

  private void complete(Partition partition, Coming state) {
    boolean isHere =
        sender.ask(
            (engine, _) -> {
              if (!engine.share().isComingOrHere(partition)) {
                return false;
              }
              engine.share().complete(partition);
              desk.rowsHaveCome();
              Long position = positions.get(partition);
              if (position != null) {
                engine.positions().assigned(Map.of(partition, position));
              }
              return true;
            },
            () -> positions.remove(partition));
    if (!isHere) {
      return;
    }
    coming.remove(partition);
    lock.lock();
    try {
      if (isToStartOver) {
        adopted.add(partition); // it is ours, and has to come once more
        return;
      }
      here.add(partition);
      lookAnew();
    } finally {
      lock.unlock();
    }
    LOG.info(
        "{} is in this broker's custody; its {} rows were read in {} ms",
        partition,
        state.rows,
        time.now().since(state.since).toMillis());
    whenHere.accept(partition);
  }

  // ---------------------------------------------------------------- going

  private void look(Moment now) {
    Found found = latest;
    boolean isWatchful = found.number() != judgedBeats && !found.beat().wanted().isEmpty();
    lock.lock();
    try {
      isWatchful |= watchfulUntil != null && now.isBefore(watchfulUntil);
    } finally {
      lock.unlock();
    }
    if (!isWatchful || !isTime(nextLook, now)) {
      return;
    }
    nextLook = now.plus(BETWEEN_LOOKS);
    for (Partition partition : custody.wanted()) {
      if (isHere(partition)) {
        leave(partition, now);
      }
    }
  }

  private boolean isHere(Partition partition) {
    lock.lock();
    try {
      return here.contains(partition);
    } finally {
      lock.unlock();
    }
  }

  private void leave(Partition partition, Moment now) {
    lock.lock();
    try {
      here.remove(partition);
      if (assigned.containsKey(partition)) {
        yielded.put(partition, now.plus(Custody.SILENCE));
      }
      lookAnew();
    } finally {
      lock.unlock();
    }
    if (!late.isEmpty() && late.getFirst().activation().partition().equals(partition)) {
      late = List.of(); // its next owner reads them
    }
    going.put(partition, now.plus(PATIENCE));
    var _ =
        sender.ask(
            (engine, _) -> {
              engine.share().leave(partition);
              positions.remove(partition); // the journal has what is known by then
              return true;
            });
  }

  private void letGo(Partition partition, Moment now) {
    Moment until = going.getOrDefault(partition, now);
    int left = sender.ask(new ShareCommands.Forget(now, partition));
    if (left == 0 || !now.isBefore(until)) {
      boolean _ =
          sender.ask(new ShareCommands.GiveUp(now, partition, () -> desk.rowsAreGone(partition)));
      going.remove(partition);
      LOG.info(
          "{} is given up, since another broker wants it; {} rows were on their way",
          partition,
          left);
    }
  }

  // ---------------------------------------------------------------- reports

  private void takeReports(Moment now) {
    if (!isTime(nextReports, now)) {
      return;
    }
    List<Partition> mine = allHere();
    List<Elsewhere.Left> reports = mine.isEmpty() ? List.of() : elsewhere.left(mine, MOST_REPORTS);
    nextReports = now.plus(reports.isEmpty() ? BETWEEN_LOOKS : REST);
    if (!reports.isEmpty()) {
      int _ = sender.ask(new ShareCommands.TakeReports(now, reports));
    }
    if (reports.size() < MOST_REPORTS && coming.isEmpty() && going.isEmpty()) {
      reportsAreIn = now;
    }
  }

  /**
   * Until when nothing more has to be expected of what other brokers have taken for us: now, unless
   * the journal cannot be asked, or rows come or go. For all threads.
   */
  Moment reportsAreInUpTo(Moment now) {
    Moment in = reportsAreIn;
    return in.isBefore(now) ? in : now;
  }

  private List<Partition> allHere() {
    lock.lock();
    try {
      return List.copyOf(here);
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- rows that come late

  /** How many rows. */
  private int takeLate(Moment now) {
    if (late.isEmpty()) {
      if (!isTime(nextLate, now)) {
        return 0;
      }
      nextLate = now.plus(BETWEEN_LATE);
      List<Partition> mine = allHere();
      late = mine.isEmpty() ? List.of() : custody.late(mine);
      if (late.isEmpty()) {
        return 0;
      }
      nextLate = now; // there may be more
      lateProgress = new ShareCommands.Progress();
    }
    Partition partition = late.getFirst().activation().partition();
    int _ =
        sender.ask( // if the partition has gone its next owner reads them
            new ShareCommands.TakeIn(
                now, partition, late, List.of(), lateProgress, desk::interrupted));
    int rows = late.size();
    late = List.of();
    var _ =
        sender.ask(
            (_, _) -> {
              desk.rowsHaveCome();
              return true;
            });
    LOG.info("{} rows of {} have come from a broker of another kind", rows, partition);
    return rows;
  }

  // ---------------------------------------------------------------- other brokers

  private void judge(Beat found, Moment now) {
    for (Custody.Silent silent : pulse.toDepose(now)) {
      if (custody.depose(silent.broker())) {
        LOG.warn(
            "Broker {} has given no sign of life for {} s and is deposed; its partitions are free",
            silent.name(),
            silent.since().toSeconds());
      }
    }
    adoptOne(found.free());
  }

  /** One at a time, the smallest first, so that several brokers share them. */
  private void adoptOne(List<Free> all) {
    if (!coming.isEmpty() || pulse.isLate(time.now())) {
      return;
    }
    List<Free> orphans = new ArrayList<>();
    for (Free free : all) {
      boolean mayBeOurs = topics.contains(free.partition().topic()) || !free.hasReader();
      if (mayBeOurs && free.since().compareTo(custody.orphanedAfter()) >= 0) {
        orphans.add(free);
      }
    }
    orphans.stream()
        .min(Comparator.comparingLong(Free::rows))
        .ifPresent(
            orphan -> {
              LOG.info(
                  "{} has about {} rows and no owner; this broker takes them",
                  orphan.partition(),
                  orphan.rows());
              adopted.add(orphan.partition());
              nextTaking = null;
            });
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
