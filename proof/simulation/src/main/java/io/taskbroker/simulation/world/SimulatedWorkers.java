package io.taskbroker.simulation.world;

import io.taskbroker.application.dispatch.Caller;
import io.taskbroker.application.dispatch.Dispatch;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.simulation.schedule.Life;
import io.taskbroker.simulation.schedule.Scheduler;
import io.taskbroker.testkit.broker.PlainTask;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Workers, which ask or are called, work, report, and do all of that badly at times. */
final class SimulatedWorkers {
  private static final Duration CALL = Duration.ofSeconds(3);
  private static final Duration POLL = Duration.ofMillis(60);
  private static final int MOST_REPORTS = 12;

  private final World world;
  private final Scheduler scheduler;
  private final Life life;
  private long awayUntil;
  private int runs;
  private int calls;

  SimulatedWorkers(World world) {
    this.world = world;
    this.scheduler = world.scheduler();
    this.life = scheduler.life("workers", world.ledger()::uncaught);
  }

  /** What a worker does with a task. */
  private enum Deed {
    COMPLETE,
    FAIL,
    RETRY,
    DIE,
    REPORT_LATE,
    REPORT_TWICE
  }

  void start(int workers) {
    for (int number = 1; number <= workers; number++) {
      String name = "worker-" + number;
      life.run(name, () -> pull(name));
    }
  }

  void goAway(Duration span) {
    awayUntil = Math.max(awayUntil, scheduler.nanos() + span.toNanos());
  }

  void heal() {
    awayUntil = 0;
  }

  boolean areAway() {
    return awayUntil > scheduler.nanos();
  }

  // ---------------------------------------------------------------- those that ask

  private void pull(String name) {
    Caller caller = new Caller();
    for (int turn = 0; ; turn++) {
      Machine machine = world.machine(next(turn));
      SimulatedProcess process = machine.serving();
      Delivered task = process == null || areAway() ? null : ask(machine, process, caller);
      while (task != null) {
        task = work(name, machine, caller, task);
      }
      life.sleep(POLL);
    }
  }

  /** Any broker; once faults have ended each in its turn, so that few workers end everything. */
  private int next(int turn) {
    int brokers = world.setup().brokers();
    return world.isHealed() ? turn % brokers : roll(brokers, "broker");
  }

  private @Nullable Delivered ask(Machine machine, SimulatedProcess process, Caller caller) {
    Dispatch.Wish wish = wish();
    Call call = new Call(process, caller, machine);
    if (call.waitsUntil() != null) {
      world
          .waitingCalls()
          .begin(call, process, machine, new ClaimFilter(wish.application(), wish.namespace()));
    }
    process
        .dispatch()
        .next(wish, call)
        .whenComplete((next, _) -> call.answered(next == null ? Optional.empty() : next));
    return call.await();
  }

  private Dispatch.Wish wish() {
    int luck = roll(6, "wish");
    String application = World.APPLICATIONS.get(luck % 2);
    String namespace = World.NAMESPACES.get(roll(2, "wished namespace"));
    return luck < 3 || world.isHealed()
        ? new Dispatch.Wish(null, null)
        : new Dispatch.Wish(application, luck == 3 ? null : namespace);
  }

  /** One call of a worker, which may wait for a task, and whose answer may get lost. */
  private final class Call implements Recipient {
    private final SimulatedProcess process;
    private final Caller caller;
    private final Machine machine;
    private final CompletableFuture<Optional<Delivered>> arrived = new CompletableFuture<>();
    private final @Nullable Moment waitsUntil;
    private boolean cancelled;

    Call(SimulatedProcess process, Caller caller, Machine machine) {
      this.process = process;
      this.caller = caller;
      this.machine = machine;
      this.waitsUntil =
          roll(2, "waits") == 0
              ? null
              : machine.time().now().plusMs(100 + roll(longestWait(), "wait"));
    }

    private int longestWait() {
      return world.isHealed() ? 500 : 3_500;
    }

    @Override
    public @Nullable Moment waitsUntil() {
      return waitsUntil;
    }

    @Override
    public boolean accepts(Claim claim) {
      world.toldFacts().claimed(machine, claim);
      return !cancelled && (world.isHealed() || roll(25, "declines") != 0);
    }

    /** On a thread of the broker. */
    void answered(Optional<Delivered> next) {
      world.waitingCalls().end(this);
      if (next.isEmpty()) {
        arrived.complete(next);
        return;
      }
      int luck = world.isHealed() ? 99 : roll(100, "answer");
      if (cancelled || luck < 4) { // the connection broke, and the broker knows
        world.ledger().hands().brokeOff(next.get());
        tell(next.get(), () -> dispatch().brokeOff(next.get().claim(), caller));
        arrived.complete(Optional.empty());
      } else if (luck < 6) {
        tell(next.get(), () -> dispatch().undelivered(next.get().claim()));
        arrived.complete(Optional.empty());
      } else if (luck < 8) { // nobody knows
        world.ledger().hands().uncertain(next.get());
        arrived.complete(Optional.empty());
      } else {
        dispatch().delivered(caller);
        world.ledger().hands().handed(machine, process.life(), next.get());
        scheduler.after(world.latency(), () -> arrived.complete(next));
      }
    }

    private Dispatch dispatch() {
      return process.dispatch();
    }

