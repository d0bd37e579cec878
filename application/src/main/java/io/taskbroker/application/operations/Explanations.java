package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.application.FailureWords;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Refusals;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.rules.Rules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Says why a task, or anything, does not move. All methods block, and throw {@link StoreException}
 * if the store does not answer. Safe for any number of threads.
 */
public final class Explanations {
  private static final int MOST_QUOTED = 10;

  private final IntakeStore intake;
  private final SteeringStore steering;
  private final SweepStore sweeps;
  private final RuntimeRules rules;
  private final Stalls stalls;
  private final Draining draining;
  private final LastHandOut lastHandOut;
  private final SentAgain sentAgain;
  private final TimeSource time;

  public Explanations(
      Sights sights,
      RuntimeRules rules,
      Stalls stalls,
      Draining draining,
      LastHandOut lastHandOut,
      SentAgain sentAgain,
      TimeSource time) {
    this.intake = sights.intake();
    this.steering = sights.steering();
    this.sweeps = sights.sweeps();
    this.rules = rules;
    this.stalls = stalls;
    this.draining = draining;
    this.lastHandOut = lastHandOut;
    this.sentAgain = sentAgain;
    this.time = time;
  }

  /** What waits in each application, and when anybody last asked for it; in no order. */
  public List<ApplicationDepth> applications() {
    return intake.applications();
  }

  /**
   * What is stalled now, as the log says it. Applications without workers come last: other stalls
   * may be what keeps the workers away.
   */
  public List<Explanation> standing() {
    return stalls.standing().stream()
        .map(
            stall -> new Explanation(stall.what(), stall.reason(), stall.remedy(), stall.sinceMs()))
        .sorted(Comparator.comparing(stall -> stall.remedy().equals(AbsentWorkers.REMEDY)))
        .toList();
  }

  /** All that does not move, or may not: stalls, drain, pauses, rules, delays, absent workers. */
  public List<Explanation> ofEverything() {
    List<Explanation> all = new ArrayList<>(standing());
    draining.sight().map(Explanations::ofDrain).ifPresent(all::add);
    List<Pause> pauses = steering.pauses();
    pauses.forEach(pause -> all.add(paused("Tasks of " + pause.target().words(), pause)));
    all.addAll(ofRules());
    Delays.explain(sweeps.depths(), sweeps.outliers(), nowMs()).ifPresent(all::add);
    Map<String, String> stalled = stalls.current();
    applications().stream()
        .filter(depth -> AbsentWorkers.isAbsent(depth, pauses))
        .filter(depth -> !stalled.containsKey(AbsentWorkers.what(depth.application())))
        .forEach(
            depth ->
                all.add(
                    new Explanation(
                        AbsentWorkers.what(depth.application()),
                        AbsentWorkers.why(depth),
                        AbsentWorkers.REMEDY,
                        null)));
    return all;
  }

  private static Explanation ofDrain(DrainSight sight) {
    Drain drain = sight.order();
    String reason = saying(drain.reason());
    return new Explanation(
        "Intake of all topics",
        sight.isEmpty()
            ? "this broker is drained, as %s has ordered%s; it is empty"
                .formatted(drain.by(), reason)
            : "this broker drains, as %s has ordered%s. Left: %s"
                .formatted(drain.by(), reason, sight.left()),
        switch (drain.onEmpty()) {
          case STAY -> "Tasks are taken in again after 'drain --end'.";
          case EXIT ->
              "The process ends once it is empty. 'drain --end' has it stay, and take tasks in"
                  + " again.";
        },
        drain.sinceMs(),
        Kind.DRAIN);
  }

  /** What the operators' rules drop, or send elsewhere. */
  private List<Explanation> ofRules() {
    Rules inForce = rules.current();
    List<Explanation> all = new ArrayList<>();
    Set<String> killed = new TreeSet<>(inForce.killSwitch().tasknames());
    inForce.killSwitch().selectors().forEach(selector -> killed.add(selector.taskname()));
    if (!killed.isEmpty()) {
      all.add(
          new Explanation(
              "Tasks named " + quoted(killed),
              "a kill switch drops all of them, or those that its selector finds",
              "Take it out of the file of rules, or end the order, to have them run: 'taskbroker"
                  + " rules' says which.",
              null,
              Kind.RULE));
    }
    if (!inForce.demotion().namespaces().isEmpty()) {
      all.add(
          new Explanation(
              "Tasks of namespaces " + quoted(new TreeSet<>(inForce.demotion().namespaces())),
              "a rule sends them to another topic",
              "Take the namespaces out of the file of rules, or end the order, to have them run"
                  + " here: 'taskbroker rules' says which.",
              null,
              Kind.RULE));
    }
    return all;
  }

