package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What rules would do, told without doing it. */
class RuleTrialsTest {
  private static final Selector SPAM =
      new Selector("mail", Map.of(0, new Value.Text("spam")), Map.of());

  private final SettableTime time = new SettableTime();
  private final OwnedStore store =
      OwnedStore.open(
          new InMemoryFile().open(),
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});
  private final RuleTrials trials =
      new RuleTrials(
          store.tasks(),
          (payload, _) ->
              Optional.of(
                  new Arguments(Map.of(0, new Value.Text(new String(payload, UTF_8))), Map.of())));

  @AfterEach
  void closeTheStore() {
    store.close();
  }

  private void add(Activations... tasks) {
    store.intake().add(Stream.of(tasks).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private static Activations mail(String id, String argument) {
    return pending(id).taskname("mail").payload(argument.getBytes(UTF_8));
  }

  private static Rules rules(Set<String> dropped, List<Selector> selectors, String... demoted) {
    return new Rules(new KillSwitch(dropped, selectors), new Demotion(Set.of(demoted), null, null));
  }

  @Test
  void rulesByName_areToldFromWhatIsCounted_byState() {
    add(
        pending("a").taskname("newsletter"),
        pending("b").taskname("newsletter"),
        delayed("c", SettableTime.START.wallMs() + 60_000)
            .taskname("newsletter")
            .namespace("reports"),
        pending("d").taskname("other").namespace("reports"),
        pending("e").taskname("other"));
    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();

    RuleTrial trial = trials.piece(rules(Set.of("newsletter"), List.of(), "reports"), 0);

    assertThat(trial.isLast()).isTrue();
    RuleEffect drop = trial.effects().get(0);
    assertThat(drop.tasks()).isEqualTo(3);
    assertThat(drop.byStatus())
        .isEqualTo(Map.of(Status.PENDING, 1L, Status.PROCESSING, 1L, Status.DELAY, 1L));
    RuleEffect sendOff = trial.effects().get(1);
    assertThat(sendOff.tasks()).isEqualTo(1);
    assertThat(sendOff.byStatus()).isEqualTo(Map.of(Status.PENDING, 1L, Status.DELAY, 1L));
    assertThat(store.sweeps().depths().pending()).isEqualTo(3);
  }

  @Test
  void whatHasFailed_isShownAndNotCounted() {
    add(pending("a").taskname("newsletter").deadLettered());
    StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
    Report failed = new Report("a", Conclusion.FAILURE, RetryOverride.NONE);
    StoreContract.await(store.dispatch().conclude(failed, null));

    RuleEffect drop = trials.piece(rules(Set.of("newsletter"), List.of()), 0).effects().get(0);

    assertThat(drop.byStatus()).isEqualTo(Map.of(Status.FAILURE, 1L));
    assertThat(drop.tasks()).isZero();
  }

  @Test
  void rulesByArguments_areJudgedFromPayloads_inPieces_eachTaskOnce() {
    List<Activations> all = new ArrayList<>();
    for (int i = 0; i < 2_500; i++) {
      all.add(i % 5 == 0 ? pending("o" + i) : mail("m" + i, i % 3 == 0 ? "spam" : "ham"));
    }
    add(all.toArray(Activations[]::new));
    long expected = all.stream().filter(RuleTrialsTest::isSpam).count();

    Map<String, Long> found = allPieces(rules(Set.of(), List.of(SPAM)));

    assertThat(found.get("tasks")).isEqualTo(expected);
    assertThat(found.get("pieces")).isGreaterThan(1);
  }

  private static boolean isSpam(Activations one) {
    return new String(one.arriving().payload(), UTF_8).equals("spam");
  }

  @Test
  void largePayloads_makeShortPieces() {
    byte[] large = new byte[3 << 20];
    add(
        pending("a").taskname("mail").payload(large),
        pending("b").taskname("mail").payload(large),
        mail("c", "spam"));

    Map<String, Long> found = allPieces(rules(Set.of(), List.of(SPAM)));

    assertThat(found).isEqualTo(Map.of("tasks", 1L, "pieces", 2L));
  }

  @Test
  void namesAreCountedOnce_howeverManyPieces() {
    byte[] large = new byte[3 << 20];
    add(
        pending("a").taskname("mail").payload(large),
        pending("b").taskname("mail").payload(large),
        pending("c").taskname("newsletter"));

    Map<String, Long> found = allPieces(rules(Set.of("newsletter"), List.of(SPAM)));

    assertThat(found).isEqualTo(Map.of("tasks", 1L, "pieces", 2L));
  }

  private Map<String, Long> allPieces(Rules rules) {
    long tasks = 0;
    long pieces = 0;
    RuleTrial piece;
    long after = 0;
    do {
      piece = trials.piece(rules, after);
      tasks += piece.effects().stream().mapToLong(RuleEffect::tasks).sum();
      pieces++;
      after = piece.last();
    } while (!piece.isLast());
    return Map.of("tasks", tasks, "pieces", pieces);
  }
}
