package io.taskbroker.inflight;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.store.StoreWatch;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that asks the engine and writes the journal: it gathers what waits into a group,
 * decides it, writes it in one transaction, and only then answers.
 *
 * <p>What fails before anything was written is taken back in the engine, and its callers are told.
 * After a failed sync nothing is written any more.
 */
final class Writer {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** A line is read by people. */
  private static final int MOST_NAMED = 20;

  /** Rows that the facts, or the workers' calls, of one turn may touch: some 8 ms together. */
  private static final int SERVED_ROWS = 1_024;

  /** Of the nine seconds that a stop may take. */
  private static final Duration LAST_FACTS = Duration.ofSeconds(2);

  private final Journal journal;
  private final StoreSettings settings;
  private final TimeSource time;
  private final CommandQueue queue;
  private final Writability writability;
  private final Readability readability;
  private final EventSink<StoreEvent> metrics;
  private final InflightEngine engine;
  private final Committer committer;
  private final Answers answers;
  private final PutAside putAside;
  private final Sparsely unreadableLines;
  private final Sparsely sliceLines;
  private final LargePayloads largePayloads;
  private final Syncer syncer;
  private final Waits waits;
  private final Groups groups;
  private final StoreThreads lives;

  /** What this turn is about; null between two of them. */
  private CommandQueue.@Nullable Work current;

  /** What hands something out, while facts rest. */
  private final List<Command<?>> deferred = new ArrayList<>();

