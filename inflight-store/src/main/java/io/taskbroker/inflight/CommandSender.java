package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;

/**
 * The callers' side of the queue: whatever they want becomes a command for the writer.
 *
 * <p>Safe for all threads. What waits for an answer is not for the writer's, which would wait for
 * itself.
 */
final class CommandSender {
  private final CommandQueue queue;
  private final TimeSource time;
  private final Threads threads;

  CommandSender(CommandQueue queue, TimeSource time, Threads threads) {
    this.queue = queue;
    this.time = time;
    this.threads = threads;
  }

  /** Queues what a worker waits for. Nobody blocks; the future completes on the writer's thread. */
  <T> CompletableFuture<T> serve(Command<T> command) {
    command.queuedNanos(time.nanos());
    queue.serve(command);
    return command.result();
  }

  /** As {@link #serve(Command)}, for what needs no payload. */
  <T> CompletableFuture<T> serve(StoreCall call, BiFunction<InflightEngine, Moment, T> question) {
    return serve(new Commands.Ask<>(call, time.now(), question));
  }

  /** Queues what can wait for the workers' calls. Nobody blocks. */
  <T> CompletableFuture<T> askLater(
      StoreCall call, BiFunction<InflightEngine, Moment, T> question) {
    Command<T> command = new Commands.Ask<>(call, time.now(), question);
    command.queuedNanos(time.nanos());
    queue.upkeep(command);
    return command.result();
  }

  /** Queues what can wait for the workers' calls, and waits for the answer. */
  <T> T ask(Command<T> command) {
    command.queuedNanos(time.nanos());
    queue.upkeep(command);
    return await(command.result());
  }

  /** Does something to at most {@code limit} rows, in as many turns as that takes. */
  CompletableFuture<Integer> repeat(StoreCall call, int limit, Commands.Repeat.Step step) {
    Command<Integer> command = new Commands.Repeat(call, time.now(), limit, step);
    command.queuedNanos(time.nanos());
    queue.upkeep(command);
    return command.result();
  }

  /** As {@link #repeat}, and waits until all of it is written. */
  int askToRepeat(StoreCall call, int limit, Commands.Repeat.Step step) {
    return await(repeat(call, limit, step));
  }

  /** As {@link #askLater}, and waits for the answer. */
  <T> T ask(StoreCall call, BiFunction<InflightEngine, Moment, T> question) {
    return await(askLater(call, question));
  }

  /**
   * As {@link #ask(BiFunction)}.
   *
   * @param whenWritten run on the writer's thread before anything else is decided; must not throw
   */
  <T> T ask(BiFunction<InflightEngine, Moment, T> question, Runnable whenWritten) {
    Command<T> command = new Commands.Ask<>(StoreCall.OTHER, time.now(), question);
    CompletableFuture<T> done =
        command
            .result()
            .thenApply(
                answer -> {
                  whenWritten.run();
                  return answer;
                });
    command.queuedNanos(time.nanos());
    queue.upkeep(command);
    return await(done);
  }

  /** As {@link #ask(StoreCall, BiFunction)}, for what nobody counts. */
  <T> T ask(BiFunction<InflightEngine, Moment, T> question) {
    return ask(StoreCall.OTHER, question);
  }

  /** Keeps what has happened until it is written. Nobody blocks, and nobody is refused. */
  void tell(List<? extends Fact> happened) {
    long nanos = time.nanos();
    happened.forEach(fact -> fact.queuedNanos(nanos));
    queue.tell(happened);
  }

  /** What has happened to a claim, for {@link #tell}. */
  Fact ofRow(Subject.Event event, Claim claim, BiPredicate<InflightEngine, Moment> decision) {
    return fact(Subject.OfRow.of(event, claim), decision);
  }

  /** What has happened to a row that is with a publisher, for {@link #tell}. */
  Fact ofOutgoing(Subject.Event event, long key, BiPredicate<InflightEngine, Moment> decision) {
    return fact(new Subject.OfRow(event, key, 0), decision);
  }

  private Fact fact(Subject.OfRow subject, BiPredicate<InflightEngine, Moment> decision) {
    StoreCall call =
        switch (subject.event()) {
          case ACCEPTED -> StoreCall.MARK_ACCEPTED;
          case PUBLISHED -> StoreCall.CONFIRM_PUBLISHED;
          case KILLED -> StoreCall.DROP;
          case HANDED_LATE, UNDELIVERED, UNDELIVERABLE, PUSH_FAILED -> StoreCall.OTHER;
          case RETURNED, REFUSED, UNREADABLE, UNCERTAIN, IN_DOUBT -> StoreCall.OTHER;
        };
    return new Fact(call, time.now(), subject, decision);
  }

  /** As {@link #tell}, of one. */
  CompletableFuture<Boolean> tell(Fact happened) {
    tell(List.of(happened));
    return happened.result();
  }

  Moment now() {
    return time.now();
  }

  /** Whether what has happened cannot be written at the moment; for the writer's thread. */
  boolean factsRest() {
    return queue.factsRest();
  }

  /** Facts of these subjects that are not written yet; for the writer's thread. */
  List<Fact> open(Collection<? extends Subject> subjects) {
    return queue.open(subjects);
  }

  /** Forgets facts that are over; for the writer's thread. */
  void forgetOver(List<Fact> told) {
    queue.forgetOver(told);
  }

  /** Queues a batch, and waits until it survives a power cut. */
  int add(List<NewActivation> batch, AssignmentEpoch epoch) {
    IntakeCommand command = new IntakeCommand(batch, epoch, time.nanos());
    queue.add(command);
    return await(command.result());
  }

  private <T> T await(CompletableFuture<T> result) {
    try {
      return threads.await(result);
    } catch (CompletionException e) {
      if (e.getCause() instanceof StoreException known) {
        throw known;
      }
      throw e;
    }
  }
}
