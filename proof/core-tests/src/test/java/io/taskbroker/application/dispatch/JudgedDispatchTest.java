package io.taskbroker.application.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.push.JudgedPushes;
import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What came in before a kill switch was set is not handed out all the same. */
class JudgedDispatchTest {
  private static final KillSwitch PICKY =
      new KillSwitch(
          Set.of("bad"),
          List.of(new Selector("picky", Map.of(0, new Value.Text("yes")), Map.of())));

  private final SettableTime time = new SettableTime();
  private final ModelStore store =
      new ModelStore(new EngineSettings(Duration.ofSeconds(3), 3), time);
  private volatile Rules inForce = Rules.NONE;
  private final HandOutRules rules =
      new HandOutRules(
          () -> inForce,
          (payload, _) ->
              Optional.of(
                  new Arguments(Map.of(0, new Value.Text(new String(payload, UTF_8))), Map.of())),
          time,
          SystemThreads.INSTANCE,
          EventSink.none());
  private final JudgedDispatch dispatch =
      new JudgedDispatch(store, new HandOutJudge(store, rules, time));

  @AfterEach
  void close() {
    rules.close();
  }

  private void add(Activations... tasks) {
    store.add(Stream.of(tasks).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private static Activations task(String id, String taskname, String argument) {
    return Activations.pending(id).taskname(taskname).payload(argument.getBytes(UTF_8));
  }

  private static Optional<String> id(CompletionStage<Optional<Delivered>> claim) {
    return claim.toCompletableFuture().join().map(one -> one.claim().activation().id());
  }

  @Test
  void aJudgementThatHangs_isMissed() {
    var judging = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    ArgumentReader hanging =
        (_, _) -> {
          judging.countDown();
          boolean _ = awaited(end);
          return Optional.empty();
        };
    try (var hung =
        new HandOutRules(
            () -> new Rules(PICKY, Demotion.NONE),
            hanging,
            time,
            SystemThreads.INSTANCE,
            EventSink.none())) {
      add(task("1", "picky", "yes"));
      var claim =
          new JudgedDispatch(store, new HandOutJudge(store, hung, time))
              .claim(ClaimFilter.ANY)
              .toCompletableFuture();
      assertThat(awaited(judging)).isTrue();
      time.advance(Duration.ofSeconds(60));

      assertThat(hung.heartbeat().overdue()).isEqualTo(Duration.ofSeconds(55));

      end.countDown();
      assertThat(id(claim)).contains("1");
    }
    assertThat(rules.heartbeat().overdue()).isEqualTo(Duration.ZERO);
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      return latch.await(120, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void aClaim_getsTheNextOneInThePlaceOfAKilledOne() {
    add(
        task("1", "bad", "no"),
        task("2", "picky", "yes"),
        task("3", "picky", "no"),
        task("4", "good", "yes"));
    inForce = new Rules(PICKY, Demotion.NONE);

    assertThat(id(dispatch.claim(ClaimFilter.ANY))).contains("3");
    assertThat(store.depths().pending()).isEqualTo(1);
    assertThat(store.depths().processing()).isEqualTo(1);
    assertThat(store.totals().finished()).isEqualTo(2);
  }

  @Test
  void aReport_isRecordedOnce_whateverBecomesOfTheNextOne() {
    add(task("1", "good", "no"));
    assertThat(id(dispatch.claim(ClaimFilter.ANY))).contains("1");
    add(task("2", "bad", "no"), task("3", "bad", "no"));
    inForce = new Rules(PICKY, Demotion.NONE);

    Report report = new Report("1", Conclusion.COMPLETE, RetryOverride.NONE);
    Concluded concluded = dispatch.conclude(report, ClaimFilter.ANY).toCompletableFuture().join();

    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next()).isEmpty();
    assertThat(store.depths().unfinished()).isZero();
  }

  @Test
  void aPush_getsWhatIsLeft_orTheNextOnes() {
    add(task("1", "bad", "no"), task("2", "picky", "yes"), task("3", "good", "no"));
    inForce = new Rules(PICKY, Demotion.NONE);
    var pushes = new JudgedPushes(store, rules);

    assertThat(
            pushes
                .claimForPush("shop", 2, 1_000, Duration.ofSeconds(9))
                .toCompletableFuture()
                .join())
        .extracting(one -> one.claim().activation().id())
        .containsExactly("3");
    assertThat(store.depths().unfinished()).isEqualTo(1);
  }

  /** As when the broker closes, or the system gives no thread. */
  @Test
  void whatNobodyCanJudge_isNotHandedOut_andIsPendingAgain() {
    add(task("1", "picky", "no"), task("2", "good", "no"));
    inForce = new Rules(PICKY, Demotion.NONE);
    rules.close();

    assertThat(id(dispatch.claim(ClaimFilter.ANY))).isEmpty();
    assertThat(id(dispatch.claim(ClaimFilter.ANY))).contains("2");
    assertThat(pushed(new JudgedPushes(store, rules), 2)).isEmpty();
    assertThat(store.depths().pending()).isEqualTo(1);
  }

  @Test
  void whatCannotBeJudged_isToBlameItself_andTheOthersAreHandedOut() {
    add(task("1", "picky", "no").deadLettered());
    inForce = new Rules(PICKY, Demotion.NONE);
    ArgumentReader broken =
        (_, _) -> {
          throw new IllegalStateException("no arguments");
        };
    try (var failing =
        new HandOutRules(() -> inForce, broken, time, SystemThreads.INSTANCE, EventSink.none())) {
      var judged = new JudgedDispatch(store, new HandOutJudge(store, failing, time));
      for (int i = 0; i < 3; i++) {
        assertThat(id(judged.claim(ClaimFilter.ANY))).isEmpty();
        time.advance(Duration.ofSeconds(1));
      }
      add(task("2", "good", "no"), task("3", "picky", "no"), task("4", "good", "no"));

      assertThat(id(judged.claim(ClaimFilter.ANY))).contains("2");
      assertThat(store.take(Lane.DEAD_LETTER, 1, 1_000).getFirst().row().activation().defect())
          .contains("no arguments");
      assertThat(pushed(new JudgedPushes(store, failing), 2)).containsExactly("4");
    }
  }

  @Test
  void behindOneThatCannotBeJudged_aCallGetsTheNextOne() {
    add(task("1", "picky", "no"), task("2", "picky", "no"), task("3", "good", "no"));
    inForce = new Rules(PICKY, Demotion.NONE);
    ArgumentReader broken =
        (_, _) -> {
          throw new IllegalStateException("no arguments");
        };
    try (var failing =
        new HandOutRules(() -> inForce, broken, time, SystemThreads.INSTANCE, EventSink.none())) {
      var judged = new JudgedDispatch(store, new HandOutJudge(store, failing, time));

      assertThat(id(judged.claim(ClaimFilter.ANY))).contains("3");
      assertThat(store.depths().pending()).isEqualTo(2);
    }
  }

  private static List<String> pushed(JudgedPushes pushes, int limit) {
    return pushes
        .claimForPush("shop", limit, 1_000, Duration.ofSeconds(9))
        .toCompletableFuture()
        .join()
        .stream()
        .map(one -> one.claim().activation().id())
        .toList();
  }

  @Test
  void whatIsHopeless_leavesWithItsReason_andTheCallerGetsTheNextOne() {
    add(task("1", "good", "no").deadLettered());
    for (int i = 0; i < 3; i++) {
      Delivered one = dispatch.claim(ClaimFilter.ANY).toCompletableFuture().join().orElseThrow();
      dispatch.brokeOff(one.claim(), "it breaks off");
    }
    add(task("2", "good", "no"));
    time.advance(Duration.ofSeconds(1));

    assertThat(id(dispatch.claim(ClaimFilter.ANY))).contains("2");
    assertThat(store.take(Lane.DEAD_LETTER, 1, 1_000).getFirst().row().activation().defect())
        .contains("it breaks off");
  }
}
