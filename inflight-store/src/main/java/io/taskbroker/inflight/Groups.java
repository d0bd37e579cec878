package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides commands together, writes what they change in one transaction, and only then answers.
 *
 * <p>A failure of the file as a whole fails all of them, with nothing changed. Any other failure is
 * narrowed in halves: to the command that is to blame, and within it to the row, which is put
 * aside. Used by the writer's thread.
 */
final class Groups {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Payloads that may be read or removed in one transaction. */
  static final long PAYLOAD_BYTES = 4 << 20;

  private final InflightEngine engine;
  private final Committer committer;
  private final CommandQueue queue;
  private final Answers answers;
  private final LargePayloads largePayloads;
  private final PutAside putAside;
  private final OwedWrites owed;
  private final boolean syncEveryCommit;
  private final Defects defects;

  Groups(
      InflightEngine engine,
      Committer committer,
      CommandQueue queue,
      Answers answers,
      LargePayloads largePayloads,
      PutAside putAside,
      boolean syncEveryCommit,
      Defects defects) {
    this.engine = engine;
    this.committer = committer;
    this.queue = queue;
    this.answers = answers;
    this.largePayloads = largePayloads;
    this.putAside = putAside;
    this.owed = new OwedWrites(engine, committer, putAside);
    this.syncEveryCommit = syncEveryCommit;
    this.defects = defects;
  }

  /** What has happened, and the journal has refused. */
  OwedWrites owed() {
    return owed;
  }

  /** What one command by itself may cost; of a longer one others pass between the parts. */
  static Budget budgetOfOne() {
    return Budget.of(Decided.COMMAND_ROWS, PAYLOAD_BYTES);
  }

  /**
   * Decides, writes and answers some commands together, as far as the budget goes; those of which
   * only a part could be done go on in later turns.
   *
   * @return those that have not begun
   * @throws JournalException.Final if nothing may be written any more; all of them have failed
   */
  <C extends Command<?>> List<C> run(List<C> commands, Moment now, Budget budget) {
    Decided<C> decided = new Decided<>(commands);
    Map<Long, byte[]> payloads;
    List<Claim> claims;
    boolean writing = false;
    putAside.begin();
    try {
      claims = decided.decide(engine, now, budget);
      SmallPayloads small = putAside.read(smallOnes(claims));
      if (putAside.isWholeFile(small)) {
        engine.undo();
        runWithoutHandingOut(decided.begun(), now);
        return decided.notBegun();
      }
      putAside.unreadable(small, claims, now);
      payloads = small.payloads();
      writing = true;
      committer.commit(
          Kind.GROUP,
          Cargo.of(decided.begun()),
          durabilityFor(decided.begun()),
          must(decided.begun()));
    } catch (JournalException.NothingChanged e) {
      engine.undo();
      if (writing) {
        notWritten(decided.begun(), now, e);
      } else {
        notRead(decided.begun(), now, e);
      }
      return decided.notBegun();
    } catch (JournalException.Duplicates e) {
      engine.undo();
      notWritten(decided.begun(), now, ofRows(e));
      return decided.notBegun();
    } catch (JournalException.Outdated e) {
      engine.undo();
      committer.startOver();
      failAll(decided.begun(), unavailable(e));
      return decided.notBegun();
    } catch (JournalException.Final e) {
      failAll(commands, closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      defect(decided.begun(), now, e);
      return decided.notBegun();
    }
    putAside.say();
    answers.giveTime(claims, now);
    decided.begun().forEach(Command::written);
    decided.cut().forEach(command -> command.goOn(queue));
    decided.done().forEach(command -> answer(command, payloads, Set.of()));
    return decided.notBegun();
  }

  /** Runs commands that were begun together before, and so cost no more than a turn may. */
  private void runAgain(List<? extends Command<?>> commands, Moment now) {
    List<? extends Command<?>> left = commands;
    while (!left.isEmpty()) {
      left = run(left, now, Budget.of(Integer.MAX_VALUE, PAYLOAD_BYTES));
    }
  }

  private static List<Long> smallOnes(List<Claim> claims) {
    List<Long> keys = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      if (!isLarge(claim)) {
        keys.add(claim.key());
      }
    }
    return keys;
  }

