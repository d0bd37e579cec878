package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The kinds of command. */
final class Commands {
  private Commands() {}

  /** Asks the engine for something that needs no payload. */
  static final class Ask<T> extends Command<T> {
    private final BiFunction<InflightEngine, Moment, T> question;
    private @Nullable T decision;

    Ask(StoreCall call, Moment queuedAt, BiFunction<InflightEngine, Moment, T> question) {
      super(call, queuedAt);
      this.question = question;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      decision = question.apply(engine, now);
      return true;
    }

    @Override
    T answer(List<Delivered> delivered) {
      T decided = decision;
      if (decided == null) {
        throw new IllegalStateException("answered before it was decided");
      }
      return decided;
    }
  }

  /** Does something to a number of rows, in as many turns as that takes; how many it was. */
  static final class Repeat extends Command<Integer> {
    /** Does some of it, at most {@code limit}, as far as the engine's budget goes. */
    @FunctionalInterface
    interface Step {
      int take(InflightEngine engine, Moment now, int limit);
    }

    private final Step step;
    private final int limit;
    private int rows;
    private int written;

    Repeat(StoreCall call, Moment queuedAt, int limit, Step step) {
      super(call, queuedAt);
      this.step = step;
      this.limit = limit;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      rows = written + step.take(engine, now, limit - written);
      return rows >= limit || !engine.budget().isSpent();
    }

    @Override
    void written() {
      written = rows;
    }

    @Override
    Integer answer(List<Delivered> delivered) {
      return rows;
    }
  }

  /** Does the same to each of these rows, in as many turns as that takes; how many changed. */
  static final class ToEach extends Command<Integer> {
    private final List<Long> keys;
    private final BiPredicate<InflightEngine, Long> change;
    private int looked;
    private int changed;
    private int writtenLooks;
    private int writtenChanges;

    ToEach(
        StoreCall call,
        Moment queuedAt,
        Collection<Long> keys,
        BiPredicate<InflightEngine, Long> change) {
      super(call, queuedAt);
      this.keys = List.copyOf(keys);
      this.change = change;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      looked = writtenLooks;
      changed = writtenChanges;
      while (looked < keys.size() && !engine.budget().isSpent()) {
        changed += change.test(engine, keys.get(looked)) ? 1 : 0;
        looked++;
      }
      return looked == keys.size();
    }

    @Override
    void written() {
      writtenLooks = looked;
      writtenChanges = changed;
    }

    @Override
    Integer answer(List<Delivered> delivered) {
      return changed;
    }
  }

  /** Records a report if there is one, then hands out the next activation if one is wished for. */
  static final class Serve extends Waiting<Concluded> {
    private final @Nullable Report report;
    private final Messenger messenger;
    private @Nullable CompletionStage<Boolean> leaving;
    private @Nullable ClaimFilter filter;
    private boolean isRecorded;
    private boolean known;
    private List<Claim> claims = List.of();

    /**
     * @param messenger takes the report if its task is not here
     */
    Serve(
        Moment queuedAt,
        @Nullable Report report,
        @Nullable ClaimFilter filter,
        Recipient recipient,
        Messenger messenger) {
      super(report == null ? StoreCall.CLAIM : StoreCall.CONCLUDE, queuedAt, recipient);
      this.report = report;
      this.messenger = messenger;
      this.filter = filter;
    }

    @Override
    long broughtBytes() {
      return (report == null ? 0 : report.id().length())
          + (filter == null ? 0 : Brought.bytes(filter));
    }

    @Override
    boolean handOutNothing() {
      filter = null;
      return report != null;
    }

    @Override
    @Nullable StoreException narrowed(InflightEngine engine) {
      return report == null || !engine.isPutAside(report.id())
          ? null
          : new StoreException.Rejected(
              "Activation "
                  + report.id()
                  + " cannot be written, and is put aside until the next start");
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      if (report != null && !isRecorded) {
        known = engine.claims().conclude(report.id(), report.conclusion(), report.retry(), now);
      }
      claims =
          filter == null
              ? List.of()
              : engine
                  .claims()
                  .pull(List.of(filter), 1, Long.MAX_VALUE, null, recipient().worker(), now);
      return filter == null || !claims.isEmpty() || !engine.budget().isSpent();
    }

    /** A report does not wait for the next task. */
    @Override
    void written() {
      if (!isRecorded && report != null && !known && messenger.hasOthers()) {
        leaving = messenger.leave(report);
      }
      isRecorded = true;
    }

    /** Whether the report was passed on to another broker; null if it was not to be. */
    @Nullable CompletionStage<Boolean> leaving() {
      return leaving;
    }

    @Override
    List<ClaimFilter> wishes() {
      return filter == null ? List.of() : List.of(filter);
    }

