package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.Endings;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.SharedOrders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that asks the engine and writes the journal: it gathers what waits into a group,
 * decides it, writes it in one transaction, and only then answers.
 *
 * <p>What fails before anything was written is taken back in the engine, and its callers are told.
 * After a failed sync nothing is written any more.
 */
final class Writer {
  /** Rows that the facts, or the workers' calls, of one turn may touch: some 8 ms together. */
  static final int SERVED_ROWS = 1_024;

  private final Journal journal;
  private final StoreSettings settings;
  private final TimeSource time;
  private final CommandQueue queue;
  private final Writability writability;
  private final Readability readability;
  private final EventSink<StoreEvent> metrics;

  /** Null if the engine counts its keys by itself, as nobody else has any. */
  private final @Nullable KeyBlocks keys;

  private final InflightEngine engine;
  private final Committer committer;
  private final Answers answers;
  private final PutAside putAside;
  private final LargePayloads largePayloads;
  private final Syncer syncer;
  private final Waits waits;
  private final Groups groups;
  private final FactTurns facts;
  private final RoundsAhead roundsAhead;
  private final IntakeSlices intakeSlices;
  private final QueueTimes queueTimes;
  private final StoreThreads lives;

  /** The engine has forgotten everything, and not all is here again. */
  private boolean isStartingOver;

  /** What this turn is about; null between two of them. */
  private CommandQueue.@Nullable Work current;