  private static boolean isLarge(Claim claim) {
    return LargePayloads.isLarge(claim.activation());
  }

  private static JournalException.NothingChanged ofRows(JournalException.Duplicates e) {
    return new JournalException.NothingChanged(String.valueOf(e.getMessage()), e, Extent.ROWS);
  }

  private static boolean must(List<? extends Command<?>> commands) {
    for (Command<?> command : commands) {
      if (command.mustBeWritten()) {
        return true;
      }
    }
    return false;
  }

  /** A worker may have begun an at-most-once activation, so the hand-out must not be forgotten. */
  private Durability durabilityFor(List<? extends Command<?>> commands) {
    if (syncEveryCommit) {
      return Durability.POWER_CUT;
    }
    for (Command<?> command : commands) {
      if (command.mustSurvivePowerCut()) {
        return Durability.POWER_CUT;
      }
    }
    return Durability.PROCESS_CRASH;
  }

  /**
   * @param unwritten keys of claims that were not written, and so are not handed out
   */
  private void answer(Command<?> command, Map<Long, byte[]> payloads, Set<Long> unwritten) {
    boolean hasLarge = false;
    boolean isReady = command.claims().isEmpty();
    for (Claim claim : command.claims()) {
      hasLarge |= isLarge(claim) && !unwritten.contains(claim.key());
      isReady |= payloads.containsKey(claim.key());
    }
    if (hasLarge) {
      largePayloads.answer(command, payloads, unwritten);
    } else if (isReady) {
      answers.answer(command, payloads);
    } else {
      command.goOn(queue); // their rows are put aside, and behind them there may be others
    }
  }

  // ---------------------------------------------------------------- failures

  /** No payload can be read, whichever: reports are taken, and nobody gets anything. */
  private void runWithoutHandingOut(List<? extends Command<?>> commands, Moment now) {
    List<Command<?>> left = new ArrayList<>();
    for (Command<?> command : commands) {
      if (command.claims().isEmpty() || command.handOutNothing()) {
        left.add(command);
      } else {
        command.fail(unreadable());
      }
    }
    runAgain(left, now);
  }

  private void notRead(
      List<? extends Command<?>> commands, Moment now, JournalException.NothingChanged failure) {
    if (commands.size() > 1) {
      runHalves(commands, now);
    } else {
      if (commands.getFirst() instanceof Fact) {
        restFacts(now); // it stays open, and would come again at once
      }
      failAll(
          commands, new StoreException.Unavailable(String.valueOf(failure.getMessage()), failure));
    }
  }

  private void notWritten(
      List<? extends Command<?>> commands, Moment now, JournalException.NothingChanged failure) {
    if (failure.extent() == Extent.FILE) {
      restFacts(now);
      failAll(commands, unavailable(failure));
    } else if (commands.size() > 1) {
      runHalves(commands, now);
    } else {
      narrowOrFail(commands.getFirst(), now, failure);
    }
  }

