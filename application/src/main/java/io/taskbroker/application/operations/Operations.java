package io.taskbroker.application.operations;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.exchange.Holders;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.operator.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What operators do to a running broker: each order is checked, carried out, put into words, and
 * kept in the audit, whatever became of it.
 *
 * <p>All methods block until done. Safe for any number of threads.
 */
public final class Operations {
  /** Tasks of one call that is about many. */
  public static final int MOST_AT_ONCE = 1_000;

  /** The result of an order that was carried out. */
  private static final String DONE = "done";

  private final StoredTasks tasks;
  private final SteeringStore steering;
  private final Holders holders;
  private final TimeSource time;
  private final AuditTrail audit;
  private final SentAgain sentAgain = new SentAgain();

  /**
   * @param holders told which attempts orders take from their workers, as they stand when their
   *     tasks are looked up
   */
  public Operations(StoredTasks tasks, SteeringStore steering, Holders holders, TimeSource time) {
    this.tasks = tasks;
    this.steering = steering;
    this.holders = holders;
    this.time = time;
    this.audit = new AuditTrail(time);
  }

  /** A look at what is stored, which is not kept in the audit. */
  public StoredTasks tasks() {
    return tasks;
  }

  /**
   * Keeps in the audit that somebody has looked at what not everybody may see.
   *
   * @throws StoreException if it cannot be read now
   */
  public <T> T look(Order by, String what, Supplier<T> look) {
    return audited(by, what, look, _ -> "shown");
  }

  /** Which tasks were made of dead letters. */
  public SentAgain sentAgain() {
    return sentAgain;
  }

  // ---------------------------------------------------------------- one task

  /**
   * Does this to the task of this id.
   *
   * @throws StoreException if it was not done
   */
  public Ruling act(Order by, Act act, String id) {
    List<Long> changed = new ArrayList<>();
    return audited(by, order(act, id), () -> rule(act, id, changed), Operations::result, changed);
  }

  /** What was done to the task of this key, the last first; as far as that is remembered. */
  public List<AuditEntry> ordersAbout(long key) {
    return audit.about(key);
  }

  private static String order(Act act, String id) {
    return words(act) + " task '" + id + "'";
  }

  /** For the audit: the order stands beside it, and need not be said again. */
  private static String result(Ruling ruling) {
    return ruling.verdict() == Verdict.DONE ? DONE : "refused: " + ruling.words();
  }

  private Ruling rule(Act act, String id, List<Long> changed) {
    Optional<StoredTask> task = tasks.find(id);
    Verdict verdict =
        task.map(found -> act(act, List.of(found), changed).getFirst()).orElse(Verdict.NOT_STORED);
    return new Ruling(verdict, sentence(verdict, act, id, task.map(StoredTask::state)));
  }

  /** Tells which of them it was done to, too. */
  private List<Verdict> act(Act act, List<StoredTask> found, List<Long> changed) {
    List<Attempt> attempts =
        attempts(found.stream().filter(task -> expected(act, task) == Verdict.DONE));
    holders.suspect(attempts); // before, or the same worker might have them again
    List<Verdict> verdicts = steering.act(act, found.stream().map(StoredTask::key).toList());
    List<StoredTask> done = new ArrayList<>();
    for (int i = 0; i < verdicts.size(); i++) {
      if (verdicts.get(i) == Verdict.DONE) {
        done.add(found.get(i));
      }
    }
    done.forEach(task -> changed.add(task.key()));
    holders.cancel(attempts(done.stream()));
    return verdicts;
  }

  /** Those of the tasks that are with workers. */
  private static List<Attempt> attempts(Stream<StoredTask> tasks) {
    return tasks
        .filter(task -> task.state() instanceof ActivationState.Processing)
        .map(task -> new Attempt(task.activation().id(), task.token()))
        .toList();
  }

  private static String words(ActivationState state) {
    return switch (state) {
      case ActivationState.Delayed _ -> "delayed";
      case ActivationState.Pending _ -> "waiting";
      case ActivationState.Claimed _ -> "on its way";
      case ActivationState.Processing _ -> "with a worker";
      case ActivationState.AwaitingRetry _ -> "to be retried";
      case ActivationState.Failed _ -> "failed";
      case ActivationState.Completed _ -> "over";
    };
  }

