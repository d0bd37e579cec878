package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Custody.Held;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the rows of partitions into the engine, page by page: of those that are ours to read, and
 * of those that nobody reads. Used on the custodian's thread.
 */
final class ComingPartitions {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private static final int PAGE_ROWS = 5_000;

  private final Custody custody;
  private final Elsewhere elsewhere;
  private final CommandSender sender;
  private final TimeSource time;
  private final Custodian.Desk desk;
  private final OwnPartitions own;
  private final Absences absences;

  /** Where the group stands in partitions whose rows are not here yet. On the writer's thread. */
  private final Map<Partition, Long> positions = new LinkedHashMap<>();

  private final Map<Partition, Coming> coming = new LinkedHashMap<>();

  /** To be taken, though nobody reads them here, or taken and not begun. */
  private final Set<Partition> adopted = new LinkedHashSet<>();

  private @Nullable Moment nextTaking;

  /** Everything was forgotten, and not all is here again. */
  private boolean isStartingOver;

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

  /**
   * @param absences told what is not here, and whose it is
   */
  ComingPartitions(
      Sharing sharing,
      CommandSender sender,
      TimeSource time,
      Custodian.Desk desk,
      OwnPartitions own,
      Absences absences) {
    this.custody = sharing.custody();
    this.elsewhere = sharing.elsewhere();
    this.sender = sender;
    this.time = time;
    this.desk = desk;
    this.own = own;
    this.absences = absences;
  }

  /** Where the group stands in a partition whose rows are not here yet. On the writer's thread. */
  void standsAt(Partition partition, long position) {
    positions.put(partition, position);
  }

  /** The journal has what is known of where the group stands. On the writer's thread. */
  void leaves(Partition partition) {
    positions.remove(partition);
  }

  // ---------------------------------------------------------------- taking

  /**
   * Takes what is wanted and free, and asks for the rest.
   *
   * @param leaving what is being given up, and is not taken meanwhile
   */
  void take(Set<Partition> leaving, Moment now) {
    Set<Partition> read = own.missing(now);
    Set<Partition> wished = new LinkedHashSet<>(read);
    wished.addAll(adopted);
    wished.removeAll(coming.keySet());
    wished.removeAll(leaving);
    if (wished.isEmpty() || !Custodian.isTime(nextTaking, now)) {
      return;
    }
    nextTaking = now.plus(Custodian.BETWEEN_LOOKS);
    adopted.addAll(wished); // if the answer is lost they may be ours all the same
    List<Held> held = custody.take(wished);
    adopted.clear();
    held.forEach(one -> adopted.add(one.partition()));
    for (Held one : held) {
      if (begin(one)) {
        adopted.remove(one.partition());
      }
      wished.remove(one.partition());
    }
    wished.retainAll(read);
    if (!wished.isEmpty()) {
      absences.areKept(custody.ask(wished), now);
    }
  }

  /** Returns whether it has begun; if not, everything is to start over, and that comes first. */
  private boolean begin(Held held) {
    Partition partition = held.partition();
    List<Elsewhere.Left> reports = elsewhere.left(List.of(partition), Custodian.MOST_REPORTS);
    boolean hasBegun =
        sender.ask(
            (engine, now) -> {
              if (own.isToStartOver()) {
                return false; // what came now would come a second time, from a page read before
              }
              engine.share().begin(partition, held.position(), now);
              return true;
            });
    if (hasBegun) {
      coming.put(partition, new Coming(reports, time.now()));
    }
    return hasBegun;
  }

  /**
   * Takes one of these, which nobody reads: the smallest, and one at a time, so that several
   * brokers share them. Nothing while others come.
   *
   * @param topics that are read here
   */
  void adoptOne(List<Free> all, Set<String> topics) {
    if (!coming.isEmpty()) {
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
                  "{} has {} rows or more and no owner; this broker takes them",
                  orphan.partition(),
                  orphan.rows());
              adopted.add(orphan.partition());
              nextTaking = null;
            });
  }

  /** Whether nothing is on its way. */
  boolean isIdle() {
    return coming.isEmpty();
  }

  // ---------------------------------------------------------------- reading

  /**
   * Brings one page of one partition.
   *
   * @param whenHere told, on this thread, when a partition has come
   * @return how many rows
   */
  int loadNext(Moment now, Consumer<Partition> whenHere) {
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
                desk::inDoubt));
    if (taken < page.size()) {
      return 0; // the engine has forgotten it meanwhile
    }
    state.rows += page.size();
    if (page.size() == PAGE_ROWS) {
      absences.isRead(partition, state.rows, now);
      state.after = page.getLast().key();
      return page.size();
    }
    if (complete(partition, state)) {
      whenHere.accept(partition);
    }
    return 1;
  }

  private boolean complete(Partition partition, Coming state) {
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
      return false;
    }
    coming.remove(partition);
    if (!own.hasCome(partition)) {
      adopted.add(partition); // it is ours, and has to come once more
      return false;
    }
    LOG.info(
        "{} is in this broker's custody; its {} rows were read in {} ms",
        partition,
        state.rows,
        time.now().since(state.since).toMillis());
    return true;
  }

  // ---------------------------------------------------------------- starting over

  /**
   * The engine has forgotten everything: all has to come once more.
   *
   * @param here what was here
   * @param leaving what was being given up
   */
  void startOver(Collection<Partition> here, Collection<Partition> leaving) {
    adopted.addAll(here);
    adopted.addAll(coming.keySet());
    adopted.addAll(leaving);
    coming.clear();
    nextTaking = null;
    isStartingOver = true;
  }

  /** Says so once all is here again. What somebody else has by now does not come. */
  void endStartingOver() {
    if (!isStartingOver || !adopted.isEmpty() || !coming.isEmpty()) {
      return;
    }
    isStartingOver = false;
    var _ =
        sender.ask(
            (_, _) -> {
              if (!own.isToStartOver()) { // not once more meanwhile
                desk.allIsHereAgain();
              }
              return true;
            });
  }
}
