package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.application.push.WorkerGateway.Health;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which connection gets a task, and what one that hangs or breaks means for the others. */
class PushConnectionsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** Longer than a connection's first pause, shorter than a lease. */
  private static final Duration A_MOMENT = Duration.ofMillis(200);

  private static final Duration LONG = Duration.ofSeconds(2);

  private final SettableTime time = new SettableTime();
  private final ModelStore tasks = new ModelStore(ENGINE, time);
  private final HeldWorkers workers = new HeldWorkers();
  private final Stalls stalls = new Stalls(time);
  private final List<PushEvent> events = new CopyOnWriteArrayList<>();
  private int stored;

  // ---------------------------------------------------------------- load

  @Test
  @DisplayName("Ours: the connection with the fewest pushes under way gets the next")
  void theConnectionWithTheFewestPushesUnderWay_getsTheNext() throws Exception {
    workers.connections("w1:1", "w2:1");
    PushDelivery delivery = delivery(4);
    store("a", "b", "c", "d");
    delivery.turn();
    List<HeldWorkers.Push> pushes = take(4);
    assertThat(pushes)
        .extracting(push -> push.over().address())
        .containsExactlyInAnyOrder("w1:1", "w1:1", "w2:1", "w2:1");

    pushes.stream()
        .filter(push -> push.over().address().equals("w2:1"))
        .forEach(push -> push.answered(new Answer.Accepted()));
    store("e", "f");
    delivery.turn();

    assertThat(take(2)).extracting(push -> push.over().address()).containsExactly("w2:1", "w2:1");
  }

  @Test
  @DisplayName("Ours: one push at a time, and one worker of four that hangs holds up nobody")
  void aWorkerThatHangs_takesNoPlaceFromTheOthers() throws Exception {
    workers.connections("w1:1", "w2:1", "w3:1", "w4:1");
    PushDelivery delivery = delivery(1);
    store("hangs");
    delivery.turn();
    HeldWorkers.Push hanging = workers.take();
    time.advance(LONG);

    for (int i = 0; i < 20; i++) {
      store("task-" + i);
      delivery.turn();
      HeldWorkers.Push next = workers.take();
      assertThat(next.over()).isNotEqualTo(hanging.over());
      assertThat(workers.hasMore()).as("one at a time").isFalse();
      next.answered(new Answer.Accepted());
    }
  }

  @Test
  void aLonelyConnectionThatIsSlow_stillHasAllItsPlaces() throws Exception {
    PushDelivery delivery = delivery(2);
    store("a");
    delivery.turn();
    workers.take();
    time.advance(LONG);

    store("b", "c");
    delivery.turn();

    assertThat(id(workers.take())).isEqualTo("b");
    assertThat(workers.hasMore()).isFalse();
  }

  @Test
  @DisplayName("Ours: a connection pauses, not the application, and the line names it")
  void aConnectionThatFails_pausesAlone_andIsNamed() throws Exception {
    workers.connections("w1:1", "w2:1");
    workers.health(Health.SILENT);
    PushDelivery delivery = delivery(2);
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    HeldWorkers.Push second = workers.take();
    first.answered(new Answer.Unknown("no answer within PT1S"));
    assertThat(stalls.current()).isEmpty();
    time.advance(LONG);
    second.answered(new Answer.Accepted());

    store("c", "d");
    delivery.turn();

    assertThat(take(2)).extracting(HeldWorkers.Push::over).containsOnly(second.over());
    assertThat(stalls.current())
        .isEqualTo(
            Map.of(
                "Pushing over connections to " + first.over().address() + " (application 'shop')",
                "1 of 1 take nothing: no answer within PT1S"));
  }

  @Test
  @DisplayName("Ours: sixteen connections to one address that fail are one standstill")
  void connectionsToOneAddress_areNamedTogether_withTheirCount() throws Exception {
    workers.connections(
        Stream.concat(Collections.nCopies(16, "w1:1").stream(), Stream.of("w2:1"))
            .toArray(String[]::new));
    PushDelivery delivery = delivery(17);
    store(IntStream.range(0, 17).mapToObj(i -> "t" + i).toArray(String[]::new));
    delivery.turn();
    List<HeldWorkers.Push> pushes = take(17);
    List<HeldWorkers.Push> failing =
        pushes.stream().filter(push -> push.over().address().equals("w1:1")).toList();
    failing.forEach(push -> push.answered(new Answer.Refused("away")));
    time.advance(LONG);

    pushes.stream()
        .filter(push -> push.over().address().equals("w2:1"))
        .forEach(push -> push.answered(new Answer.Accepted()));

    String what = "Pushing over connections to w1:1 (application 'shop')";
    String why = " of 16 take nothing: away";
    assertThat(stalls.current()).isEqualTo(Map.of(what, "16" + why));
    store("again");
    delivery.turn();
    HeldWorkers.Push next = workers.take();
    while (!next.over().address().equals("w1:1")) {
      next = workers.take();
    }
    next.answered(new Answer.Accepted());
    assertThat(stalls.current()).isEqualTo(Map.of(what, "15" + why));
  }

  @Test
  void whenEveryConnectionPauses_theApplicationStandsStill() throws Exception {
    workers.connections("w1:1", "w2:1");
    PushDelivery delivery = delivery(2);
    store("a", "b");
    delivery.turn();
    take(2).forEach(push -> push.answered(new Answer.Refused("away")));

    assertThat(stalls.current())
        .isEqualTo(
            Map.of(
                "Pushing to the workers of application 'shop'",
                "away (connection 1 to w1:1, and 1 more)"));
    time.advance(A_MOMENT);
    delivery.turn();
    workers.take().answered(new Answer.Accepted());
    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void large_payloadsUnderWay_areBounded() throws Exception {
    workers.connections("w1:1", "w2:1", "w3:1", "w4:1", "w5:1");
    PushDelivery delivery = delivery(64);
    for (int i = 0; i < 8; i++) {
      tasks.add(
          List.of(
              Activations.pending("large-" + i)
                  .offset(stored++)
                  .payload(new byte[10_000_000])
                  .arriving()),
          new AssignmentEpoch());
    }
    for (int turn = 0; turn < 8; turn++) {
      delivery.turn();
    }

    assertThat(tasks.depths().claimed()).isEqualTo(4);
    workers.take().answered(new Answer.Accepted());
    delivery.turn();
    assertThat(tasks.depths().claimed()).isEqualTo(4);
  }

  // ---------------------------------------------------------------- at most once

  @ParameterizedTest
  @DisplayName("Ours: after an unknown end, at-most-once tasks wait for SERVING or for a success")
  @EnumSource(value = Health.class)
  void afterAnUnknownEnd_atMostOnceTasksWait(Health health) throws Exception {
    workers.health(health);
    PushDelivery delivery = delivery(4);
    storeOnce("first");
    delivery.turn();
    workers.take().answered(new Answer.Unknown("UNAVAILABLE: upstream"));
    storeOnce("second");

    time.advance(A_MOMENT);
    delivery.turn();

    assertThat(workers.hasMore()).isEqualTo(health == Health.SERVING);
    assertThat(workers.healthChecks()).isEqualTo(1);
    assertThat(tasks.depths().claimed()).as("the first, until its lease ends").isPositive();
    assertThat(unknowns()).isEqualTo(1);
  }

  @Test
  void withoutAHealthService_anAtLeastOnceTaskFindsOut() throws Exception {
    workers.health(Health.NO_SERVICE);
    PushDelivery delivery = delivery(4);
    storeOnce("first");
    delivery.turn();
    workers.take().answered(new Answer.Unknown("UNAVAILABLE: upstream"));
    store("plain");
    storeOnce("second");

    time.advance(A_MOMENT);
    delivery.turn();
    HeldWorkers.Push trial = workers.take();
    assertThat(id(trial)).isEqualTo("plain");
    assertThat(workers.hasMore()).as("one at first").isFalse();
    trial.answered(new Answer.Accepted());

    time.advance(LONG);
    delivery.turn();
    assertThat(id(workers.take())).isEqualTo("second");
  }

  @Test
  void atMostOnceTasksThatAreWithheld_haveALine() throws Exception {
    workers.health(Health.NO_SERVICE);
    PushDelivery delivery = delivery(4);
    storeOnce("first");
    delivery.turn();
    workers.take().answered(new Answer.Unknown("UNAVAILABLE: upstream"));
    storeOnce("second");
    time.advance(A_MOMENT);
    delivery.turn();

    assertThat(stalls.current())
        .containsKey("Pushing at-most-once activations of application 'shop'");
    assertThat(tasks.depths().pending()).isEqualTo(1);
  }

  @Test
  void atMostOnceTasks_goOverAnotherConnectionMeanwhile() throws Exception {
    workers.connections("w1:1", "w2:1");
    workers.health(Health.SILENT);
    PushDelivery delivery = delivery(1);
    storeOnce("first");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    first.answered(new Answer.Unknown("UNAVAILABLE: upstream"));

    for (int i = 0; i < 5; i++) {
      storeOnce("task-" + i);
      delivery.turn();
      HeldWorkers.Push next = workers.take();
      assertThat(next.over()).isNotEqualTo(first.over());
      next.answered(new Answer.Accepted());
    }
  }

  @Test
  @DisplayName("Ours: a deploy behind a proxy does not fail at-most-once tasks one by one")
  void aDeploy_failsNoMoreAtMostOnceTasksThanWereUnderWay() throws Exception {
    PushDelivery delivery = delivery(2);
    workers.health(Health.NOT_SERVING);
    for (int i = 0; i < 10; i++) {
      storeOnce("task-" + i);
    }
    delivery.turn();
    take(2).forEach(push -> push.answered(new Answer.Unknown("UNAVAILABLE: upstream")));
    for (int second = 0; second < 20; second++) {
      time.advance(Duration.ofSeconds(1));
      delivery.turn();
      assertThat(workers.hasMore()).isFalse();
    }

    workers.health(Health.SERVING);
    time.advance(Duration.ofSeconds(6));
    delivery.turn();
    for (int i = 0; i < 8; i++) {
      workers.take().answered(new Answer.Accepted());
    }

    time.advance(LEASE);
    assertThat(tasks.sweep(Sweep.LEASES, 100)).isEqualTo(2);
    assertThat(tasks.depths().failed()).isEqualTo(2);
  }

  @Test
  void lateNewsOfAnEarlierDoubt_doesNotBringItBack() throws Exception {
    PushDelivery delivery = delivery(2);
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    HeldWorkers.Push second = workers.take();
    first.answered(new Answer.Unknown("no answer"));
    time.advance(A_MOMENT);
    delivery.turn();
    store("c");
    delivery.turn();
    workers.take().answered(new Answer.Accepted());

    second.answered(new Answer.Unknown("no answer"));
    store("d");
    delivery.turn();

    assertThat(id(workers.take())).isEqualTo("d");
  }

  // ---------------------------------------------------------------- connections that come and go

  @Test
  void aNewConnection_getsItsShareAtOnce_andOneThatIsGoneGetsNothing() throws Exception {
    workers.connections("w1:1");
    PushDelivery delivery = delivery(2);
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push old = workers.take();
    workers.take();

    workers.connections("w2:1");
    delivery.turn();
    old.answered(new Answer.Accepted());
    store("c");
    delivery.turn();

    assertThat(workers.take().over().address()).isEqualTo("w2:1");
  }

  @Test
  void aRestingConnectionThatIsGone_isNoStandstillAnyMore() throws Exception {
    workers.connections("w1:1", "w2:1");
    workers.health(Health.SILENT);
    PushDelivery delivery = delivery(2);
    store("a", "b");
    delivery.turn();
    HeldWorkers.Push first = workers.take();
    first.answered(new Answer.Unknown("no answer"));
    time.advance(LONG);
    HeldWorkers.Push second = workers.take();
    second.answered(new Answer.Accepted());
    assertThat(stalls.current()).hasSize(1);

    workers.connections(second.over().address());
    delivery.turn();

    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void withoutAnyConnection_nothingIsClaimed_andALineSaysWhy() {
    workers.connections();
    PushDelivery delivery = delivery(2);
    store("a");
    time.advance(LONG);
    delivery.turn();

    assertThat(tasks.depths().pending()).isEqualTo(1);
    assertThat(stalls.current())
        .isEqualTo(Map.of("Pushing to the workers of application 'shop'", "nobody is there"));
  }

  // ---------------------------------------------------------------- fixture

  private PushDelivery delivery(int concurrency) {
    var settings = new PushSettings(concurrency, 4, 16, Duration.ofSeconds(5), LEASE);
    return new PushDelivery(tasks, new PushPorts(workers, settings, events::add), time, stalls);
  }

  private void store(String... ids) {
    for (String id : ids) {
      tasks.add(
          List.of(Activations.pending(id).offset(stored++).arriving()), new AssignmentEpoch());
    }
  }

  /** With its offset acknowledged, so that it may be handed out. */
  private void storeOnce(String id) {
    tasks.add(
        List.of(Activations.pending(id).offset(stored++).atMostOnce().arriving()),
        new AssignmentEpoch());
    tasks.acknowledged(Map.of(Activations.ORIGIN, (long) stored));
    tasks.sweep(Sweep.COMMITTED, 100);
  }

  private List<HeldWorkers.Push> take(int pushes) throws InterruptedException {
    List<HeldWorkers.Push> taken = new ArrayList<>();
    for (int i = 0; i < pushes; i++) {
      taken.add(workers.take());
    }
    return taken;
  }

  private long unknowns() {
    return events.stream()
        .filter(
            event ->
                event instanceof PushEvent.Pushed pushed
                    && pushed.answer() instanceof Answer.Unknown)
        .count();
  }

  private static String id(HeldWorkers.Push push) {
    return push.task().claim().activation().id();
  }
}