  private void narrowOrFail(
      Command<?> command, Moment now, JournalException.NothingChanged failure) {
    try {
      narrow(command, now, failure);
    } catch (JournalException.Outdated e) {
      engine.undo();
      committer.startOver();
      command.fail(unavailable(e));
    } catch (JournalException.Final e) {
      command.fail(closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      defect(List.of(command), now, e);
    }
  }

  /** The next attempt, be it about nothing, tells when all can be written again. */
  void restFacts(Moment now) {
    queue.restFacts();
    answers.tell(Fact.ofNothing(now, Subject.OfStore.ROOM, () -> {}));
  }

  private void runHalves(List<? extends Command<?>> commands, Moment now) {
    runAgain(commands.subList(0, commands.size() / 2), now);
    runAgain(commands.subList(commands.size() / 2, commands.size()), now);
  }

  /** A command that breaks something fails for its own caller only. */
  private void defect(List<? extends Command<?>> commands, Moment now, RuntimeException failure) {
    if (commands.size() > 1) {
      runHalves(commands, now);
      return;
    }
    defects.accept(failure);
    if (commands.getFirst() instanceof Fact fact) {
      cannotBeTold(fact, failure);
    } else {
      commands.getFirst().fail(new StoreException.Rejected("The store could not do this", failure));
    }
  }

  /**
   * The engine breaks on something that has happened. If that is about one row, the row is put
   * aside, so that it goes nowhere a second time. Anything else stays open, and is tried again
   * after a pause.
   */
  private void cannotBeTold(Fact fact, RuntimeException failure) {
    try {
      if (fact.subject() instanceof Subject.OfRow(Subject.Event event, long key, _)) {
        putAside.begin();
        putAside.unusable(key, "the store broke on \"" + event + "\": " + failure);
        engine.settle();
        committer.look();
        putAside.say();
        fact.replaced();
        return;
      }
    } catch (RuntimeException e) {
      engine.undo();
      e.addSuppressed(failure);
      LOG.debug("{} could not be put aside", fact.subject(), e);
    }
    queue.pause(fact);
  }

  /** A row of this command cannot be written: the others are, and it is put aside. */
  private void narrow(Command<?> command, Moment now, JournalException.NothingChanged failure) {
    putAside.begin();
    Decided<Command<?>> decided = new Decided<>(List.of(command));
    List<Claim> claims = decided.decide(engine, now, budgetOfOne());
    SmallPayloads small = putAside.read(smallOnes(claims));
    putAside.unreadable(small, claims, now);
    Cargo cargo = command.cargo();
    Durability durability = durabilityFor(List.of(command));
    Parts parts = new Parts(changes -> writePart(changes, Cargo.of(cargo.payloads()), durability));
    if (command.isDivisible()) {
      parts.write(engine.changes());
    } else {
      parts.refuse(engine.changes(), String.valueOf(failure.getMessage()));
    }
    if (parts.hasLeftOrders()) {
      engine.undoOrders();
    }
    if (!cargo.settledReports().isEmpty() && parts.end() == null) {
      committer.write(
          Kind.GROUP,
          Changes.NONE,
          new Cargo(Map.of(), cargo.settledReports(), List.of()),
          durability);
    }
    engine.settleWithout(
        command.staysDecided() ? parts.untried() : parts.unwritten(), parts.leftPositions());
    putAside.unwritable(parts.refused());
    if (command.staysDecided()) {
      owed.add(parts.refusedChanges(), now);
    }
    engine.settle();
    committer.look();
    putAside.say();
    JournalException.NothingChanged end = parts.end();
    if (end != null) {
      restFacts(now);
    }
    StoreException refusal =
        end == null || command.isAnsweredInPart() ? command.narrowed(engine) : unavailable(end);
    if (refusal != null) {
      answers.failWritten(command, refusal, new LinkedHashSet<>(parts.unwritten()));
      return;
    }
    command.written();
    if (decided.done().isEmpty()) {
      command.goOn(queue);
    } else {
      Set<Long> unwritten = new LinkedHashSet<>(parts.unwritten());
      Map<Long, byte[]> payloads = small.payloads();
      payloads.keySet().removeAll(unwritten);
      answer(command, payloads, unwritten);
    }
  }

  private void writePart(Changes changes, Cargo cargo, Durability durability) {
    try {
      committer.write(Kind.GROUP, changes, cargo, durability);
    } catch (JournalException.Duplicates e) {
      throw ofRows(e);
    }
  }

  static void failAll(List<? extends Command<?>> commands, StoreException failure) {
    commands.forEach(command -> command.fail(failure));
  }

  static StoreException unreadable() {
    return new StoreException.Unavailable("The store cannot read payloads; nothing was changed");
  }

  static StoreException unavailable(JournalException e) {
    return new StoreException.Unavailable("The store could not write: " + e.getMessage(), e);
  }

  static StoreException closed(JournalException e) {
    return new StoreException.Closed("The store has failed for good: " + e.getMessage(), e);
  }
}