  private static String quoted(Collection<String> names) {
    String first =
        names.stream()
            .limit(MOST_QUOTED)
            .map(name -> "'" + name + "'")
            .collect(Collectors.joining(", "));
    return names.size() > MOST_QUOTED
        ? "%s and %d more".formatted(first, names.size() - MOST_QUOTED)
        : first;
  }

  /** Why this task stands where it stands; what holds it up most comes first. */
  public List<Explanation> of(StoredTask task) {
    String what = "Task '%s'".formatted(task.activation().id());
    if (task.parked() != null) {
      return List.of(parked(what, task.parked()));
    }
    return switch (task.state()) {
      case ActivationState.Delayed(long untilMs) -> List.of(delayed(what, untilMs));
      case ActivationState.Pending _ -> pending(what, task);
      case ActivationState.Claimed(_, ClaimPurpose purpose) -> List.of(claimed(what, purpose));
      case ActivationState.Processing(var deadline) -> processing(what, task, deadline);
      case ActivationState.AwaitingRetry _ -> leaving(what, "its next attempt");
      case ActivationState.Failed _ -> failed(what, task);
      case ActivationState.Completed _ ->
          List.of(
              new Explanation(
                  what,
                  "it is over; what is left of it goes once Kafka cannot send its record again",
                  "Nothing is to be done.",
                  null));
    };
  }

  private List<Explanation> processing(String what, StoredTask task, Moment deadline) {
    List<Explanation> reasons = stallsOf(task.activation());
    reasons.add(
        new Explanation(
            what,
            "%s has it, and %s"
                .formatted(
                    task.worker() == null ? "a worker" : "worker " + task.worker(),
                    lastHandOut.deadline(deadline)),
            "Wait. If you know that the worker is gone, 'give-back' lets another one have it now.",
            task.handedOutMs() == 0 ? null : task.handedOutMs()));
    return reasons;
  }

  /** What is stalled and holds this task up, besides the absence of workers. */
  private List<Explanation> stallsOf(Activation task) {
    List<String> about =
        List.of(
            Stalls.STORE,
            Stalls.READING,
            Stalls.SHARING,
            Refusals.WHAT,
            StuckTasks.whatWorkers(task.application()),
            StuckTasks.whatTasks(task));
    List<Explanation> reasons = new ArrayList<>();
    standing().stream()
        .filter(stall -> about.contains(stall.what()) || isPushOf(stall.what(), task))
        .forEach(reasons::add);
    return reasons;
  }

  private static boolean isPushOf(String what, Activation task) {
    return what.startsWith("Pushing ") && what.contains("application '" + task.application() + "'");
  }

  private List<Explanation> pending(String what, StoredTask task) {
    Activation facts = task.activation();
    List<Explanation> reasons = new ArrayList<>();
    if (rules.current().killSwitch().tasknames().contains(facts.taskname())) {
      reasons.add(
          new Explanation(
              what,
              "a kill switch is on for task '%s'".formatted(facts.taskname()),
              "It is dropped when a worker asks for it. Take the name out of the file of rules, or"
                  + " end the order, to keep it.",
              null,
              Kind.RULE));
    }
    if (rules.current().killSwitch().selectors().stream()
        .anyMatch(selector -> selector.taskname().equals(facts.taskname()))) {
      reasons.add(
          new Explanation(
              what,
              "a kill switch looks for some tasks '%s' by their arguments"
                  .formatted(facts.taskname()),
              "It is dropped if its arguments are those. Take the selector out of the file of"
                  + " rules, or end the order, to keep it.",
              null,
              Kind.RULE));
    }
    List<Pause> pauses =
        steering.pauses().stream().filter(pause -> pause.target().matches(facts)).toList();
    pauses.forEach(pause -> reasons.add(paused(what, pause)));
    if (facts.expiresAtMs() != null && facts.expiresAtMs() <= nowMs()) {
      reasons.add(
          new Explanation(
              what,
              "it has expired and is not handed out any more",
              "Upkeep drops it within moments.",
              facts.expiresAtMs()));
    }
    reasons.addAll(stallsOf(facts));
    Optional<ApplicationDepth> depth =
        applications().stream()
            .filter(one -> one.application().equals(facts.application()))
            .findFirst();
    if (pauses.isEmpty() && depth.isPresent() && AbsentWorkers.isAbsent(depth.get(), pauses)) {
      reasons.add(unasked(what, task, depth.get()));
    } else if (reasons.isEmpty()) {
      reasons.add(waiting(what, task, depth));
    }
    return reasons;
  }