    /** Tells the broker what became of a claim. */
    private void tell(Delivered task, Runnable words) {
      ActivationState claimed = ToldFacts.stateOf(machine, task.claim());
      world.beforeFact(machine);
      words.run();
      world.toldFacts().told(machine, process, task.claim(), claimed);
    }

    /** The worker waits no longer, and the broker sees that. */
    void cancel() {
      cancelled = true;
      world.waitingCalls().end(this);
      if (process.isServing()) {
        dispatch().gone(this);
      }
    }

    @Nullable Delivered await() {
      boolean done = life.await(arrived, CALL);
      if (!done) {
        cancel();
      }
      return done ? arrived.join().orElse(null) : null;
    }
  }

  // ---------------------------------------------------------------- those that are called

  /** A push arrives at a worker. */
  void pushed(Machine machine, Life broker, Delivered task) {
    world.ledger().hands().handed(machine, broker, task);
    life.run(
        "pushed",
        () -> {
          Delivered _ = work("worker", machine, new Caller(), task);
        });
  }

  // ---------------------------------------------------------------- work

  private int roll(int bound, String what) {
    calls++;
    return world.dice().roll(bound, what, calls);
  }

  private Deed deed(PlainTask task) {
    if (world.isHealed()) {
      return Deed.COMPLETE;
    }
    runs++;
    int luck = world.dice().roll(100, task.id(), runs);
    if (luck < 55) {
      return Deed.COMPLETE;
    }
    if (luck < 68) {
      return Deed.FAIL;
    }
    if (luck < 84) {
      return task.attempts() < 2 ? Deed.RETRY : Deed.COMPLETE;
    }
    if (luck < 90) {
      return Deed.DIE;
    }
    return luck < 94 ? Deed.REPORT_LATE : Deed.REPORT_TWICE;
  }

  /** Works and reports; the next task if the report has fetched one. */
  private @Nullable Delivered work(
      String name, Machine machine, Caller caller, Delivered delivered) {
    PlainTask task = PlainTask.decode(delivered.payload()).orElseThrow();
    String attempt = world.names().attempt(task);
    Deed deed = deed(task);
    life.sleep(Duration.ofMillis(1 + roll(40, "work")));
    switch (deed) {
      case DIE -> {
        world.history().say(name, "dies over %s", attempt);
        return null;
      }
      case REPORT_LATE ->
          life.sleep(
              Duration.ofSeconds(task.processingDeadlineSec()).plusMillis(roll(4_000, "late")));
      case COMPLETE, FAIL, RETRY, REPORT_TWICE -> {}
    }
    Conclusion conclusion =
        switch (deed) {
          case COMPLETE, DIE, REPORT_LATE, REPORT_TWICE -> Conclusion.COMPLETE;
          case FAIL -> Conclusion.FAILURE;
          case RETRY -> Conclusion.RETRY;
        };
    Report report =
        new Report(
            task.id(),
            conclusion,
            roll(4, "override") == 0 ? new RetryOverride(5, 1L) : RetryOverride.NONE);
    Delivered next = report(name, machine, caller, task, report);
    if (deed == Deed.REPORT_TWICE) {
      Delivered _ = report(name, machine, caller, task, report);
    }
    return next;
  }

  /** Where brokers share their rows, any of them takes a report. */
  private Machine told(Machine giver) {
    return world.setup().shared() && roll(3, "told") == 0
        ? world.machine(roll(world.setup().brokers(), "another"))
        : giver;
  }

  /** Reports until the broker answers, or patience ends. */
  private @Nullable Delivered report(
      String name, Machine giver, Caller caller, PlainTask task, Report report) {
    for (int attempt = 0; attempt < MOST_REPORTS; attempt++) {
      Machine machine = told(giver);
      SimulatedProcess process = machine.serving();
      if (process != null) {
        int crashes = machine.knownCrashes();
        world.ledger().hands().reporting(task, report.conclusion());
        boolean fetches = !world.setup().pushes() && !areAway() && roll(2, "fetch") == 0;
        Call call = new Call(process, caller, machine);
        CompletionStage<Concluded> answer =
            fetches || roll(3, "batch") > 0
                ? process
                    .dispatch()
                    .report(report, fetches ? new Dispatch.Wish(null, null) : null, call)
                : process
                    .dispatch()
                    .reportAll(List.of(report))
                    .thenApply(known -> new Concluded(known.getFirst(), Optional.empty()));
        CompletableFuture<Concluded> arrived = new CompletableFuture<>();
        answer.whenComplete(
            (concluded, failure) -> {
              if (failure != null) {
                if (!fetches) { // else the report may be written, and only the next task is refused
                  world.ledger().hands().refused(task, report.conclusion(), failure);
                }
                arrived.completeExceptionally(failure);
                return;
              }
              world
                  .ledger()
                  .hands()
                  .reported(machine, process.life(), task, report.conclusion(), concluded, crashes);
              call.answered(concluded.next());
              arrived.complete(concluded);
            });
        boolean done = life.await(arrived, CALL);
        boolean isHeard = done && !arrived.isCompletedExceptionally();
        if (isHeard && (world.isHealed() || roll(20, "report lost") > 0)) {
          world
              .history()
              .say(
                  name,
                  "reports %s of %s to %s: %s",
                  report.conclusion(),
                  world.names().attempt(task),
                  machine.name(),
                  arrived.join().known() ? "taken" : "unknown");
          return call.await();
        }
        call.cancel();
      }
      life.sleep(Duration.ofMillis(300 + roll(300, "again")));
    }
    return null;
  }
}
