package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.intake.Holdings;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.store.StoreOpener;
import io.taskbroker.application.store.StoreSize;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A store that owns its journal alone: every decision is made in memory by one thread, and written
 * down in groups before it is answered.
 *
 * <p>Each port has an object of its own; all of them send their callers' commands to the one {@link
 * Writer}. Safe for any number of threads.
 */
public final class OwnedStore implements Store {
  /**
   * Between two attempts to write what could not be written: short beside a worker's patience, and
   * long beside an attempt.
   */
  static final Duration PAUSE = Duration.ofMillis(200);

  private final Journal journal;
  private final StoreSettings settings;
  private final TimeSource time;
  private final CommandQueue queue;
  private final CommandSender sender;
  private final Writer writer;
  private final OwnedIntake intake;
  private final OwnedDispatch dispatch;
  private final OwnedSweeps sweeps;
  private final OwnedRules rules;
  private final OwnedOutbox outbox;
  private final Defects faults;
  private final OwnedTasks tasks;
  private final OwnedSteering steering;
  private final OwnedRuleOrders ruleOrders;
  private final OwnedAttempts attempts;

  /** Null if all rows are here, always. */
  private final @Nullable Custodian custodian;

  private final Messenger messenger;
  private final Job writing;
  private final Job watching;

  private OwnedStore(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      StoreWatch watch,
      EventSink<StoreEvent> metrics) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    this.queue = new CommandQueue(settings.maxWaiting(), threads);
    this.sender = new CommandSender(queue, time, threads);
    Sharing sharing = journal.sharing().orElse(null);
    this.messenger =
        sharing == null ? Messenger.toNobody() : Messenger.to(sharing.elsewhere(), threads);
    this.writer =
        new Writer(
            journal,
            settings,
            time,
            threads,
            queue,
            messenger,
            watch,
            EventSink.careful("the store", metrics, time));
    this.custodian =
        sharing == null
            ? null
            : new Custodian(sharing, journal.place(), sender, time, threads, writer.desk(), watch);
    this.intake = new OwnedIntake(sender, journal, writer::view, custodian);
    this.dispatch = new OwnedDispatch(sender, time, writer, messenger, this::isLate);
    this.sweeps = new OwnedSweeps(sender, journal, time, writer::view, custodian);
    this.rules = new OwnedRules(sender, journal, writer.putAside());
    this.outbox = new OwnedOutbox(sender, journal, writer.putAside(), writer::view, messenger);
    this.faults = new Defects("calls that wait for the store were not looked through", time);
    this.tasks = new OwnedTasks(sender, journal, writer.endings(), time);
    this.steering =
        new OwnedSteering(
            sender,
            () -> {
              if (custodian != null) {
                custodian.takeReportsNow();
              }
            });
    this.ruleOrders = new OwnedRuleOrders(sender, writer.sharedOrders());
    this.attempts = new OwnedAttempts(sender, messenger);
    this.writing = threads.job("store-writer", Threads.Kind.PLATFORM, writer::run);
    this.watching = threads.job("store-watch", Threads.Kind.VIRTUAL, this::watchWaiting);
  }

  /** As the other, with nobody told whether the store can write, and nobody who counts. */
  public static OwnedStore open(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      Consumer<Throwable> onFatal) {
    return open(journal, settings, time, threads, _ -> {}, onFatal, EventSink.none());
  }

  /** An opener for a broker, over a journal that is opened already. */
  public static StoreOpener over(Journal journal, StoreSettings settings) {
    return (time, threads, watch, metrics) -> {
      OwnedStore store = open(journal, settings, time, threads, watch, metrics);
      store.writer.threads().all().forEach(watch::thread);
      if (store.custodian != null) {
        store.custodian.heartbeats().forEach(watch::thread);
      }
      return store;
    };
  }

  /**
   * Opens the store over a journal, which is the store's from here on and is closed with it.
   *
   * @param onWriting told, on the writer's thread, why something could not be written, and with
   *     nothing when all can be written again; whoever wanted it written is told, too
   * @param onFatal told once, on the writer's thread, when the store has ended because its journal
   *     failed for good; the process must end then
   * @param metrics who counts what happens
   * @throws JournalException if the journal cannot be read; it is closed then
   */
  public static OwnedStore open(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      Consumer<Optional<String>> onWriting,
      Consumer<Throwable> onFatal,
      EventSink<StoreEvent> metrics) {
    StoreWatch watch =
        new StoreWatch() {
          @Override
          public void writing(Optional<String> trouble) {
            onWriting.accept(trouble);
          }

          @Override
          public void reading(Optional<String> trouble) {}

          @Override
          public void failed(Throwable cause) {
            onFatal.accept(cause);
          }
        };
    return open(journal, settings, time, threads, watch, metrics);
  }

  private static OwnedStore open(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      StoreWatch watch,
      EventSink<StoreEvent> metrics) {
    OwnedStore store = new OwnedStore(journal, settings, time, threads, watch, metrics);
    try {
      store.writer.load();
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
    journal.whenEnded(store.writer::endAfter);
    if (store.custodian != null) {
      store.writer.serves(store.custodian);
    }
    store.writing.start();
    store.watching.start();
    if (store.custodian != null) {
      store.custodian.start(store.intake::here);
    }
    return store;
  }

  // ---------------------------------------------------------------- ports

  @Override
  public IntakeStore intake() {
    return intake;
  }

  @Override
  public Holdings holdings() {
    return custodian == null ? Holdings.OF_ALL : custodian;
  }

  @Override
  public DispatchStore dispatch() {
    return dispatch;
  }

  @Override
  public PushStore pushes() {
    return dispatch;
  }

  @Override
  public SweepStore sweeps() {
    return sweeps;
  }

  @Override
  public RulesStore rules() {
    return rules;
  }

  @Override
  public OutboxStore outbox() {
    return outbox;
  }

  @Override
  public StoredTasks tasks() {
    return tasks;
  }

  @Override
  public SteeringStore steering() {
    return steering;
  }

  @Override
  public RuleOrderStore ruleOrders() {
    return ruleOrders;
  }

  @Override
  public AttemptStore attempts() {
    return attempts;
  }

  // ---------------------------------------------------------------- how it is

  @Override
  public StoreSize size() {
    return journal.size();
  }

  @Override
  public int waiting() {
    return queue.waiting();
  }

  /** Whether other brokers may soon take this one for dead. */
  private boolean isLate(Moment now) {
    return custodian != null && custodian.isLate(now);
  }

  // ---------------------------------------------------------------- ending

  static StoreException waitedTooLong(Duration longest) {
    return new StoreException.Unavailable(
        "The store did not get to this within " + longest.toSeconds() + " s; nothing was changed");
  }

  /**
   * Answers whoever has waited too long even while the writer hangs in a write, and lets what could
   * not be written be tried again.
   */
  private void watchWaiting() {
    while (!writing.awaitEnd(PAUSE)) {
      try {
        queue.endRest();
        for (Command<?> overdue : queue.withdrawOverdue(time.now(), settings.longestWait())) {
          overdue.fail(waitedTooLong(settings.longestWait()));
        }
      } catch (RuntimeException | Error e) { // without this thread facts would rest for ever
        faults.accept(e);
      }
    }
  }

  /** Does what waits already, refuses what comes later, and closes the journal. */
  @Override
  public void close() {
    queue.end(new StoreException.Closed("The store is closed"));
    if (custodian != null) { // which the writer answers to the end
      custodian.close();
    }
    writing.awaitEnd();
    messenger.close();
    if (custodian != null) {
      custodian.endBeats();
    }
    journal.close();
  }
}
