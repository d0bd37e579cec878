package io.taskbroker.application.rules;

import io.taskbroker.application.Defects;
import io.taskbroker.application.EventSink;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.rules.KillSwitch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Judges by the kill switch in force what is about to be handed out: it may have come in before the
 * switch was set. Safe for all threads.
 */
public final class HandOutRules implements AutoCloseable {
  /** What reading the largest task takes, highly compressed, on a busy machine. */
  private static final Duration LONGEST_JUDGING = Duration.ofSeconds(5);

  private final RuntimeRules rules;
  private final ArgumentReader arguments;
  private final TimeSource time;
  private final EventSink<RulesEvent> metrics;

  /** Reading arguments may take long, and pins its thread while it decompresses. */
  private final SerialExecutor judges;

  private final Heartbeat heartbeat;

  public HandOutRules(
      RuntimeRules rules,
      ArgumentReader arguments,
      TimeSource time,
      Threads threads,
      EventSink<RulesEvent> metrics) {
    this.rules = rules;
    this.arguments = arguments;
    this.time = time;
    this.metrics = metrics;
    this.judges =
        new SerialExecutor(threads, "rules-judge", Defects.ofThread("rules-judge", threads));
    this.heartbeat =
        new Heartbeat(
            "rules-judge",
            time,
            LONGEST_JUDGING,
            "it does not come back from reading the arguments of a task that a kill switch names",
            "Tasks of that name wait for it, and all others are handed out. Take the kill switch out"
                + " of the rules, or name the task in it without arguments.");
    heartbeat.idle();
  }

  /** The sign of life of its thread. */
  public Heartbeat heartbeat() {
    return heartbeat;
  }

  /** Whether the kill switch names the activation's task, with arguments or without. Cheap. */
  public boolean isSuspect(Claim claim) {
    KillSwitch killSwitch = rules.current().killSwitch();
    String taskname = claim.activation().taskname();
    return killSwitch.tasknames().contains(taskname) || killSwitch.selects(taskname);
  }

  /**
   * Whether the activation has to be dropped. Completes on the thread {@code rules-judge}. If it
   * fails, nobody knows, and the activation must not be handed out. It fails with {@link
   * RejectedExecutionException} when the broker closes, or the system gives no thread; with
   * anything else, judging this activation is what fails.
   */
  public CompletionStage<Boolean> isKilled(Claim suspect, byte[] payload) {
    try {
      return CompletableFuture.supplyAsync(() -> judge(suspect, payload), judges);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Why the activation is to blame for a failure to judge it; null if it is not. */
  public static @Nullable String fault(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof RejectedExecutionException
        ? null
        : "a kill switch names its task, and its arguments could not be judged: " + cause;
  }

  private boolean judge(Claim suspect, byte[] payload) {
    heartbeat.beat();
    try {
      return judged(suspect, payload);
    } finally {
      heartbeat.idle();
    }
  }

  private boolean judged(Claim suspect, byte[] payload) {
    long began = time.nanos();
    KillSwitch.Match match =
        rules
            .current()
            .killSwitch()
            .judge(suspect.activation().taskname(), wanted -> arguments.read(payload, wanted));
    boolean isKilled = match != KillSwitch.Match.NONE;
    if (isKilled) {
      metrics.count(new RulesEvent.Killed(1, Duration.ofNanos(time.nanos() - began)));
    }
    return isKilled;
  }

  @Override
  public void close() {
    judges.close();
  }
}
