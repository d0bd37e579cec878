package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An at-most-once row that another broker may have run, and of which this one cannot write that it
 * has failed.
 */
@Timeout(60)
class OwnedStoreOvertakenTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private BadRowJournal journal = new BadRowJournal(file);
  private OwnedStore store = open();

  private OwnedStore open() {
    return OwnedStore.open(
        journal, new StoreSettings(ENGINE, false), time, SystemThreads.INSTANCE, _ -> {});
  }

  private void restart() {
    store.close();
    journal = new BadRowJournal(file);
    store = open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void itDoesNotRunInTheNextProcessEither() {
    add(once("bad", 4));
    journal.unwritable.add("bad");
    overtake();

    restart();

    assertThat(claim()).isEmpty();
    assertHasFailed();
  }

  @Test
  void norIfOtherCommandsAreWrittenMeanwhile() {
    add(once("bad", 4));
    journal.unwritable.add("bad");
    overtake();
    add(Activations.pending("t5").offset(5), Activations.pending("t6").offset(6));
    assertThat(claim()).isPresent();
    store.intake().acknowledged(Map.of(ORIGIN, 7L));
    store.intake().assigned(Map.of(ORIGIN, 7L));
    assertThat(claim()).isPresent();

    restart();

    assertThat(claim()).isEmpty();
    assertHasFailed();
  }

  @Test
  void norIfItWasPutAsideBeforeItsPartitionWasLost() {
    add(once("bad", 4).expiresAt(time.now().wallMs() + 1_000));
    journal.unwritable.add("bad");
    time.advance(Duration.ofSeconds(2));
    store.sweeps().sweep(Sweep.EXPIRY, 10);
    assertThat(store.sweeps().depths().unfinished()).isZero(); // it is put aside
    overtake();

    time.stepWall(Duration.ofSeconds(-2));
    restart();

    assertThat(claim()).isEmpty();
    assertHasFailed();
  }

  @Test
  void onceItIsWritten_thePositionIsKeptThatWasHeldBackForIt() {
    add(once("bad", 4));
    journal.unwritable.add("bad");
    overtake();
    add(once("good", 5));
    store.intake().acknowledged(Map.of(ORIGIN, 6L));
    restart();
    store.intake().assigned(Map.of(ORIGIN, 6L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    add(once("later", 6));
    store.intake().acknowledged(Map.of(ORIGIN, 7L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);

    restart();

    assertThat(claim().orElseThrow().claim().activation().id()).isEqualTo("later");
  }

  /** Another broker is given the partition, and commits what is behind the row. */
  private void overtake() {
    store.intake().lost(List.of(ORIGIN));
    store.intake().acknowledged(Map.of(ORIGIN, 5L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    store.sweeps().sweep(Sweep.COMMITTED, 10);
  }

  private void assertHasFailed() {
    store.intake().acknowledged(Map.of(ORIGIN, 5L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    assertThat(claim()).isEmpty();
    assertThat(store.sweeps().totals().overtaken()).isEqualTo(1);
  }

  private static Activations once(String id, long offset) {
    return Activations.pending(id).offset(offset).atMostOnce();
  }

  private void add(Activations... tasks) {
    store
        .intake()
        .add(Arrays.stream(tasks).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private Optional<Delivered> claim() {
    return StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
  }
}