  private static String sentence(
      Verdict verdict, Act act, String id, Optional<ActivationState> state) {
    return switch (verdict) {
      case DONE -> "Task '%s': %s, done".formatted(id, words(act));
      case NOT_STORED ->
          "No task '%s' is stored that is not over. It may be with another broker, or in a topic"
                  .formatted(id)
              + " still";
      case WITHOUT_EFFECT ->
          "Task '%s' is %s, and \"%s\" means nothing then"
              .formatted(id, state.map(Operations::words).orElse("over"), words(act));
      case MAY_HAVE_BEGUN ->
          "Task '%s' runs at most once, and a worker may have begun it. Wait for its deadline, or send"
                  .formatted(id)
              + " it again as a new task";
      case LEAVING ->
          "Task '%s' is on its way to Kafka, and may be there already. Look again in a moment"
              .formatted(id);
    };
  }

  /** How this order has put the task of this id back among those that wait; empty if it has not. */
  static Optional<String> putBack(AuditEntry entry, String id) {
    if (!entry.result().equals(DONE)) {
      return Optional.empty();
    }
    String at = LastHandOut.at(entry.atMs());
    if (entry.order().equals(order(Act.GIVE_BACK, id))) {
      return Optional.of("given back by %s at %s".formatted(entry.actor(), at));
    }
    return entry.order().equals(order(Act.REQUEUE, id))
        ? Optional.of("requeued by %s at %s".formatted(entry.actor(), at))
        : Optional.empty();
  }

  static String words(Act act) {
    return switch (act) {
      case CANCEL -> "cancel";
      case COMPLETE -> "end as complete";
      case RUN_NOW -> "run now";
      case GIVE_BACK -> "give back";
      case REQUEUE -> "requeue";
    };
  }

  // ---------------------------------------------------------------- many tasks

  /**
   * Says what {@link #actOnAll} would do to a piece of what the filter finds, as far as that can be
   * told without doing it.
   */
  public BulkRuling wouldDo(Act act, TaskFilter filter, long after) {
    TaskPage page = tasks.list(filter, after, MOST_AT_ONCE);
    Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
    page.tasks().forEach(task -> verdicts.merge(expected(act, task), 1, Integer::sum));
    return new BulkRuling(verdicts, page.last(), page.isLast());
  }

  private static Verdict expected(Act act, StoredTask task) {
    ActivationState state = task.state();
    if (act.on(state, task.activation().delivery()) instanceof Transition.Moved) {
      return Verdict.DONE;
    }
    return act.on(state, Delivery.AT_LEAST_ONCE) instanceof Transition.Moved
        ? Verdict.MAY_HAVE_BEGUN
        : Verdict.WITHOUT_EFFECT;
  }

  /**
   * Does this to at most {@link #MOST_AT_ONCE} of the tasks that the filter finds. Whoever wants to
   * reach all of them calls again, with the last key of this call.
   *
   * @param after {@link BulkRuling#last} of the piece before; 0 to begin
   * @throws StoreException if it was done to some of them at most
   */
  public BulkRuling actOnAll(Order by, Act act, TaskFilter filter, long after) {
    List<Long> changed = new ArrayList<>();
    return audited(
        by,
        "%s %s%s".formatted(words(act), filter.words(), after == 0 ? "" : ", after key " + after),
        () -> {
          TaskPage page = tasks.list(filter, after, MOST_AT_ONCE);
          Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
          act(act, page.tasks(), changed)
              .forEach(verdict -> verdicts.merge(verdict, 1, Integer::sum));
          return new BulkRuling(verdicts, page.last(), page.isLast());
        },
        BulkRuling::words,
        changed);
  }

  // ---------------------------------------------------------------- what Kafka has refused

  /**
   * Does this to the row of this key, if it is parked.
   *
   * @throws StoreException if it was not done
   */
  public Ruling settle(Order by, ParkedAct act, long key) {
    Optional<StoredTask> parked =
        tasks.parked(key - 1, 1).tasks().stream().filter(one -> one.key() == key).findFirst();
    String row =
        "row %d%s"
            .formatted(
                key, parked.map(found -> " ('%s')".formatted(found.activation().id())).orElse(""));
    return audited(
        by,
        "%s parked %s".formatted(words(act), row),
        () -> {
          Verdict verdict = steering.settle(act, List.of(key)).getFirst();
          return new Ruling(verdict, sentence(verdict, act, row));
        },
        Operations::result);
  }