    /** A report that is written is answered for, whatever became of the wish for the next task. */
    @Override
    void fail(StoreException failure) {
      if (isRecorded && report != null) {
        complete(List.of());
      } else {
        super.fail(failure);
      }
    }

    @Override
    List<Claim> claims() {
      return claims;
    }

    @Override
    Concluded answer(List<Delivered> delivered) {
      return new Concluded(
          known, delivered.isEmpty() ? Optional.empty() : Optional.of(delivered.getFirst()));
    }
  }

  /** Hands out a number of activations. */
  static final class ServeMany extends Waiting<List<Delivered>> {
    private final Want want;
    private List<Claim> claims = List.of();

    ServeMany(Moment queuedAt, Want want, Recipient recipient) {
      super(StoreCall.CLAIM, queuedAt, recipient);
      this.want = want;
    }

    @Override
    long broughtBytes() {
      return Brought.bytes(want.filters());
    }

    @Override
    boolean handOutNothing() {
      return false;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      claims =
          engine
              .claims()
              .pull(
                  want.filters(),
                  want.tasks(),
                  want.bytes(),
                  want.longestPause(),
                  recipient().worker(),
                  now);
      return !claims.isEmpty() || !engine.budget().isSpent();
    }

    @Override
    List<ClaimFilter> wishes() {
      return want.filters();
    }

    @Override
    List<Claim> claims() {
      return claims;
    }

    @Override
    List<Delivered> answer(List<Delivered> delivered) {
      return delivered;
    }
  }

  /** Takes rows that have to leave, for one publisher. */
  static final class TakeOutgoing extends Command<List<Outgoing>> {
    private final BiFunction<InflightEngine, Moment, List<Outgoing>> question;
    private List<Outgoing> taken = List.of();

    TakeOutgoing(Moment queuedAt, BiFunction<InflightEngine, Moment, List<Outgoing>> question) {
      super(StoreCall.OTHER, queuedAt);
      this.question = question;
    }

    @Override
    boolean handOutNothing() {
      return false;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      taken = question.apply(engine, now);
      return true;
    }

    /** What could not be written is not the publisher's, and everything else is. */
    @Override
    @Nullable StoreException narrowed(InflightEngine engine) {
      taken = taken.stream().filter(row -> engine.outbox().isTaken(row.key())).toList();
      return null;
    }

    @Override
    boolean isAnsweredInPart() {
      return true;
    }

    /** From here on a record may be in Kafka, which must not be forgotten if it goes there once. */
    @Override
    boolean mustSurvivePowerCut() {
      return taken.stream().anyMatch(row -> row.activation().isAtMostOnce());
    }

    @Override
    List<Outgoing> answer(List<Delivered> delivered) {
      return taken;
    }
  }

  /** Takes a number of activations for a push. */
  static final class ClaimForPush extends Command<List<Delivered>> {
    private final BiFunction<InflightEngine, Moment, List<Claim>> question;
    private List<Claim> claims = List.of();

    ClaimForPush(Moment queuedAt, BiFunction<InflightEngine, Moment, List<Claim>> question) {
      super(StoreCall.CLAIM_FOR_PUSH, queuedAt);
      this.question = question;
    }

    @Override
    boolean handOutNothing() {
      return false;
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      claims = question.apply(engine, now);
      return !claims.isEmpty() || !engine.budget().isSpent();
    }

    @Override
    List<Claim> claims() {
      return claims;
    }

    @Override
    List<Delivered> answer(List<Delivered> delivered) {
      return delivered;
    }
  }

  /** Records reports as if each had come alone. */
  static final class ReportAll extends Command<List<Boolean>> {
    private final List<Report> reports;
    private final List<Boolean> known;
    private int written;

    ReportAll(Moment queuedAt, List<Report> reports) {
      super(StoreCall.CONCLUDE_ALL, queuedAt);
      this.reports = List.copyOf(reports);
      this.known = new ArrayList<>(reports.size());
    }

    @Override
    long broughtBytes() {
      return Brought.bytes(reports, Report::id);
    }

    @Override
    boolean decide(InflightEngine engine, Moment now) {
      known.subList(written, known.size()).clear();
      while (known.size() < reports.size() && !engine.budget().isSpent()) {
        Report report = reports.get(known.size());
        known.add(engine.claims().conclude(report.id(), report.conclusion(), report.retry(), now));
      }
      return known.size() == reports.size();
    }

    @Override
    void written() {
      written = known.size();
    }

    @Override
    @Nullable StoreException narrowed(InflightEngine engine) {
      for (int i = 0; i < known.size(); i++) {
        known.set(i, known.get(i) && !engine.isPutAside(reports.get(i).id()));
      }
      return null;
    }

    @Override
    List<Boolean> answer(List<Delivered> delivered) {
      return known;
    }
  }
}
