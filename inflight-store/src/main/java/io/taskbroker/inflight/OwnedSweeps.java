package io.taskbroker.inflight;

import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.operator.Outliers;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The owned store, as upkeep sees it. */
final class OwnedSweeps implements SweepStore {
  private final CommandSender sender;
  private final Journal journal;
  private final TimeSource time;
  private final Supplier<StoreView> view;
  private final @Nullable Custodian custodian;

  /**
   * @param custodian told which topics are read here, and asked up to when reports are in; null if
   *     all rows are here, always
   */
  OwnedSweeps(
      CommandSender sender,
      Journal journal,
      TimeSource time,
      Supplier<StoreView> view,
      @Nullable Custodian custodian) {
    this.custodian = custodian;
    this.sender = sender;
    this.journal = journal;
    this.time = time;
    this.view = view;
  }

  @Override
  public int sweep(Sweep kind, int limit) {
    return sender.askToRepeat(
        callOf(kind),
        limit,
        (engine, now, left) ->
            mayJudge(kind) ? engine.sweeps().sweep(kind, left, judgedAt(kind, now)) : 0);
  }

  /**
   * A report that another broker has taken before a deadline counts, however late it comes here.
   */
  private Moment judgedAt(Sweep kind, Moment now) {
    return switch (kind) {
      case DEADLINES, LEASES -> custodian == null ? now : custodian.reportsAreInUpTo(now);
      case ATTEMPTS, EXPIRY, DELAYS, DISCARDS, COMMITTED -> now;
    };
  }

  /**
   * While something that has happened cannot be written, nobody's silence is judged: it may say
   * that a task reached nobody, or that a worker was given more time.
   */
  private boolean mayJudge(Sweep kind) {
    return switch (kind) {
      case DEADLINES, LEASES -> !sender.factsRest();
      case ATTEMPTS, EXPIRY, DELAYS, DISCARDS, COMMITTED -> true;
    };
  }

  private static StoreCall callOf(Sweep kind) {
    return switch (kind) {
      case LEASES -> StoreCall.SWEEP_LEASES;
      case ATTEMPTS -> StoreCall.SWEEP_ATTEMPTS;
      case EXPIRY -> StoreCall.SWEEP_EXPIRY;
      case DELAYS -> StoreCall.SWEEP_DELAYS;
      case COMMITTED -> StoreCall.SWEEP_COMMITTED;
      case DEADLINES, DISCARDS -> StoreCall.OTHER;
    };
  }

  @Override
  public void onlyConsumed(Set<String> topics) {
    if (custodian != null) {
      custodian.consumes(topics);
    }
    sender.ask(
        (engine, _) -> {
          engine.positions().onlyConsumed(topics);
          return topics.size();
        });
  }

  @Override
  public boolean reclaim() {
    return sender.ask(StoreCall.RECLAIM, (_, _) -> journal.reclaim());
  }

  @Override
  public void rewrite() {
    sender.ask(
        StoreCall.REWRITE,
        (_, _) -> {
          journal.rewrite();
          return true;
        });
  }

  @Override
  public Depths depths() {
    return view.get().depths();
  }

  @Override
  public Totals totals() {
    return view.get().totals();
  }

  @Override
  public Optional<Activation> lastExhausted() {
    return Optional.ofNullable(view.get().lastExhausted());
  }

  @Override
  public Outliers outliers() {
    return view.get().outliers();
  }

  @Override
  public Duration lag() {
    var oldest = view.get().oldestDueMs();
    return oldest.isEmpty()
        ? Duration.ZERO
        : Duration.ofMillis(Math.max(0, Times.minus(time.now().wallMs(), oldest.getAsLong())));
  }
}
