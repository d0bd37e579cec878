package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.Share;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of command by which rows come and go with their partitions. Each is a group by itself.
 */
final class ShareCommands {
  private ShareCommands() {}

  private static void take(InflightEngine engine, Elsewhere.Report report, Moment now) {
    Attempt attempt = new Attempt(report.id(), report.token());
    switch (report.word()) {
      case Elsewhere.Word.Concluded(Conclusion conclusion) when report.token() == 0 -> {
        boolean _ = engine.claims().conclude(report.id(), conclusion, report.retry(), now);
      }
      case Elsewhere.Word.Concluded(Conclusion conclusion) -> {
        News outcome = new News.Outcome(attempt, conclusion, report.retry(), report.error());
        var _ = engine.attempts().tell(outcome, now);
      }
      case Elsewhere.Word.NeverBegun _ -> {
        var _ = engine.attempts().tell(new News.HandBack(attempt), now);
      }
      case Elsewhere.Word.Published(Lane lane) -> engine.outbox().published(report.id(), lane);
    }
  }

  /** Reports that are taken in and settled in one group, in order, each once. */
  private static final class Reports {
    private final List<Elsewhere.Left> reports;
    private int decided;
    private int written;

    Reports(List<Elsewhere.Left> reports) {
      this.reports = reports;
    }

    /** Begins with the first one that is not written. */
    void begin() {
      decided = written;
    }

    /**
     * Takes in those of rows up to this key; they are in the order of their rows.
     *
     * @return whether all of them are in
     */
    boolean decideUpTo(long key, InflightEngine engine, Moment now) {
      while (decided < reports.size()
          && reports.get(decided).key() <= key
          && !engine.budget().isSpent()) {
        engine.look();
        take(engine, reports.get(decided).report(), now);
        decided++;
      }
      return decided == reports.size();
    }

    /** If not, they stay where they are, for when their rows are here again. */
    boolean areThere(InflightEngine engine) {
      for (Elsewhere.Left report : reports) {
        Partition partition = report.partition();
        if (!engine.share().isComingOrHere(partition)) {
          return false;
        }
      }
      return true;
    }

    Cargo cargo() {
      return decided == written
          ? Cargo.NONE
          : new Cargo(Map.of(), reports.subList(written, decided), List.of());
    }

    void written() {
      written = decided;
    }
  }

  /**
   * How far a partition's rows have come into the engine, whatever became of the groups in which
   * they came. Used by the writer's thread.
   */
  static final class Progress {
    private long lastKey;
  }

  /**
   * Takes in a piece of a partition's rows, and what was reported on them before. Rows that are in
   * stay, also if the group is taken back. When the piece comes again, they are left alone: they
   * may be over by now, and the piece may have been read before.
   */
  static final class TakeIn extends Command<Integer> {
    private final Partition partition;
    private final List<StoredActivation> rows;
    private final Reports reports;
    private final Progress progress;
    private final Consumer<List<Long>> inDoubt;
    private int restored;

    /**
     * @param rows of the partition, which {@link Share#begin} has begun
     * @param reports on rows of this piece
     * @param progress of this partition since it has begun to come
     * @param inDoubt told of rows whose records Kafka has, or may have; on the writer's thread
     */
    TakeIn(
        Moment queuedAt,
        Partition partition,
        List<StoredActivation> rows,
        List<Elsewhere.Left> reports,
        Progress progress,
        Consumer<List<Long>> inDoubt) {
      super(StoreCall.OTHER, queuedAt);
      this.partition = partition;
      this.rows = rows;
      this.reports = new Reports(reports);
      this.progress = progress;
      this.inDoubt = inDoubt;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      if (!engine.share().isComingOrHere(partition)) {
        restored = -1; // the engine has forgotten it meanwhile
        return true;
      }
      reports.begin();
      boolean areIn = restored == 0 || reports.decideUpTo(keyOfLast(), engine, now);
      while (restored < rows.size() && !engine.budget().isSpent()) {
        engine.look();
        StoredActivation row = rows.get(restored);
        if (row.key() > progress.lastKey) {
          var _ = engine.restore(row, now);
          progress.lastKey = row.key();
        }
        restored++;
        areIn = reports.decideUpTo(keyOfLast(), engine, now); // before its deadline is judged
      }
      inDoubt.accept(engine.outbox().takeInDoubt());
      return restored == rows.size() && (areIn || rows.isEmpty());
    }

