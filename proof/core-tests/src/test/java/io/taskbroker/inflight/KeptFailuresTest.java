package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Failed tasks without a dead letter, which are kept for operators. */
class KeptFailuresTest {
  private static final Duration KEPT = Duration.ofHours(1);
  private static final int MOST = 3;

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private OwnedStore store = open();
  private int offset;

  private OwnedStore open() {
    var keeping = new Keeping(100, Duration.ofMinutes(10), MOST, KEPT);
    return OwnedStore.open(
        file.open(),
        new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3, keeping), false),
        time,
        SystemThreads.INSTANCE,
        _ -> {});
  }

  @AfterEach
  void close() {
    store.close();
  }

  private int add(Activations task) {
    return store.intake().add(List.of(task.offset(offset++).arriving()), new AssignmentEpoch());
  }

  private void fail(String... ids) {
    for (String id : ids) {
      add(pending(id));
      assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();
      StoreContract.await(
          store.dispatch().conclude(new Report(id, Conclusion.FAILURE, RetryOverride.NONE), null));
      time.advance(Duration.ofSeconds(1));
      store.sweeps().sweep(Sweep.DISCARDS, 10);
    }
  }

  private void acknowledgeAll() {
    store.intake().acknowledged(Map.of(Activations.ORIGIN, (long) offset));
  }

  private List<String> kept() {
    return store.tasks().list(TaskFilter.ANY, 0, 100).tasks().stream()
        .map(task -> task.activation().id())
        .toList();
  }

  private Verdict requeue(String id) {
    StoredTask task = store.tasks().find(id).orElseThrow();
    return store.steering().act(Act.REQUEUE, List.of(task.key())).getFirst();
  }

  @Test
  void aFailedTask_isKeptWithItsReasonAndPayload_andCountsAsOver() {
    fail("a");

    StoredTask task = store.tasks().find("a").orElseThrow();
    assertThat(task.state().status()).isEqualTo(Status.FAILURE);
    assertThat(task.failure()).extracting(Failure::cause).isEqualTo(FailureCause.REPORTED);
    assertThat(store.tasks().payload(task.key())).isPresent();
    assertThat(store.tasks().findEnded("a").orElseThrow().ending()).isEqualTo(Ending.DISCARDED);
    Depths depths = store.sweeps().depths();
    assertThat(depths.unfinished()).isZero();
    assertThat(depths.payloadBytes()).isPositive();
    assertThat(store.sweeps().totals().finished()).isOne();
  }

  @Test
  void itIsCountedOnce_howeverItGoes() {
    fail("a");
    assertThat(store.sweeps().sweep(Sweep.DISCARDS, 10)).isZero();
    time.advance(KEPT);
    store.sweeps().sweep(Sweep.DISCARDS, 10);

    assertThat(store.sweeps().totals().finished()).isOne();
    assertThat(kept()).isEmpty();
    assertThat(store.sweeps().depths().payloadBytes()).isZero();
  }

  @Test
  void theOldestGoesFirst_whenThereAreTooMany_alsoAfterARestart() {
    fail("a", "b");
    store.close();
    store = open();
    fail("c", "d");
    store.sweeps().sweep(Sweep.DISCARDS, 10);

    assertThat(kept()).containsExactly("b", "c", "d");
    assertThat(store.sweeps().depths().unfinished()).isZero();
    time.advance(KEPT.minusSeconds(2));
    store.sweeps().sweep(Sweep.DISCARDS, 10);
    assertThat(kept()).doesNotContain("b").contains("d");
  }

  @Test
  void requeue_triesItAgain() {
    fail("a");

    assertThat(requeue("a")).isEqualTo(Verdict.DONE);

    assertThat(store.sweeps().depths().pending()).isOne();
    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();
    StoreContract.await(
        store.dispatch().conclude(new Report("a", Conclusion.COMPLETE, RetryOverride.NONE), null));
    assertThat(kept()).isEmpty();
    assertThat(store.sweeps().totals().finished()).isEqualTo(2);
  }

  @Test
  void aNewTaskOfItsId_takesItsPlace_butItsOwnRecordDoesNot() {
    fail("a");
    assertThat(add(pending("a"))).isZero(); // Kafka may be sending its record again

    acknowledgeAll();

    assertThat(add(pending("a"))).isOne();
    assertThat(store.tasks().find("a").orElseThrow().state().status()).isEqualTo(Status.PENDING);
    store.close();
    store = open();
    assertThat(kept()).containsExactly("a");
    assertThat(store.sweeps().depths().pending()).isOne();
  }

  @Test
  void rulesPassItBy() {
    fail("a");
    String taskname = store.tasks().find("a").orElseThrow().activation().taskname();

    assertThat(store.rules().find(Set.of(taskname), 0).tasknames()).isEmpty();
    assertThat(kept()).containsExactly("a");
  }
}
