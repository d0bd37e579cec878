package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.TaskFilter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes up what happens to a store: few ids, so that they meet again and again. */
public final class RandomHistory {
  private final Random random;
  private final Dice dice;
  private final RandomRecords records;
  private final TimeSource time;

  public RandomHistory(Random random, TimeSource time) {
    this.random = random;
    this.time = time;
    this.dice = new Dice(random);
    this.records = new RandomRecords(random, dice, time);
  }

  /** One thing that happens, to be played to several stores alike; gives the answer to compare. */
  public record Step(String name, Function<StorePlayer, Object> play) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Anything, the things included that are done without an answer. */
  public Step next() {
    return switch (random.nextInt(20)) {
      case 0 -> acknowledge();
      case 1 ->
          switch (random.nextInt(6)) {
            case 0, 1 -> lose();
            case 2 -> assign();
            default -> acknowledge();
          };
      case 2 -> random.nextInt(20) == 0 ? stopConsuming() : sweep();
      case 3 -> claimEnds();
      default -> answered();
    };
  }

  /** What becomes of a claim without an answer, and what is not handed out at all. */
  private Step claimEnds() {
    String id = dice.id();
    int age = dice.age();
    String fault = random.nextInt(3) == 0 ? null : "it breaks";
    return switch (random.nextInt(6)) {
      case 0 -> new Step("drop claim -" + age + " of " + id, player -> player.dropClaimed(id, age));
      case 1 -> {
        Set<String> killed = random.nextInt(3) == 0 ? Set.of(dice.any(Dice.TASKNAMES)) : Set.of();
        yield new Step("kill " + killed, player -> player.kill(killed));
      }
      case 2 -> new Step("serve billing", player -> player.serve(Set.of("billing")));
      default ->
          new Step(
              "claim -%d of %s broke off: %s".formatted(age, id, fault),
              player -> player.brokeOff(id, age, fault));
    };
  }

  /** Something that is a single command with an answer. */
  public Step answered() {
    return switch (random.nextInt(25)) {
      case 20, 21 -> steer();
      case 22, 23, 24 -> attempts();
      case 0, 1, 2, 3 -> add();
      case 4, 5, 6, 7 -> claim();
      case 8, 9, 10 -> conclude();
      case 11 -> concludeAll();
      case 12 -> push();
      case 13 ->
          switch (random.nextInt(5)) {
            case 0 -> reject();
            case 1, 2 -> pushFailed();
            default -> sending();
          };
      case 14 -> accepted();
      case 15 -> release();
      case 16, 17 -> sweep();
      case 18 -> take();
      default -> takenCareOf();
    };
  }

  // ---------------------------------------------------------------- intake

  private Step add() {
    List<NewActivation> batch =
        Stream.generate(records::next).limit(1 + random.nextInt(4)).toList();
    return new Step(
        "add " + batch.stream().map(NewActivation::activation).toList(),
        player -> player.add(batch));
  }

  private Step acknowledge() {
    int p = random.nextInt(Dice.PARTITIONS.size());
    long position = Math.max(0, records.nextOffset(p) - random.nextInt(3));
    Map<Partition, Long> positions = Map.of(Dice.PARTITIONS.get(p), position);
    return silent("acknowledge " + positions, player -> player.acknowledge(positions));
  }

  private Step assign() {
    int p = random.nextInt(Dice.PARTITIONS.size());
    long position = random.nextLong(records.nextOffset(p) + 1);
    Map<Partition, Long> positions = Map.of(Dice.PARTITIONS.get(p), position);
    return silent("assign " + positions, player -> player.assign(positions));
  }

  private Step lose() {
    Partition partition = dice.any(Dice.PARTITIONS);
    return silent("lose " + partition, player -> player.lose(partition));
  }

  private Step stopConsuming() {
    return silent("consume taskworker only", player -> player.onlyConsume(Set.of("taskworker")));
  }

  // ---------------------------------------------------------------- dispatch

  private Step claim() {
    ClaimFilter filter = dice.filter();
    String worker = dice.worker();
    return new Step(worker + " claims " + filter, player -> player.claim(filter, worker));
  }

  private Step conclude() {
    Report report = dice.report();
    @Nullable ClaimFilter next = random.nextBoolean() ? dice.filter() : null;
    String worker = dice.worker();
    return new Step(
        worker + " concludes " + report + ", then " + next,
        player -> player.conclude(report, next, worker));
  }

  private Step concludeAll() {
    List<Report> reports = Stream.generate(dice::report).limit(random.nextInt(5)).toList();
    return new Step("conclude " + reports, player -> player.concludeAll(reports));
  }

  private Step push() {
    String application = dice.any(Dice.APPLICATIONS);
    int limit = 1 + random.nextInt(3);
    long maxBytes = random.nextInt(30);
    Duration lease = Duration.ofMillis(random.nextInt(9_000));
    return new Step(
        "claim %d of '%s', of %d bytes, for a push within %s"
            .formatted(limit, application, maxBytes, lease),
        player -> player.claimForPush(application, limit, maxBytes, lease));
  }

  private Step sending() {
    String id = dice.id();
    int age = dice.age();
    return new Step("sending " + id + ", claim -" + age, player -> player.sending(id, age));
  }

  private Step pushFailed() {
    String id = dice.id();
    int age = dice.age();
    return new Step("push failed " + id + ", claim -" + age, player -> player.pushFailed(id, age));
  }

  private Step reject() {
    String id = dice.id();
    int age = dice.age();
    return new Step("reject " + id + ", claim -" + age, player -> player.reject(id, age));
  }

  private Step accepted() {
    String id = dice.id();
    int age = dice.age();
    return new Step("accepted " + id + ", claim -" + age, player -> player.accepted(id, age));
  }

