package io.taskbroker.simulation.world;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.simulation.schedule.Life;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Workers that are called by one process. */
final class SimulatedGateway implements WorkerGateway {
  private static final Duration TIME_OUT = Duration.ofSeconds(2);

  private static final Workers THERE =
      new Workers(
          List.of(new WorkerConnection("worker:1", 1), new WorkerConnection("worker:2", 1)), "");

  private static final Workers AWAY = new Workers(List.of(), "nobody is there");

  private final World world;
  private final Life life;
  private final Machine machine;
  private int pushes;

  SimulatedGateway(World world, Life life, Machine machine) {
    this.world = world;
    this.life = life;
    this.machine = machine;
  }

  @Override
  public Set<String> applications() {
    return new TreeSet<>(World.APPLICATIONS);
  }

  @Override
  public Workers workers(String application) {
    return world.workers().areAway() ? AWAY : THERE;
  }

  @Override
  public CompletionStage<Health> health(String application, WorkerConnection over) {
    CompletableFuture<Health> health = new CompletableFuture<>();
    answer(world.latency(), health, world.workers().areAway() ? Health.SILENT : Health.SERVING);
    return health;
  }

  @Override
  public CompletionStage<Answer> push(
      String application, WorkerConnection over, Delivered activation) {
    machine.pushes();
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Duration way = world.latency();
    pushes++;
    world.toldFacts().claimed(machine, activation.claim());
    int luck = world.isHealed() ? 99 : world.dice().roll(100, "push by " + life.name(), pushes);
    if (world.workers().areAway() || luck < 4) {
      answer(way, answer, new Answer.Refused("not connected"));
    } else if (luck < 7) {
      answer(way, answer, new Answer.Busy());
    } else if (luck < 9) { // lost on its way there
      world.ledger().hands().uncertain(activation);
      answer(TIME_OUT, answer, new Answer.Unknown("no answer came"));
    } else if (luck < 12) { // lost on its way back
      arrives(way, activation);
      answer(TIME_OUT, answer, new Answer.Unknown("no answer came"));
    } else if (luck < 14) {
      arrives(way, activation);
      answer(way.multipliedBy(2), answer, new Answer.Failed("the worker broke"));
    } else {
      arrives(way, activation);
      accept(way.multipliedBy(2), answer, activation);
    }
    return answer;
  }

  private void accept(Duration after, CompletableFuture<Answer> answer, Delivered activation) {
    ActivationState claimed = ToldFacts.stateOf(machine, activation.claim());
    world
        .scheduler()
        .after(
            after,
            () ->
                life.run(
                    "push-answer",
                    () -> {
                      world.beforeFact(machine);
                      answer.complete(new Answer.Accepted());
                      SimulatedProcess process = machine.process();
                      if (process != null && process.life().equals(life)) {
                        world.toldFacts().told(machine, process, activation.claim(), claimed);
                      }
                    }));
  }

  private void arrives(Duration after, Delivered activation) {
    world.ledger().hands().uncertain(activation); // it is on its way, whatever is decided meanwhile
    world.scheduler().after(after, () -> world.workers().pushed(machine, life, activation));
  }

  private <T> void answer(Duration after, CompletableFuture<T> stage, T answer) {
    world.scheduler().after(after, () -> life.run("push-answer", () -> stage.complete(answer)));
  }
}