  Writer(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      Threads threads,
      CommandQueue queue,
      StoreWatch watch,
      EventSink<StoreEvent> metrics) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    this.queue = queue;
    this.writability = new Writability(watch::writing, watch::failed);
    this.readability = new Readability(watch::reading);
    this.metrics = metrics;
    this.engine = new InflightEngine(settings.engine());
    this.committer = new Committer(journal, engine, time, writability, metrics);
    this.waits = new Waits(engine, settings.maxWaiters());
    this.answers = new Answers(queue, time, waits);
    this.putAside = new PutAside(engine, journal, readability, metrics, time);
    this.unreadableLines = new Sparsely(time, Duration.ofMinutes(1));
    this.sliceLines = new Sparsely(time, Duration.ofMinutes(1));
    this.lives = StoreThreads.of(journal.place(), time);
    this.largePayloads =
        new LargePayloads(
            journal, queue, threads, answers, readability, this::unreadable, lives.largePayloads());
    this.syncer = new Syncer(journal, time, threads, metrics, this::endAfter, lives.sync());
    this.groups =
        new Groups(
            engine,
            committer,
            queue,
            answers,
            largePayloads,
            putAside,
            settings.syncEveryCommit(),
            new Sparsely(time, Duration.ofMinutes(1)));
  }

  /** Fills the engine from the journal; once, and first. */
  void load() {
    Moment now = time.now();
    engine.begin(now);
    List<Long> needless = new ArrayList<>();
    journal.load(
        engine::restorePositions,
        row -> {
          long key = engine.restore(row, now);
          if (key != 0) {
            needless.add(key);
          }
        });
    committer.begin();
    if (!needless.isEmpty()) {
      LOG.warn(
          "{} rows of the store bore the id of another one and are removed, those among them that"
              + " are not over or came later: keys {}",
          needless.size(),
          needless.stream().limit(MOST_NAMED).toList());
      committer.write(
          Kind.GROUP,
          new Changes(List.of(), List.of(), needless, Map.of()),
          Map.of(),
          Durability.PROCESS_CRASH);
    }
    for (long key : engine.outbox().interrupted()) {
      answers.tell(
          new Fact(
              StoreCall.OTHER,
              now,
              new Subject.OfRow(Subject.Event.UNCERTAIN, key, 0),
              (_, later) -> engine.outbox().uncertain(key, "the broker ended meanwhile", later)));
    }
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

  /** Works until the queue has ended, and all that has happened outside is written. */
  void run() {
    try {
      workToTheEnd();
      endWaits();
      largePayloads.close(); // what it could not deliver is among the last facts
      workToTheEnd(); // what it could not read goes on with other rows
      lives.writer().beat(LAST_FACTS.multipliedBy(2));
      Groups.failAll(deferred, new StoreException.Closed("The store is closed"));
      syncer.close();
      writeLastFacts();
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

  private void workToTheEnd() {
    current = next();
    while (current != null) {
      turn(current);
      lives.writer().idle();
      current = next();
    }
  }

  private CommandQueue.@Nullable Work next() {
    return queue.take(waits.untilNext(time.now(), !queue.factsRest()));
  }

  /** This one has gone, and need not wait any longer. For commands, on this thread. */
  void leave(Recipient recipient) {
    Commands.Serve command = waits.leave(recipient);
    if (command != null) {
      answers.complete(command, List.of());
    }
  }

  /** Nobody waits from here on. For commands, on this thread. */
  void endWaits() {
    waits.end().forEach(command -> answers.complete(command, List.of()));
  }

  /** What cannot be written within {@link #LAST_FACTS} is forgotten. */
  private void writeLastFacts() {
    int attempts = 0;
    List<Fact> facts = queue.takeLastFacts();
    while (!facts.isEmpty() && OwnedStore.PAUSE.multipliedBy(attempts).compareTo(LAST_FACTS) < 0) {
      facts(facts, time.now());
      attempts += queue.factsRest() ? 1 : 0;
      facts = queue.takeLastFacts();
    }
    List<Fact> forgotten = queue.endFacts();
    if (!forgotten.isEmpty()) {
      LOG.error(
          "The store closes and could not write {} things that have happened outside, the first of"
              + " them about {}. See that it can write before the next start",
          forgotten.size(),
          forgotten.getFirst().subject());
      Groups.failAll(forgotten, new StoreException.Closed("The store is closed"));
    }
  }

  /** Has the writer's thread, which may be idle, meet a failure that another one has met. */
  void endAfter(JournalException.Final failure) {
    queue.upkeep(
        new Commands.Ask<>(
            StoreCall.OTHER,
            time.now(),
            (_, _) -> {
              throw failure;
            }));
  }

  private void turn(CommandQueue.Work work) {
    Moment now = time.now();
    Command<?> last = work.upkeep();
    if (last != null && last.call() == StoreCall.REWRITE) {
      lives.writer().beat(StoreThreads.LONGEST_REWRITE);
    } else {
      lives.writer().beat();
    }
    tellWaits(work);
    if (!work.facts().isEmpty()) {
      facts(work.facts(), now);
    }
    List<Command<?>> serving = new ArrayList<>(work.serving().size());
    if (!work.facts().isEmpty()) {
      addDeferred(serving);
    }
    for (Command<?> command : work.serving()) {
      if (command.queuedAt().plus(settings.longestWait()).isBefore(now)) {
        command.fail(OwnedStore.waitedTooLong(settings.longestWait()));
      } else if (mayBegin(command)) {
        serving.add(command);
      }
    }
    if (!serving.isEmpty()) {
      metrics.count(new StoreEvent.Grouped(serving.size()));
      queue.putBack(groups.run(serving, now, Budget.of(SERVED_ROWS, Groups.PAYLOAD_BYTES)));
    }
    IntakeCommand intake = work.intake();
    if (intake != null && intakeSlice(intake, now)) {
      queue.intakeDone(intake);
    }
    alone(work.upkeep(), now);
    alone(work.underWay(), now);
    waits.over(now).forEach(command -> answers.complete(command, List.of()));
    if (!queue.factsRest()) {
      waits.serve(groups, now);
    }
    if (readability.isFailing() && isEmpty(view().depths())) {
      readability.works(); // there is nothing left to read
    }
  }

  /** Whether there is no row with a payload; bad records count in the outbox alone. */
  private static boolean isEmpty(Depths depths) {
    return depths.unfinished() + depths.outbox() == 0;
  }

  private void alone(@Nullable Command<?> command, Moment now) {
    if (command != null && mayBegin(command)) {
      var _ = groups.run(List.of(command), now, Groups.budgetOfOne());
    }
  }

  /** Those that are not begun, or not done with, stay open and have their next turn. */
  private void facts(List<Fact> facts, Moment now) {
    var _ = groups.run(facts, now, Budget.of(SERVED_ROWS, Groups.PAYLOAD_BYTES));
    queue.forgetOver(facts);
  }

  /**
   * While something that has happened cannot be written, nothing new is made to happen: whoever
   * wants something waits for the next attempt to write, which is a pause away at most.
   */
  private boolean mayBegin(Command<?> command) {
    if (!queue.factsRest() || command.handOutNothing()) {
      return true;
    }
    deferred.add(command);
    return false;
  }

  /** There was an attempt to write: those who have waited for it are served, or refused. */
  private void addDeferred(List<Command<?>> serving) {
    if (queue.factsRest()) {
      Groups.failAll(
          deferred,
          new StoreException.Unavailable(
              "The store cannot write, and hands nothing out until it can; nothing was changed"));
    } else {
      serving.addAll(deferred);
    }
    deferred.clear();
  }

  private void tellWaits(CommandQueue.Work work) {
    long now = time.nanos();
    tellWaits(firstOfEach(work.facts()), now);
    tellWaits(work.serving(), now);
    IntakeCommand intake = work.intake();
    if (intake != null && !intake.hasBegun()) {
      tellWaits(List.of(intake), now);
    }
    Command<?> upkeep = work.upkeep();
    if (upkeep != null) {
      tellWaits(List.of(upkeep), now);
    }
  }

  private void tellWaits(List<? extends StoreEvent.Queued> calls, long now) {
    if (!calls.isEmpty()) {
      metrics.count(new StoreEvent.Begun(calls, now));
    }
  }

  /** Of each kind the first: facts come one for each row. */
  private static List<Fact> firstOfEach(List<Fact> facts) {
    if (facts.isEmpty()) {
      return List.of();
    }
    Set<StoreCall> kinds = EnumSet.noneOf(StoreCall.class);
    return facts.stream().filter(fact -> kinds.add(fact.call())).toList();
  }

  /** Told by the thread of the large payloads: nobody gets this one now. */
  private void unreadable(Claim claim, JournalException failure) {
    long claims = unreadableLines.count(1);
    if (claims > 0) {
      LOG.warn(
          "The payload of activation {} could not be read, and its claim goes back: {} ({} such"
              + " claims since the last line)",
          claim.activation().id(),
          failure.getMessage(),
          claims);
    }
    answers.tell(
        new Fact(
            StoreCall.OTHER,
            time.now(),
            Subject.OfRow.of(Subject.Event.UNDELIVERED, claim),
            (_, now) -> putAside.unreadable(claim, failure, now)));
  }

  /**
   * Writes the next slice of a batch; whether the batch is done with, written or failed. Its caller
   * waits for the disk on, which nobody else does.
   */
  private boolean intakeSlice(IntakeCommand intake, Moment now) {
    if (intake.isWithdrawn()) {
      intake.fail(
          new StoreException.Rejected(
              "The partitions of this batch went to somebody else before it was stored"));
      return true;
    }
    try {
      engine.grant(Budget.unlimited()); // a slice is as large as it may be
      Map<Long, byte[]> payloads = intake.decideSlice(engine, now);
      committer.commit(Kind.INTAKE, payloads, Durability.PROCESS_CRASH, false);
      boolean written = intake.sliceWritten();
      if (written) {
        syncer.sync(intake);
      }
      return written;
    } catch (JournalException.NothingChanged e) {
      engine.undo();
      if (e.extent() == Extent.ROWS) {
        return refused(intake, String.valueOf(e.getMessage()));
      }
      intake.fail(Groups.unavailable(e));
      return true;
    } catch (JournalException.Final e) {
      intake.fail(Groups.closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      if (sliceLines.count(1) > 0) {
        LOG.error("A slice of a batch could not be stored, and is tried in halves", e);
      }
      return refused(intake, e.toString());
    }
  }

  private boolean refused(IntakeCommand intake, String reason) {
    boolean done = intake.sliceRefused(reason);
    if (done) {
      syncer.sync(intake);
    }
    return done;
  }

  /** Answers everybody: those whose turn it was and who have no answer yet, and those who wait. */
  private void end(String message, Throwable cause) {
    StoreException reason = new StoreException.Closed(message, cause);
    queue.end(reason);
    Groups.failAll(queue.endFacts(), reason);
    Groups.failAll(deferred, reason);
    Groups.failAll(waits.end(), reason);
    for (CommandQueue.Work work = current; work != null; work = queue.take(null)) {
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
