package io.taskbroker.testkit.journal;

import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Elsewhere;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What several brokers share, as they would share a database: each opens a {@link SharedJournal}
 * over it. It can be made to forget what the crash of a server would take away. Safe for all
 * threads.
 */
public final class InMemorySpace {
  private final TimeSource clock;
  private SpaceState current = new SpaceState();

  /** As of the last transaction that had to survive a power cut. */
  private SpaceState durable = new SpaceState();

  /** The transactions since then, in order. */
  private final List<Consumer<SpaceState>> undurable = new ArrayList<>();

  /**
   * @param clock the space's own, by which all custodies are judged
   */
  public InMemorySpace(TimeSource clock) {
    this.clock = clock;
  }

  /**
   * Opens the space for one more broker.
   *
   * @param name of the broker, for people
   */
  public SharedJournal open(String name) {
    return new SharedJournal(this, transact(state -> state.join(name, clock.now()), true));
  }

  /**
   * The server crashes and is there again: of the transactions that did not have to survive that,
   * only the first ones do.
   *
   * @param survivors how many of them survive
   */
  public synchronized void crash(int survivors) {
    undurable.subList(Math.min(survivors, undurable.size()), undurable.size()).clear();
    flush();
    current = durable.copy();
  }

  /** A broker of this name is deposed, as if it had been silent for long enough. */
  public void depose(String name) {
    boolean _ =
        transact(
            state -> {
              state.depose(name, clock.now());
              return true;
            },
            true);
  }

  /** How many transactions a crash may take away at this moment. */
  public synchronized int undurable() {
    return undurable.size();
  }

  /** All rows, in the order of their keys. */
  public synchronized List<StoredActivation> rows() {
    return List.copyOf(current.image.rows.values());
  }

  /** The rows that a crash at this moment leaves, if it takes away all that it can. */
  public synchronized List<StoredActivation> durableRows() {
    return List.copyOf(durable.image.rows.values());
  }

  /** Which broker has which partition, by the brokers' names. */
  public synchronized Map<Partition, String> owners() {
    return current.owners();
  }

  /** Partitions that a broker has, and another one wants. */
  public synchronized Set<Partition> wanted() {
    return current.wanted();
  }

  /** The reports that wait for the owners of their rows, in the order in which they were left. */
  public synchronized List<Elsewhere.Left> reports() {
    return current.reports();
  }

  /** Whether no broker of this name has the space open: it has left, or is deposed. */
  public synchronized boolean isGone(String name) {
    return current.isGone(name);
  }

  /** The number of the last group of each broker that is not deposed, by the brokers' names. */
  public synchronized Map<String, Long> lastGroups() {
    return current.lastGroups();
  }

  /** Reads what is there. */
  synchronized <T> T read(Function<SpaceState, T> question) {
    return question.apply(current);
  }

  /**
   * Changes what is there; what it throws has changed nothing.
   *
   * @param change the same, whenever it is played on the same state
   */
  synchronized <T> T transact(Function<SpaceState, T> change, boolean isSynced) {
    T answer = change.apply(current);
    undurable.add(
        state -> {
          T _ = change.apply(state);
        });
    if (isSynced) {
      flush();
    }
    return answer;
  }

  synchronized void flush() {
    undurable.forEach(change -> change.accept(durable));
    undurable.clear();
  }

  TimeSource clock() {
    return clock;
  }
}
