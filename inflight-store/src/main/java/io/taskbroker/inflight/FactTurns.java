package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what has happened outside. While that cannot be written, nothing is handed out: calls
 * that want something wait here for the next attempt. Used by the writer's thread.
 */
final class FactTurns {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Of the nine seconds that a stop may take. */
  static final Duration LAST_FACTS = Duration.ofSeconds(2);

  private final CommandQueue queue;
  private final Groups groups;
  private final TimeSource time;

  /** Calls that hand something out, while facts rest. */
  private final List<Command<?>> deferred = new ArrayList<>();

  FactTurns(CommandQueue queue, Groups groups, TimeSource time) {
    this.queue = queue;
    this.groups = groups;
    this.time = time;
  }

  /** Facts that are not begun, or only in part, stay open and have their next turn. */
  void write(List<Fact> facts, Moment now) {
    var _ = groups.run(facts, now, Budget.of(Writer.SERVED_ROWS, Groups.PAYLOAD_BYTES));
    queue.forgetOver(facts);
  }

  /** Whether this command may run in this turn; if not, it waits for the next attempt to write. */
  boolean mayBegin(Command<?> command) {
    if (!queue.factsRest() || command.handOutNothing()) {
      return true;
    }
    deferred.add(command);
    return false;
  }

  /**
   * There was an attempt to write: the calls that have waited for it may run, or are refused if it
   * failed.
   *
   * @return those that may run
   */
  List<Command<?>> takeDeferred() {
    if (queue.factsRest()) {
      fail(
          new StoreException.Unavailable(
              "The store cannot write, and hands nothing out until it can; nothing was changed"));
    }
    List<Command<?>> served = List.copyOf(deferred);
    deferred.clear();
    return served;
  }

  /** Tries for {@link #LAST_FACTS} to write what is open. The rest is forgotten, with a line. */
  void writeLast() {
    int attempts = 0;
    List<Fact> facts = queue.takeLastFacts();
    while (!facts.isEmpty() && OwnedStore.PAUSE.multipliedBy(attempts).compareTo(LAST_FACTS) < 0) {
      write(facts, time.now());
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

  /** Fails the calls that wait here. */
  void fail(StoreException reason) {
    Groups.failAll(deferred, reason);
    deferred.clear();
  }
}