  private Explanation waiting(String what, StoredTask task, Optional<ApplicationDepth> depth) {
    Activation facts = task.activation();
    String order =
        facts.isAtMostOnce()
            ? "it waits until Kafka has acknowledged its record's position, or"
            : "it waits";
    int pending = depth.map(ApplicationDepth::pending).orElse(1);
    String asked =
        depth
            .flatMap(ApplicationDepth::sinceAsked)
            .map(length -> "; a worker asked last %s ago".formatted(Elapsed.text(length)))
            .orElse("");
    return new Explanation(
        what,
        "%s%s for a worker: %s%s"
            .formatted(
                before(task),
                order,
                pending == 1
                    ? "it is all that waits of application '%s'".formatted(facts.application())
                    : "%d of application '%s' wait, the oldest is handed out first"
                        .formatted(pending, facts.application()),
                asked),
        "Workers that are busy ask again when they are done: wait, or start more of them."
            + " 'workers' says what each of them has.",
        facts.addedAtMs());
  }

  /** What came before it waited, as the beginning of a sentence. */
  private String before(StoredTask task) {
    return lastHandOut.comeBack(task).map(words -> words + "; ").orElse("");
  }

  // ---------------------------------------------------------------- single reasons

  private static Explanation parked(String what, String why) {
    return new Explanation(
        what,
        "Kafka has refused it: " + withoutFullStop(why),
        "Mend the cause, then have it tried at once with 'parked retry'; it is tried by itself at"
            + " the next start at the latest. 'parked drop' ends it.",
        null);
  }

  /** What Kafka says is a sentence; ours goes on after it. */
  private static String withoutFullStop(String sentence) {
    return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
  }

  private Explanation delayed(String what, long untilMs) {
    return new Explanation(
        what,
        "its delay is over in " + left(Times.minus(untilMs, nowMs())),
        "Wait, or let it run at once with 'run-now'.",
        null);
  }

  private static Explanation claimed(String what, ClaimPurpose purpose) {
    return switch (purpose) {
      case PUSH ->
          new Explanation(
              what,
              "it is on its way to a worker",
              "Look again in a moment; if nobody takes it, it comes back when its lease ends.",
              null);
      case DEMOTION ->
          new Explanation(
              what,
              "a rule sends its namespace to another topic, where it is on its way to",
              "Look again in a moment.",
              null);
    };
  }

  private List<Explanation> leaving(String what, String record) {
    List<Explanation> reasons = new ArrayList<>();
    reasons.add(
        new Explanation(
            what,
            record + " is on its way to Kafka",
            "Look again in a moment; if it stays, something about Kafka is stalled.",
            null));
    standing().stream().filter(stall -> stall.what().contains("topic")).forEach(reasons::add);
    return reasons;
  }

  private List<Explanation> failed(String what, StoredTask task) {
    if (task.activation().onAttemptsExceeded() == OnAttemptsExceeded.DEAD_LETTER) {
      return leaving(what, "its dead letter");
    }
    Failure failure = task.failure();
    return List.of(
        new Explanation(
            what,
            "it has failed, and its producer wants no dead letter"
                + (failure == null ? "" : ": " + reason(failure, task.attempts())),
            "Mend the cause, and try it again with 'requeue'. It is kept for"
                + " store.keep_failed_for.",
            failure == null ? null : failure.atMs()));
  }

