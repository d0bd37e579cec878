package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.operations.SteeringStore;
import io.taskbroker.application.operations.StoredTasks;
import io.taskbroker.application.push.PushStore;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.upkeep.OutboxStore;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.ParkedAct;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Plays a history to one store, and gives its answers in words that are equal for equal stores: ids
 * instead of keys, and claims by the order in which a row was claimed.
 */
public final class StorePlayer {
  private static final int MORE_THAN_ALL = 10_000;

  /** The ports of one store. */
  public record Ports(
      IntakeStore intake,
      DispatchStore dispatch,
      PushStore pushes,
      SweepStore sweeps,
      RulesStore rules,
      OutboxStore outbox,
      StoredTasks tasks,
      SteeringStore steering,
      RuleOrderStore ruleOrders,
      AttemptStore attempts) {
    public static Ports of(TestStore store) {
      return new Ports(
          store.intake(),
          store.dispatch(),
          store.pushes(),
          store.sweeps(),
          store.rules(),
          store.outbox(),
          store.tasks(),
          store.steering(),
          store.ruleOrders(),
          store.attempts());
    }

    public static Ports of(Store store) {
      return new Ports(
          store.intake(),
          store.dispatch(),
          store.pushes(),
          store.sweeps(),
          store.rules(),
          store.outbox(),
          store.tasks(),
          store.steering(),
          store.ruleOrders(),
          store.attempts());
    }
  }

  private Ports ports;
  private final ClaimsInHand claims = new ClaimsInHand();
  private final AttemptsInHand attempts = new AttemptsInHand();
  private final Map<String, Long> taken = new HashMap<>();

  public StorePlayer(Ports ports) {
    this.ports = ports;
  }

  /** Goes on with a store that was reopened; what was in hand is in hand no more. */
  public void continueWith(Ports reopened) {
    ports = reopened;
    claims.clear();
    taken.clear();
  }

  /** What was handed out last may have reached nobody: no attempt is known from here on. */
  public void forgetAttempts() {
    attempts.clear();
  }

  // ---------------------------------------------------------------- intake

  int add(List<NewActivation> batch) {
    return ports.intake().add(batch, new AssignmentEpoch());
  }

  public void acknowledge(Map<Partition, Long> positions) {
    ports.intake().acknowledged(positions);
  }

  void assign(Map<Partition, Long> positions) {
    sweep(Sweep.COMMITTED); // which some stores have done by themselves
    ports.intake().assigned(positions);
  }

  void lose(Partition partition) {
    ports.intake().lost(List.of(partition));
  }

  void onlyConsume(Set<String> topics) {
    ports.sweeps().onlyConsumed(topics);
  }

  // ---------------------------------------------------------------- dispatch

  List<String> claim(ClaimFilter filter, String worker) {
    return inWords(
        StoreContract.await(ports.dispatch().claim(filter, new NamedRecipient(worker))).stream()
            .toList());
  }

  List<String> conclude(Report report, @Nullable ClaimFilter next, String worker) {
    var concluded =
        StoreContract.await(ports.dispatch().conclude(report, next, new NamedRecipient(worker)));
    List<String> words = new ArrayList<>(inWords(concluded.next().stream().toList()));
    words.add(concluded.known() ? "known" : "unknown");
    return words;
  }

  List<Boolean> concludeAll(List<Report> reports) {
    return StoreContract.await(ports.dispatch().concludeAll(reports));
  }

  Set<String> claimForPush(String application, int limit, long maxBytes, Duration lease) {
    return Set.copyOf(
        inWords(
            StoreContract.await(ports.pushes().claimForPush(application, limit, maxBytes, lease))));
  }

  private List<String> inWords(List<Delivered> delivered) {
    attempts.add(delivered);
    return claims.inWords(delivered);
  }

  List<String> claimMany(Want want, String worker) {
    return inWords(StoreContract.await(ports.attempts().claim(want, new NamedRecipient(worker))));
  }

  /** Says one thing of each of these attempts. */
  List<Answer> tell(List<AttemptsInHand.Name> of, Function<Attempt, News> what) {
    List<News> news = of.stream().map(attempts::find).map(what).toList();
    return StoreContract.await(ports.attempts().tell(news));
  }

  List<Holding> holding(
      List<AttemptsInHand.Name> of, @Nullable Duration longestPause, String worker) {
    List<Attempt> held = of.stream().map(attempts::find).toList();
    return StoreContract.await(ports.attempts().holding(held, longestPause, worker));
  }

  /**
   * @param age 0 for the latest claim of the row, 1 for the one before
   */
  String release(String id, int age) {
    Claim claim = claims.find(id, age);
    if (claim == null) {
      return "no claim";
    }
    ports.dispatch().release(List.of(claim));
    return heard();
  }

  String sending(String id, int age) {
    Claim claim = claims.find(id, age);
    return claim == null
        ? "no claim"
        : "sending " + StoreContract.await(ports.pushes().sending(claim));
  }

  String brokeOff(String id, int age, @Nullable String fault) {
    Claim claim = claims.find(id, age);
    if (claim != null) {
      ports.dispatch().brokeOff(claim, fault);
    }
    return "said";
  }