  private static String sentence(Verdict verdict, ParkedAct act, String row) {
    return switch (verdict) {
      case DONE -> "Parked %s: %s, done".formatted(row, words(act));
      case NOT_STORED -> "No %s is stored".formatted(row);
      case LEAVING -> "The %s is on its way to Kafka. Look again in a moment".formatted(row);
      case WITHOUT_EFFECT, MAY_HAVE_BEGUN -> "The %s is not parked".formatted(row);
    };
  }

  private static String words(ParkedAct act) {
    return switch (act) {
      case RETRY -> "retry";
      case DROP -> "drop";
    };
  }

  /** Says how many {@link #settleAll} would find in a piece. */
  public BulkRuling wouldSettle(long after) {
    TaskPage page = tasks.parked(after, MOST_AT_ONCE);
    int found = page.tasks().size();
    return new BulkRuling(
        found == 0 ? Map.of() : Map.of(Verdict.DONE, found), page.last(), page.isLast());
  }

  /**
   * Does this to at most {@link #MOST_AT_ONCE} of the rows that are parked. Whoever wants to reach
   * all of them calls again, with the last key of this call.
   *
   * @param after {@link BulkRuling#last} of the piece before; 0 to begin
   * @throws StoreException if it was done to some of them at most
   */
  public BulkRuling settleAll(Order by, ParkedAct act, long after) {
    return audited(
        by,
        "%s all parked rows%s".formatted(words(act), after == 0 ? "" : ", after key " + after),
        () -> {
          TaskPage page = tasks.parked(after, MOST_AT_ONCE);
          Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
          steering
              .settle(act, page.tasks().stream().map(StoredTask::key).toList())
              .forEach(verdict -> verdicts.merge(verdict, 1, Integer::sum));
          return new BulkRuling(verdicts, page.last(), page.isLast());
        },
        BulkRuling::words);
  }

  // ---------------------------------------------------------------- pauses

  /**
   * Hands out nothing of the target from now on.
   *
   * @param untilMs Unix milliseconds; null to pause it until somebody resumes it
   * @return the pause that is in force now
   * @throws IllegalArgumentException if it would be over already, or a text is too long
   * @throws StoreException if it was not done
   */
  public Pause pause(Order by, PauseTarget target, @Nullable Long untilMs) {
    long nowMs = time.now().wallMs();
    Pause pause = new Pause(target, by.actor(), by.reason(), nowMs, untilMs);
    if (pause.isOver(nowMs)) {
      throw new IllegalArgumentException("the end of the pause has passed already");
    }
    return audited(
        by,
        "pause %s until %s"
            .formatted(target.words(), untilMs == null ? "resumed" : Instant.ofEpochMilli(untilMs)),
        () -> {
          steering.pause(pause);
          return pause;
        },
        _ -> "paused");
  }

  /**
   * Ends a pause; false if it is not in force.
   *
   * @throws StoreException if it was not done
   */
  public boolean resume(Order by, PauseTarget target) {
    return audited(
        by,
        "resume " + target.words(),
        () -> steering.resume(target),
        resumed -> resumed ? "resumed" : "was not paused");
  }

  /** The pauses in force, in the order of their targets. */
  public List<Pause> pauses() {
    return steering.pauses();
  }

  // ---------------------------------------------------------------- audit

  /** The last orders that were given to this process, the newest first; the log has them all. */
  public List<AuditEntry> audit() {
    return audit.entries();
  }

  /**
   * Carries out an order about something that is not in the store, and keeps it in the audit.
   *
   * @param inWords what became of it
   */
  public <T> T order(Order by, String what, Supplier<T> carryOut, Function<T, String> inWords) {
    return audited(by, what, carryOut, inWords);
  }

  private <T> T audited(Order by, String order, Supplier<T> carryOut, Function<T, String> inWords) {
    return audited(by, order, carryOut, inWords, List.of());
  }

  /**
   * @param changed keys of the tasks to which it was done, once it is carried out
   */
  private <T> T audited(
      Order by,
      String order,
      Supplier<T> carryOut,
      Function<T, String> inWords,
      List<Long> changed) {
    T done;
    try {
      done = carryOut.get();
    } catch (RuntimeException e) { // whatever became of it is kept
      audit.record(by, order, "failed: " + e.getMessage(), changed);
      throw e;
    }
    audit.record(by, order, inWords.apply(done), changed);
    return done;
  }
}