  private static String reason(Failure failure, int attempts) {
    String words = FailureWords.of(failure.cause(), attempts);
    return failure.lastError() == null
        ? words
        : "%s (the last error: %s)".formatted(words, failure.lastError());
  }

  /** How this task has ended. */
  public Explanation of(EndedTask task) {
    String id = task.activation().id();
    Optional<String> newId =
        task.ending() == Ending.DEAD_LETTERED ? sentAgain.newIdOf(id) : Optional.empty();
    return new Explanation(
        "Task '%s'".formatted(id),
        "it is over: "
            + lastHandOut.endedBy(task).orElseGet(() -> ended(task))
            + newId.map(now -> ", and was sent again as task '%s'".formatted(now)).orElse(""),
        newId.map(Explanations::askForThatOne).orElseGet(() -> afterEnd(task)),
        task.endedMs());
  }

  /**
   * Names the task as which a dead letter was sent again. It is asked when nothing else is known of
   * the dead letter's task. Empty if this is not known either.
   */
  public Optional<Explanation> ofSentAgain(String id) {
    return sentAgain
        .newIdOf(id)
        .map(
            newId ->
                new Explanation(
                    "Task '%s'".formatted(id),
                    "it is over: its dead letter was sent again as task '%s'".formatted(newId),
                    askForThatOne(newId),
                    null));
  }

  private static String askForThatOne(String newId) {
    return "Ask for that one: 'taskbroker why %s'.".formatted(newId);
  }

  private static String afterEnd(EndedTask task) {
    return switch (task.ending()) {
      case DEAD_LETTERED ->
          "Mend the cause, then send it again: 'taskbroker dead-letters show ID' says whether that"
              + " was done, and as which task, and has its place for 'dead-letters requeue PLACE'.";
      case DISCARDED ->
          "Mend the cause. It is kept no longer: its producer can send it again as a new task.";
      case UNDELIVERABLE ->
          "Mend the cause. Its producer can send it again as a new task; 'taskbroker dead-letters"
              + " groups' shows what remains of this one.";
      case COMPLETED, RETRIED, FORWARDED, EXPIRED, DROPPED, CANCELLED -> "Nothing is to be done.";
    };
  }

  private static String ended(EndedTask task) {
    Failure failure = task.failure();
    String reason = failure == null ? "it has failed" : reason(failure, task.attempts());
    return switch (task.ending()) {
      case COMPLETED -> "it was completed";
      case RETRIED -> "its next attempt is in Kafka, as a task of another id";
      case DEAD_LETTERED -> reason + "; its dead letter is in Kafka";
      case DISCARDED -> reason + "; its producer wants no dead letter";
      case FORWARDED -> "a rule has sent it to another topic";
      case EXPIRED -> "it had expired before a worker had it";
      case DROPPED -> "a kill switch has dropped it";
      case CANCELLED -> "an operator has cancelled it";
      case UNDELIVERABLE -> "no worker could take it; its remains are a dead letter";
    };
  }

  private static Explanation paused(String what, Pause pause) {
    return new Explanation(
        what,
        "paused by %s%s".formatted(pause.by(), saying(pause.reason())),
        pause.untilMs() == null
            ? "End the pause with 'resume'."
            : "The pause ends by itself; 'resume' ends it now.",
        pause.sinceMs(),
        Kind.PAUSE);
  }

  /** To be put after what somebody has ordered. */
  static String saying(String reason) {
    return reason.isEmpty() ? "" : ", because: " + reason;
  }

  private Explanation unasked(String what, StoredTask task, ApplicationDepth depth) {
    String since =
        depth
            .sinceAsked()
            .map(length -> "for " + Elapsed.text(length))
            .orElse("since the broker started");
    return new Explanation(
        what,
        "%sno worker has asked for application '%s' %s"
            .formatted(before(task), depth.application(), since),
        AbsentWorkers.REMEDY,
        null);
  }

  private long nowMs() {
    return time.now().wallMs();
  }

  private static String left(long ms) {
    return Elapsed.text(Duration.ofMillis(Math.max(0, ms)));
  }
}