  String dropClaimed(String id, int age) {
    Claim claim = claims.find(id, age);
    if (claim != null) {
      ports.dispatch().drop(claim);
    }
    return "said";
  }

  String serve(Set<String> applications) {
    ports.intake().serves(applications);
    return "said";
  }

  String kill(Set<String> tasknames) {
    ports.rules().kill(tasknames);
    return "said";
  }

  String pushFailed(String id, int age) {
    Claim claim = claims.find(id, age);
    if (claim == null) {
      return "no claim";
    }
    ports.pushes().pushFailed(claim, "it breaks");
    return "done";
  }

  String reject(String id, int age) {
    Claim claim = claims.find(id, age);
    byte[] remains = ("payload of " + id).getBytes(StandardCharsets.UTF_8);
    return claim == null
        ? "no claim"
        : "rejected "
            + StoreContract.await(ports.pushes().reject(claim, remains, "no worker takes it"));
  }

  String accepted(String id, int age) {
    Claim claim = claims.find(id, age);
    return claim == null
        ? "no claim"
        : "accepted " + StoreContract.await(ports.pushes().accepted(claim));
  }

  // ---------------------------------------------------------------- upkeep

  public int sweep(Sweep kind) {
    return ports.sweeps().sweep(kind, MORE_THAN_ALL);
  }

  int unpark() {
    return ports.outbox().unpark();
  }

  int drop(String taskname) {
    return ports.rules().drop(StoreContract.find(ports.rules(), taskname));
  }

  int demote(String namespace) {
    return ports.rules().demote(Set.of(namespace), MORE_THAN_ALL);
  }

  List<String> take(Lane lane, int maxRows, long maxBytes) {
    List<String> words = new ArrayList<>();
    for (Taken one : ports.outbox().take(lane, maxRows, maxBytes)) {
      taken.put(one.row().activation().id(), one.row().key());
      Outgoing row = one.row();
      words.add(
          "%s %s, %d attempts, %d refusals, %s, %s"
              .formatted(
                  row.activation(),
                  row.retry(),
                  row.attempts(),
                  row.refusals(),
                  KeptRow.timeless(row.failure()),
                  ClaimsInHand.text(one.payload())));
    }
    return words;
  }

  /** What was only told is done, or the store has died of it. */
  private String heard() {
    var _ = ports.intake().awaitedPartitions();
    return "done";
  }

  String publish(List<String> ids) {
    ports.outbox().published(keysOf(ids));
    return heard();
  }

  String giveBack(List<String> ids) {
    ports.outbox().giveBack(keysOf(ids));
    return heard();
  }

  String park(String id) {
    keysOf(List.of(id)).forEach(key -> ports.outbox().park(key, "no topic will take " + id));
    return heard();
  }

  String refuse(String id) {
    keysOf(List.of(id)).forEach(key -> ports.outbox().refused(key, "not now, " + id));
    return heard();
  }

  String loseSightOf(List<String> ids) {
    ports.outbox().uncertain(keysOf(ids), "no answer");
    return heard();
  }

  private List<Long> keysOf(List<String> ids) {
    return ids.stream().filter(taken::containsKey).map(taken::get).toList();
  }

  // ---------------------------------------------------------------- operators

  String act(Act act, String id) {
    return ports
        .tasks()
        .find(id)
        .map(task -> ports.steering().act(act, List.of(task.key())).toString())
        .orElse("not there");
  }

  String settle(ParkedAct act, String id) {
    List<Long> keys =
        ports.tasks().parked(0, MORE_THAN_ALL).tasks().stream()
            .filter(row -> row.activation().id().equals(id))
            .map(StoredTask::key)
            .toList();
    return ports.steering().settle(act, keys).toString();
  }

  String pause(Pause pause) {
    ports.steering().pause(pause);
    return "paused";
  }

  boolean resume(PauseTarget target) {
    return ports.steering().resume(target);
  }

  String drain(Drain drain) {
    ports.steering().drain(drain);
    return "draining";
  }

  boolean endDrain() {
    return ports.steering().endDrain();
  }

  String keepRule(String name, String text) {
    ports.ruleOrders().keep(name, text);
    return "kept";
  }

  boolean forgetRule(String name) {
    return ports.ruleOrders().forget(name);
  }

  /** The ids of a list that is read in pieces. */
  List<String> list(TaskFilter filter, int pieces) {
    List<String> ids = new ArrayList<>();
    TaskPage page = ports.tasks().list(filter, 0, pieces);
    page.tasks().forEach(task -> ids.add(task.activation().id()));
    while (!page.isLast()) {
      page = ports.tasks().list(filter, page.last(), pieces);
      page.tasks().forEach(task -> ids.add(task.activation().id()));
    }
    return ids;
  }

  // ---------------------------------------------------------------- measuring

  /** Lets take effect at once what a store may do by itself whenever it likes. */
  void settle() {
    sweep(Sweep.COMMITTED);
    sweep(Sweep.DELAYS); // also moves far delays near
  }

  /** All that can be asked without changing anything, memory apart: that is each store's own. */
  public Map<String, Object> measures() {
    return StoreMeasures.of(ports);
  }
}