    private long keyOfLast() {
      return rows.get(restored - 1).key();
    }

    @Override
    Cargo cargo() {
      return reports.cargo();
    }

    @Override
    void written() {
      reports.written();
    }

    @Override
    Integer answer(List<Delivered> delivered) {
      return restored;
    }
  }

  /** Takes in reports that other brokers have left for rows that are here. */
  static final class TakeReports extends Command<Integer> {
    private final Reports reports;

    TakeReports(Moment queuedAt, List<Elsewhere.Left> reports) {
      super(StoreCall.CONCLUDE_ALL, queuedAt);
      this.reports = new Reports(reports);
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      reports.begin();
      return !reports.areThere(engine) || reports.decideUpTo(Long.MAX_VALUE, engine, now);
    }

    @Override
    Cargo cargo() {
      return reports.cargo();
    }

    @Override
    void written() {
      reports.written();
    }

    @Override
    Integer answer(List<Delivered> delivered) {
      return reports.written;
    }
  }

  /**
   * Forgets a partition's rows that are not on their way; says how many were left, as of the last
   * look at all of them.
   */
  static final class Forget extends Command<Integer> {
    private final Partition partition;
    private int left;

    Forget(Moment queuedAt, Partition partition) {
      super(StoreCall.OTHER, queuedAt);
      this.partition = partition;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      left = engine.share().forget(partition);
      return left >= 0;
    }

    @Override
    Integer answer(List<Delivered> delivered) {
      return left;
    }
  }

  /**
   * Forgets what is left of a partition's rows, and then gives up its custody. While facts cannot
   * be written it does nothing, and answers false: a row that is forgotten before Kafka's
   * acknowledgement of its record is written leaves a second time.
   */
  static final class GiveUp extends Command<Boolean> {
    private final Partition partition;
    private final BooleanSupplier factsRest;
    private final Runnable whenWritten;
    private boolean isBegun;
    private boolean isEmpty;
    private @Nullable InflightEngine decidedBy;

    /**
     * @param factsRest whether facts cannot be written at the moment; asked on the writer's thread
     * @param whenWritten run on the writer's thread; short, and must not throw
     */
    GiveUp(Moment queuedAt, Partition partition, BooleanSupplier factsRest, Runnable whenWritten) {
      super(StoreCall.OTHER, queuedAt);
      this.partition = partition;
      this.factsRest = factsRest;
      this.whenWritten = whenWritten;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      if (!isBegun && factsRest.getAsBoolean()) {
        return true;
      }
      if (!isBegun) {
        isBegun = true;
        engine.share().leave(partition);
      }
      isEmpty = isEmpty || engine.share().forgetAll(partition);
      decidedBy = engine;
      return isEmpty;
    }

    @Override
    Cargo cargo() {
      return isEmpty ? new Cargo(Map.of(), List.of(), List.of(partition)) : Cargo.NONE;
    }

    @Override
    boolean mustSurvivePowerCut() {
      return isEmpty;
    }

    @Override
    boolean isDivisible() {
      return false;
    }

    @Override
    StoreException narrowed(InflightEngine engine) {
      return new StoreException.Unavailable(partition + " could not be given up");
    }

    @Override
    void written() {
      if (isEmpty && decidedBy != null) {
        decidedBy.share().gone(partition);
        whenWritten.run();
      }
    }

    @Override
    Boolean answer(List<Delivered> delivered) {
      return isEmpty;
    }
  }

  /** Those of these reports that are about one of these rows, in the order of the rows. */
  static List<Elsewhere.Left> on(List<StoredActivation> rows, List<Elsewhere.Left> reports) {
    if (rows.isEmpty() || reports.isEmpty()) {
      return List.of();
    }
    long first = rows.getFirst().key();
    long last = rows.getLast().key();
    List<Elsewhere.Left> found = new ArrayList<>();
    for (Elsewhere.Left report : reports) {
      if (report.key() >= first && report.key() <= last) {
        found.add(report);
      }
    }
    found.sort(
        Comparator.comparingLong(Elsewhere.Left::key).thenComparingLong(Elsewhere.Left::number));
    return found;
  }
}