  Writer(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      CommandQueue queue,
      Messenger messenger,
      StoreWatch watch,
      EventSink<StoreEvent> metrics) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    this.queue = queue;
    this.writability = new Writability(watch::writing, watch::failed);
    this.readability = new Readability(watch::reading);
    this.metrics = metrics;
    this.keys = journal.sharing().map(Sharing::keys).map(KeyBlocks::new).orElse(null);
    this.engine =
        keys == null
            ? new InflightEngine(settings.engine())
            : InflightEngine.sharing(settings.engine(), keys);
    this.lives = StoreThreads.of(journal.place(), time);
    boolean isShared = journal.sharing().isPresent();
    Doubt doubt = new Doubt(isShared, queue::hasEnded, time, threads, writability, lives.writer());
    this.committer = new Committer(journal, engine, time, writability, metrics, doubt);
    this.waits = new Waits(engine, settings.maxWaiters());
    this.answers = new Answers(queue, time, waits, messenger);
    this.putAside = new PutAside(engine, journal, readability, metrics, time);
    this.largePayloads =
        new LargePayloads(
            journal,
            queue,
            threads,
            answers,
            readability,
            new UnreadableClaims(answers, putAside, time)::giveBack,
            lives.largePayloads());
    this.syncer =
        new Syncer(
            journal, time, threads, metrics, this::endAfter, this::startOverAfter, lives.sync());
    committer.whenGroupsMayBeLost(syncer::groupsMayBeLost);
    this.groups =
        new Groups(
            engine,
            committer,
            queue,
            answers,
            largePayloads,
            putAside,
            settings.syncEveryCommit(),
            new Defects("a command of the store failed, and nothing of it was kept", time));
    this.facts = new FactTurns(queue, groups, time);
    this.roundsAhead = new RoundsAhead(engine, groups, queue);
    this.intakeSlices = new IntakeSlices(engine, committer, syncer, time);
    this.queueTimes = new QueueTimes(time, metrics);
  }

  /** Fills the engine from the journal; once, and first. */
  void load() {
    new Restoration(journal, engine, committer, answers).run(time.now());
  }

  /**
   * Has the custodian told when the engine had to forget everything; to be called before this
   * thread begins.
   */
  void serves(Custodian custodian) {
    committer.whenStartedOver(
        () -> {
          isStartingOver = true;
          groups.owed().forget(_ -> true);
          custodian.startOver();
        });
  }

  /** What a custodian needs; it is called as {@link Custodian.Desk} says. */
  Custodian.Desk desk() {
    return new Custodian.Desk() {
      @Override
      public SharedOrders orders() {
        return engine.sharedOrders();
      }

      @Override
      public void rowsHaveCome() {
        if (keys != null) {
          keys.dropRest();
        }
      }

      @Override
      public void rowsAreGone(Partition partition) {
        groups.owed().forget(change -> isOf(partition, change));
        putAside.countAnew();
      }

      @Override
      public void inDoubt(List<Long> rows) {
        Restoration.tell(rows, answers, time.now());
      }

      @Override
      public void outdated(JournalException.Outdated loss) {
        startOverAfter(loss);
      }

      @Override
      public void allIsHereAgain() {
        isStartingOver = false;
      }

      @Override
      public void failed(JournalException.Final failure) {
        endAfter(failure);
      }
    };
  }

  /** A deletion does not say of which partition it is, so it goes with any of them. */
  private static boolean isOf(Partition partition, Changes change) {
    return !change.deleted().isEmpty()
        || Stream.concat(change.inserted().stream(), change.updated().stream())
            .anyMatch(row -> row.activation().partition().equals(partition));
  }

  /** Signs of life of this thread and of those beside it. */
  StoreThreads threads() {
    return lives;
  }

  /** For commands, on this thread. */
  PutAside putAside() {
    return putAside;
  }

  /** What is stored, as of the last group; for all threads. */
  StoreView view() {
    return committer.view();
  }

  /** What other brokers have ordered; for all threads as it says. */
  SharedOrders sharedOrders() {
    return engine.sharedOrders();
  }

  /** What has ended last; for all threads. */
  Endings endings() {
    return engine.endings();
  }

  /** Works until the queue has ended, and all that has happened outside is written. */
  void run() {
    try {
      begin();
      workToTheEnd();
      endWaits();
      largePayloads.close(); // what it could not deliver is among the last facts
      workToTheEnd(); // what it could not read goes on with other rows
      lives.writer().beat(FactTurns.LAST_FACTS.multipliedBy(2));
      facts.fail(new StoreException.Closed("The store is closed"));
      syncer.close();
      facts.writeLast();
      groups.owed().retryLast();
    } catch (JournalException.Final e) {
      end("The store's journal failed for good: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      end("The store's writer hit a defect: " + e, e);
      if (e instanceof Error error) {
        throw error;
      }
    } finally {
      largePayloads.close();
      syncer.close();
      lives.all().forEach(Heartbeat::end);
    }
  }

  /** Before anybody has asked for a task. */
  private void begin() {
    lives.writer().beat();
    roundsAhead.reserve(time.now());
    lives.writer().idle();
  }

  private void workToTheEnd() {
    current = next();
    while (current != null) {
      turn(current);
      lives.writer().idle();
      current = next();
    }
  }

  private CommandQueue.@Nullable Work next() {
    if (queue.waiting() == 0) {
      journal.tidy();
    }
    return queue.take(waits.untilNext(time.now(), !queue.factsRest()));
  }

  /** This one has gone, and need not wait any longer. For commands, on this thread. */
  void leave(Recipient recipient) {
    @Nullable Waiting<?> command = waits.leave(recipient);
    if (command != null) {
      answers.complete(command, List.of());
    }
  }

  /** Nobody waits from here on. For commands, on this thread. */
  void endWaits() {
    waits.end().forEach(command -> answers.complete(command, List.of()));
  }

  /** As {@link #endAfter}: the engine forgets everything. */
  private void startOverAfter(JournalException.Outdated failure) {
    meet(failure);
  }

  /** Has the writer's thread, which may be idle, meet a failure that another one has met. */
  void endAfter(JournalException.Final failure) {
    meet(failure);
  }

  private void meet(JournalException failure) {
    queue.upkeep(
        new Commands.Ask<>(
            StoreCall.OTHER,
            time.now(),
            (_, _) -> {
              throw failure;
            }));
  }

  private void turn(CommandQueue.Work work) {
    long began = time.nanos();
    takeTurn(work);
    metrics.count(new StoreEvent.Turned(Duration.ofNanos(time.nanos() - began)));
  }

  private void takeTurn(CommandQueue.Work work) {
    Moment now = time.now();
    Command<?> last = work.upkeep();
    if (last != null && last.call() == StoreCall.REWRITE) {
      lives.writer().beat(StoreThreads.LONGEST_REWRITE);
    } else {
      lives.writer().beat();
    }
    queueTimes.tell(work);
    serve(work, now);
    IntakeCommand intake = work.intake();
    if (intake != null && intakeSlices.writeNext(intake, now)) {
      queue.intakeDone(intake);
    }
    alone(work.upkeep(), now);
    alone(work.underWay(), now);
    groups.owed().retry(now);
    waits.over(now).forEach(command -> answers.complete(command, List.of()));
    if (!queue.factsRest()) {
      waits.serve(groups, now);
    }
    if (readability.isFailing() && isEmpty(view().depths())) {
      readability.works(); // there is nothing left to read
    }
    roundsAhead.reserve(now);
  }

  /** Facts first, then the calls of workers, with those that have waited for the facts. */
  private void serve(CommandQueue.Work work, Moment now) {
    List<Command<?>> serving = new ArrayList<>(work.serving().size());
    if (!work.facts().isEmpty()) {
      if (isStartingOver) {
        groups.restFacts(now); // the rows that they are about are on their way
      } else {
        facts.write(work.facts(), now);
      }
      serving.addAll(facts.takeDeferred());
    }
    for (Command<?> command : work.serving()) {
      if (command.queuedAt().plus(settings.longestWait()).isBefore(now)) {
        command.fail(OwnedStore.waitedTooLong(settings.longestWait()));
      } else if (facts.mayBegin(command)) {
        serving.add(command);
      }
    }
    if (!serving.isEmpty()) {
      metrics.count(new StoreEvent.Grouped(serving.size()));
      queue.putBack(groups.run(serving, now, Budget.of(SERVED_ROWS, Groups.PAYLOAD_BYTES)));
    }
  }

  /** Whether there is no row with a payload; bad records count in the outbox alone. */
  private static boolean isEmpty(Depths depths) {
    return depths.unfinished() + depths.outbox() == 0;
  }

  private void alone(@Nullable Command<?> command, Moment now) {
    if (command != null && facts.mayBegin(command)) {
      var _ = groups.run(List.of(command), now, Groups.budgetOfOne());
    }
  }

  /** Answers everybody: those whose turn it was and who have no answer yet, and those who wait. */
  private void end(String message, Throwable cause) {
    StoreException reason = new StoreException.Closed(message, cause);
    queue.end(reason);
    Groups.failAll(queue.endFacts(), reason);
    facts.fail(reason);
    Groups.failAll(waits.end(), reason);
    CommandQueue.Work first = current == null ? queue.take(null) : current;
    for (CommandQueue.Work work = first; work != null; work = queue.take(null)) {
      Groups.failAll(work.serving(), reason);
      if (work.intake() != null) {
        work.intake().fail(reason);
        queue.intakeDone(work.intake());
      }
      if (work.upkeep() != null) {
        work.upkeep().fail(reason);
      }
      if (work.underWay() != null) {
        work.underWay().fail(reason);
      }
    }
    writability.failedForGood(reason);
  }
}
