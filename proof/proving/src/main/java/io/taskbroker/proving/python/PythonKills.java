package io.taskbroker.proving.python;

import io.taskbroker.proving.python.Victims.Victim;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.SourceTree;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Our Python client, its processes, the broker and Kafka are killed under load. */
public final class PythonKills implements Scenario {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Runs before the first kill. */
  private static final int WARM = 50;

  /** Between two kills, so that some meet a start and some meet work, in milliseconds. */
  private static final int SHORTEST_PAUSE = 100;

  private static final int LONGEST_PAUSE = 2_000;

  @Override
  public String name() {
    return "clientkills";
  }

  @Override
  public String promise() {
    return "our Python worker, its children, the broker and Kafka are killed under load, in random"
        + " order: no task is lost, none that is at most once runs twice";
  }

  @Override
  public Verdict play(Stage stage) {
    Installation installation =
        Installation.in(SourceTree.built("python-client"), SourceTree.built("python-installation"));
    return switch (installation) {
      case Installation.Ready(PythonClient client) -> play(stage, client.ours());
      case Installation.Missing(String remedy) ->
          new Verdict().skip("our client, in the reference's environment", remedy);
    };
  }

  private static Verdict play(Stage stage, PythonClient client) {
    stage.say("seed=" + stage.seed());
    Random random = stage.random();
    try (var victims = new Victims(stage, client, random)) {
      victims.awaitEnds("kept", WARM);
      Map<Victim, Integer> killed = killInTurns(victims, order(stage, random), random);
      int sent = victims.endLoad();
      EmptyStore.await(victims.settings(), PATIENCE);
      List<Integer> exits = victims.stop();
      Verdict verdict = new Verdict().show("seed", stage.seed());
      killed.forEach(
          (victim, times) ->
              verdict.show("killed_" + victim.name().toLowerCase(Locale.ROOT), times));
      judge(verdict, victims.runs(), sent);
      return verdict
          .expect("exits_not_0", 0, exits.stream().filter(code -> code != 0).count())
          .expectNone("error_lines", victims.settings().errorLines());
    }
  }

  /** All kinds, each so often that its turn comes beside each other one's. */
  private static List<Victim> order(Stage stage, Random random) {
    List<Victim> order = new ArrayList<>();
    for (Victim victim : Victim.values()) {
      int times =
          switch (victim) {
            case CHILD -> stage.some(20, 4);
            case FORK_SERVER -> stage.some(5, 1);
            case WORKER -> stage.some(10, 2);
            case BROKER -> stage.some(8, 1);
            case KAFKA -> stage.some(4, 1);
          };
      order.addAll(Collections.nCopies(times, victim));
    }
    Collections.shuffle(order, random);
    return order;
  }

  private static Map<Victim, Integer> killInTurns(
      Victims victims, List<Victim> order, Random random) {
    Map<Victim, Integer> killed = new EnumMap<>(Victim.class);
    for (Victim victim : order) {
      Waiting.pause(Duration.ofMillis(random.nextInt(SHORTEST_PAUSE, LONGEST_PAUSE)));
      killed.merge(victim, victims.kill(victim) ? 1 : 0, Integer::sum);
    }
    return killed;
  }

  private static void judge(Verdict verdict, RunLog runs, int sent) {
    List<String> lost = new ArrayList<>();
    List<String> twice = new ArrayList<>();
    for (int label = 0; label < sent; label++) {
      if (runs.ends("kept", label) == 0) {
        lost.add("kept " + label + " never came to its end");
      }
      if (runs.runs("once", label) > 1) {
        twice.add("once " + label + " has run " + runs.runs("once", label) + " times");
      }
    }
    verdict
        .show("sent", 2 * sent)
        .expectNone("lost", lost)
        .expectNone("at_most_once_twice", twice)
        .show("kept_again", runs.runs("kept") - sent)
        .show("at_most_once_not_ended", count(sent, label -> runs.ends("once", label) == 0))
        .show("at_most_once_not_begun", count(sent, label -> runs.runs("once", label) == 0));
  }

  private static long count(int sent, IntPredicate holds) {
    return IntStream.range(0, sent).filter(holds).count();
  }
}
