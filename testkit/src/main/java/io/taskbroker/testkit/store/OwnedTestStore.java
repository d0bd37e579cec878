package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The owned store over any journal, for those who write one. */
public final class OwnedTestStore implements TestStore {
  private final Supplier<? extends Journal> opener;
  private final StoreSettings settings;
  private final TimeSource time;
  private MortalJournal journal;
  private OwnedStore store;

  /**
   * Opens the store.
   *
   * @param opener opens a new journal when it is first called, and the same one, which has been
   *     closed meanwhile, each time after
   */
  public OwnedTestStore(
      Supplier<? extends Journal> opener, EngineSettings settings, TimeSource time) {
    this.opener = opener;
    this.settings = new StoreSettings(settings, false);
    this.time = time;
    this.journal = new MortalJournal(opener.get());
    this.store = open(journal);
  }

  private OwnedStore open(Journal opened) {
    OwnedStore begun = OwnedStore.open(opened, settings, time, SystemThreads.INSTANCE, _ -> {});
    var _ = begun.rules().find(Set.of(), 0); // after what it writes first
    return begun;
  }

  @Override
  public IntakeStore intake() {
    return store.intake();
  }

  @Override
  public DispatchStore dispatch() {
    return store.dispatch();
  }

  @Override
  public SweepStore sweeps() {
    return store.sweeps();
  }

  @Override
  public PushStore pushes() {
    return store.pushes();
  }

  @Override
  public RulesStore rules() {
    return store.rules();
  }

  @Override
  public OutboxStore outbox() {
    return store.outbox();
  }

  @Override
  public StoredTasks tasks() {
    return store.tasks();
  }

  @Override
  public SteeringStore steering() {
    return store.steering();
  }

  @Override
  public RuleOrderStore ruleOrders() {
    return store.ruleOrders();
  }

  @Override
  public AttemptStore attempts() {
    return store.attempts();
  }

  @Override
  public List<KeptRow> rows() {
    journal.lookAtNextReclaim();
    var _ = store.sweeps().reclaim();
    return journal.seen().stream().map(KeptRow::of).toList();
  }

  @Override
  public void dieAtNextWrite(Death death) {
    journal.dieAtNextWrite(death);
  }

  @Override
  public void reopen() {
    store.close();
    journal = new MortalJournal(opener.get());
    store = open(journal);
  }

  @Override
  public void close() {
    store.close();
  }
}
