package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreMetrics;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.InflightEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
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

  /** Of the nine seconds that a stop may take. */
  private static final Duration LAST_FACTS = Duration.ofSeconds(2);

  private final Journal journal;
  private final StoreSettings settings;
  private final TimeSource time;
  private final CommandQueue queue;
  private final LargePayloads largePayloads;
  private final Syncer syncer;
  private final Consumer<Throwable> onFatal;
  private final StoreMetrics metrics;
  private final InflightEngine engine;
  private final Committer committer;

  Writer(
      Journal journal,
      StoreSettings settings,
      TimeSource time,
      CommandQueue queue,
      Writability writability,
      Consumer<Throwable> onFatal,
      StoreMetrics metrics) {
    this.journal = journal;
    this.settings = settings;
    this.time = time;
    this.queue = queue;
    this.largePayloads = new LargePayloads(journal, this::takeBack);
    this.syncer = new Syncer(journal, time, metrics, this::endAfter);
    this.onFatal = onFatal;
    this.metrics = metrics;
    this.engine = new InflightEngine(settings.engine());
    this.committer = new Committer(journal, engine, time, writability, metrics);
  }

  /** Fills the engine from the journal; once, and first. */
  void load() {
    Moment now = time.now();
    journal.load(engine::restorePositions, row -> engine.restore(row, now));
    committer.look();
  }

  /** What is stored, as of the last group; for all threads. */
  StoreView view() {
    return committer.view();
  }

  /** Works until the queue has ended, and all that has happened outside is written. */
  void run() {
    CommandQueue.Work work = queue.take();
    try {
      for (; work != null; work = queue.take()) {
        turn(work);
      }
      largePayloads.close(); // what it could not deliver is among the last facts
      syncer.close();
      writeLastFacts();
    } catch (JournalException.Final e) {
      end("The store's journal failed for good: " + e.getMessage(), e, work);
    } catch (RuntimeException | Error e) {
      end("The store's writer hit a defect: " + e, e, work);
      if (e instanceof Error error) {
        throw error;
      }
    } finally {
      largePayloads.close();
      syncer.close();
    }
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
      failAll(forgotten, new StoreException.Closed("The store is closed"));
    }
  }

  /** Has the writer's thread, which may be idle, meet a failure that another one has met. */
  private void endAfter(JournalException.Final failure) {
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
    tellWaits(work);
    if (!work.facts().isEmpty()) {
      facts(work.facts(), now);
    }
    List<Command<?>> serving = new ArrayList<>(work.serving().size());
    for (Command<?> command : work.serving()) {
      if (command.queuedAt().plus(settings.longestWait()).isBefore(now)) {
        command.fail(OwnedStore.waitedTooLong(settings.longestWait()));
      } else if (mayBegin(command)) {
        serving.add(command);
      }
    }
    if (!serving.isEmpty()) {
      metrics.group(serving.size());
      group(serving, now);
    }
    IntakeCommand intake = work.intake();
    if (intake != null && intakeSlice(intake, now)) {
      queue.intakeDone(intake);
    }
    Command<?> upkeep = work.upkeep();
    if (upkeep != null && mayBegin(upkeep)) {
      group(List.of(upkeep), now);
    }
  }

  private void facts(List<Fact> facts, Moment now) {
    group(facts, now);
    queue.forgetOver(facts);
  }

  /** While something that has happened cannot be written, nothing new is made to happen. */
  private boolean mayBegin(Command<?> command) {
    if (!queue.factsRest() || command.handOutNothing()) {
      return true;
    }
    command.fail(
        new StoreException.Unavailable(
            "The store cannot write, and hands nothing out until it can; nothing was changed"));
    return false;
  }

  private void tellWaits(CommandQueue.Work work) {
    long now = time.nanos();
    Set<StoreCall> told = EnumSet.of(StoreCall.OTHER);
    for (Fact fact : work.facts()) {
      if (told.add(fact.call())) { // they come one for each row
        metrics.waited(fact.call(), now - fact.queuedNanos());
      }
    }
    for (Command<?> command : work.serving()) {
      metrics.waited(command.call(), now - command.queuedNanos());
    }
    IntakeCommand intake = work.intake();
    if (intake != null && !intake.hasBegun()) {
      metrics.waited(StoreCall.ADD, now - intake.queuedNanos());
    }
    Command<?> upkeep = work.upkeep();
    if (upkeep != null && upkeep.call() != StoreCall.OTHER) {
      metrics.waited(upkeep.call(), now - upkeep.queuedNanos());
    }
  }

  /** Decides, writes and answers some commands together. */
  private void group(List<? extends Command<?>> commands, Moment now) {
    Map<Long, byte[]> payloads;
    try {
      List<Claim> claims = decide(commands, now);
      payloads = journal.payloads(smallOnes(claims));
      commit(commands, claims);
    } catch (JournalException.NothingChanged e) {
      engine.undo();
      failAll(commands, unavailable(e));
      return;
    } catch (JournalException.Final e) {
      failAll(commands, closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      alone(commands, now, e);
      return;
    }
    answer(commands, payloads);
  }

  /** After a failure the next attempt, be it about nothing, tells when all can be written again. */
  private void commit(List<? extends Command<?>> commands, List<Claim> claims) {
    try {
      committer.commit(
          Kind.GROUP,
          inserted(commands),
          durabilityFor(claims),
          commands.stream().anyMatch(Command::mustBeWritten));
    } catch (JournalException.NothingChanged e) {
      queue.restFacts();
      queue.tell(List.of(Fact.ofNothing(time.now(), Subject.OfStore.ROOM, () -> {})));
      throw e;
    }
  }

  /** A command that breaks something fails for its own caller only. */
  private void alone(List<? extends Command<?>> commands, Moment now, RuntimeException failure) {
    if (commands.size() == 1) {
      LOG.error("A command of the store failed; nothing of it was kept", failure);
      commands.getFirst().fail(new StoreException.Rejected("The store could not do this", failure));
      return;
    }
    for (Command<?> command : commands) {
      group(List.of(command), now);
    }
  }

  private List<Claim> decide(List<? extends Command<?>> commands, Moment now) {
    List<Claim> claims = new ArrayList<>(commands.size());
    for (Command<?> command : commands) {
      command.decide(engine, now);
      claims.addAll(command.claims());
    }
    return claims;
  }

  private static Map<Long, byte[]> inserted(List<? extends Command<?>> commands) {
    Map<Long, byte[]> inserted = new HashMap<>();
    commands.forEach(command -> inserted.putAll(command.inserted()));
    return inserted;
  }

  private static List<Long> smallOnes(List<Claim> claims) {
    List<Long> keys = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      if (!LargePayloads.isLarge(claim.activation())) {
        keys.add(claim.key());
      }
    }
    return keys;
  }

  /** A worker may have begun an at-most-once activation, so the hand-out must not be forgotten. */
  private Durability durabilityFor(List<Claim> claims) {
    boolean synced =
        settings.syncEveryCommit()
            || claims.stream().anyMatch(claim -> claim.activation().isAtMostOnce());
    return synced ? Durability.POWER_CUT : Durability.PROCESS_CRASH;
  }

  private void answer(List<? extends Command<?>> commands, Map<Long, byte[]> payloads) {
    for (Command<?> command : commands) {
      if (command.claims().stream().anyMatch(claim -> LargePayloads.isLarge(claim.activation()))) {
        largePayloads.answer(command, payloads);
      } else {
        complete(command, delivered(command, payloads));
      }
    }
  }

  private List<Delivered> delivered(Command<?> command, Map<Long, byte[]> payloads) {
    List<Claim> claims = command.claims();
    List<Delivered> delivered = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      byte[] payload = payloads.get(claim.key());
      if (payload == null) {
        LOG.error("Activation {} has no payload in the store", claim.activation().id());
      } else if (isAccepted(command, claim)) {
        delivered.add(new Delivered(claim, payload));
      } else {
        takeBack(claim);
      }
    }
    return delivered;
  }

  /** Nobody has seen it; whoever declined it has been answered, or will be. */
  private void takeBack(Claim claim) {
    queue.tell(
        List.of(
            new Fact(
                StoreCall.OTHER,
                time.now(),
                new Subject.OfRow(claim.key()),
                (engine, now) -> engine.claims().release(claim, now))));
  }

  /** A recipient that breaks gets nothing, and its claim goes back; nobody else is concerned. */
  static boolean isAccepted(Command<?> command, Claim claim) {
    try {
      return command.accepts(claim);
    } catch (RuntimeException e) {
      LOG.error(
          "Whoever claimed activation {} broke when it was asked", claim.activation().id(), e);
      return false;
    }
  }

  private static void complete(Command<?> command, List<Delivered> delivered) {
    try {
      command.complete(delivered);
    } catch (RuntimeException e) {
      LOG.error("A written command of the store could not be answered", e);
      command.fail(new StoreException.Rejected("The store could not answer this", e));
    }
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
      Map<Long, byte[]> payloads = intake.decideSlice(engine, now);
      committer.commit(Kind.INTAKE, payloads, Durability.PROCESS_CRASH, false);
      boolean written = intake.sliceWritten();
      if (written) {
        syncer.sync(intake);
      }
      return written;
    } catch (JournalException.NothingChanged e) {
      engine.undo();
      intake.fail(unavailable(e));
    } catch (JournalException.Final e) {
      intake.fail(closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      LOG.error("A batch could not be stored; nothing of it was kept", e);
      intake.fail(new StoreException.Rejected("The store could not take this batch", e));
    }
    return true;
  }

  /** Answers everybody: those whose turn it was and who have no answer yet, and those who wait. */
  private void end(String message, Throwable cause, CommandQueue.@Nullable Work current) {
    StoreException reason = new StoreException.Closed(message, cause);
    queue.end(reason);
    failAll(queue.endFacts(), reason);
    for (CommandQueue.Work work = current; work != null; work = queue.take()) {
      failAll(work.serving(), reason);
      if (work.intake() != null) {
        work.intake().fail(reason);
        queue.intakeDone(work.intake());
      }
      if (work.upkeep() != null) {
        work.upkeep().fail(reason);
      }
    }
    onFatal.accept(reason);
  }

  private static void failAll(List<? extends Command<?>> commands, StoreException failure) {
    for (Command<?> command : commands) {
      command.fail(failure);
    }
  }

  private static StoreException unavailable(JournalException e) {
    return new StoreException.Unavailable("The store could not write: " + e.getMessage(), e);
  }

  private static StoreException closed(JournalException e) {
    return new StoreException.Closed("The store has failed for good: " + e.getMessage(), e);
  }
}