  private Step release() {
    String id = dice.id();
    int age = dice.age();
    return new Step("release " + id + ", claim -" + age, player -> player.release(id, age));
  }

  // ---------------------------------------------------------------- upkeep

  private Step sweep() {
    Sweep kind = dice.any(List.of(Sweep.values()));
    return new Step("sweep " + kind, player -> player.sweep(kind));
  }

  private Step take() {
    Lane lane = dice.any(List.of(Lane.values()));
    int maxRows = 1 + random.nextInt(4);
    long maxBytes = random.nextLong(1, 60);
    return new Step(
        "take " + maxRows + " rows, " + maxBytes + " bytes, " + lane,
        player -> player.take(lane, maxRows, maxBytes));
  }

  private Step takenCareOf() {
    List<String> ids = dice.ids();
    return switch (random.nextInt(10)) {
      case 8 -> new Step("refuse " + ids.getFirst(), player -> player.refuse(ids.getFirst()));
      case 9 -> new Step("lose sight of " + ids, player -> player.loseSightOf(ids));
      case 6 -> demote();
      case 7 -> drop();
      case 0 -> new Step("give back " + ids, player -> player.giveBack(ids));
      case 1 -> new Step("park " + ids.getFirst(), player -> player.park(ids.getFirst()));
      case 2 -> new Step("unpark", StorePlayer::unpark);
      default -> new Step("published " + ids, player -> player.publish(ids));
    };
  }

  // ---------------------------------------------------------------- attempts

  private Step attempts() {
    List<AttemptsInHand.Name> names =
        dice.ids().stream().map(id -> new AttemptsInHand.Name(id, dice.age())).toList();
    return switch (random.nextInt(8)) {
      case 6, 7 -> claimMany();
      case 0 -> {
        Duration pause = random.nextBoolean() ? null : Duration.ofSeconds(random.nextInt(1, 20));
        String worker = dice.worker();
        yield new Step(
            "hold %s, with a sign of life each %s, by %s".formatted(names, pause, worker),
            player -> player.holding(names, pause, worker));
      }
      case 1, 2 -> new Step("hand back " + names, player -> player.tell(names, News.HandBack::new));
      case 3 -> {
        Duration by = Duration.ofMillis(random.nextInt(30_000));
        yield new Step(
            "extend %s by %s".formatted(names, by),
            player -> player.tell(names, one -> new News.Extension(one, by)));
      }
      default -> {
        Report report = dice.report();
        String error = random.nextBoolean() ? null : "it broke";
        yield new Step(
            "%s of %s: %s".formatted(report, names, error),
            player ->
                player.tell(
                    names,
                    one -> new News.Outcome(one, report.conclusion(), report.retry(), error)));
      }
    };
  }

  private Step claimMany() {
    List<ClaimFilter> filters =
        Stream.generate(dice::filter).limit(1 + random.nextInt(3)).distinct().toList();
    Duration pause = random.nextBoolean() ? null : Duration.ofSeconds(random.nextInt(1, 20));
    Want want = new Want(filters, 1 + random.nextInt(4), random.nextLong(60), pause);
    String worker = dice.worker();
    return new Step(worker + " claims " + want, player -> player.claimMany(want, worker));
  }

  // ---------------------------------------------------------------- operators

  private Step steer() {
    return switch (random.nextInt(9)) {
      case 0 -> pause();
      case 1 -> {
        PauseTarget target = dice.target();
        yield new Step("resume " + target, player -> player.resume(target));
      }
      case 2 -> {
        TaskFilter wanted = dice.taskFilter();
        int pieces = 1 + random.nextInt(30);
        yield new Step("list " + wanted, player -> player.list(wanted, pieces));
      }
      case 3 -> drain();
      case 4 -> orderOfRules();
      case 5 -> {
        ParkedAct act = dice.any(List.of(ParkedAct.values()));
        String id = dice.id();
        yield new Step(act + " parked " + id, player -> player.settle(act, id));
      }
      default -> {
        Act act = dice.any(List.of(Act.values()));
        String id = dice.id();
        yield new Step(act + " " + id, player -> player.act(act, id));
      }
    };
  }

  private Step pause() {
    long nowMs = time.now().wallMs();
    Long untilMs = random.nextInt(3) == 0 ? null : (Long) (nowMs + random.nextInt(60_000));
    Pause pause = new Pause(dice.target(), "ann", "to see & know = better", nowMs, untilMs);
    return new Step("pause " + pause, player -> player.pause(pause));
  }

  private Step drain() {
    if (random.nextBoolean()) {
      return new Step("end the drain", StorePlayer::endDrain);
    }
    OnEmpty onEmpty = dice.any(List.of(OnEmpty.values()));
    Drain drain = new Drain("ann", "a deploy & more", time.now().wallMs(), onEmpty);
    return new Step(drain.toString(), player -> player.drain(drain));
  }

  private Step orderOfRules() {
    String name = "order " + random.nextInt(3);
    if (random.nextInt(3) == 0) {
      return new Step("forget " + name, player -> player.forgetRule(name));
    }
    String text = "text = " + random.nextInt(100);
    return new Step("keep " + name + ": " + text, player -> player.keepRule(name, text));
  }

  private Step demote() {
    String namespace = dice.any(Dice.NAMESPACES);
    return new Step("demote " + namespace, player -> player.demote(namespace));
  }

  private Step drop() {
    String taskname = dice.any(Dice.TASKNAMES);
    return new Step("drop " + taskname, player -> player.drop(taskname));
  }

  private static Step silent(String name, Consumer<StorePlayer> play) {
    return new Step(
        name,
        player -> {
          play.accept(player);
          return "said";
        });
  }
}
