package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.exchange.Holders;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.Verdict;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final Order ANN = new Order("ann", "deploy");
  private static final PauseTarget SHOP = PauseTarget.ofApplication("shop");

  private final SettableTime time = new SettableTime();
  private final FaultyJournal journal = new FaultyJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});
  private final Told holders = new Told();
  private final Operations operations =
      new Operations(store.tasks(), store.steering(), holders, time);

  /** Keeps what workers would be told. */
  private final class Told implements Holders {
    private final List<Attempt> cancelled = new ArrayList<>();

    @Override
    public void suspect(List<Attempt> attempts) {
      // Nobody has taken them yet.
      assertThat(attempts)
          .allMatch(
              attempt ->
                  store.tasks().find(attempt.id()).orElseThrow().state() instanceof Processing);
    }

    @Override
    public void cancel(List<Attempt> attempts) {
      cancelled.addAll(attempts);
    }
  }

  @AfterEach
  void closeTheStore() {
    store.close();
  }

  private void add(Activations... tasks) {
    store.intake().add(Stream.of(tasks).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private long key(String id) {
    return store.tasks().find(id).orElseThrow().key();
  }

  private void claimOne() {
    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();
  }

  @Test
  void anOrder_isCarriedOut_andKeptWithWhoGaveItAndWhy() {
    add(delayed("a", SettableTime.START.wallMs() + 60_000));
    time.advance(Duration.ofSeconds(5));

    Ruling ruling = operations.act(ANN, Act.RUN_NOW, "a");

    assertThat(ruling).isEqualTo(new Ruling(Verdict.DONE, "Task 'a': run now, done"));
    claimOne();
    assertThat(operations.audit())
        .containsExactly(
            new AuditEntry(
                SettableTime.START.wallMs() + 5_000, "ann", "run now task 'a'", "deploy", "done"));
  }

  @Test
  void aRefusal_saysWhy_andWhatToDoInstead() {
    add(pending("once").atMostOnce(), pending("often").offset(1));
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 2L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    claimOne();

    Ruling begun = operations.act(ANN, Act.CANCEL, "once");
    assertThat(begun.verdict()).isEqualTo(Verdict.MAY_HAVE_BEGUN);
    assertThat(begun.words()).contains("at most once").contains("send it again as a new task");
    assertThat(operations.act(ANN, Act.GIVE_BACK, "often").words())
        .isEqualTo("Task 'often' is waiting, and \"give back\" means nothing then");
    assertThat(operations.act(ANN, Act.CANCEL, "x").words()).startsWith("No task 'x' is stored");
    assertThat(operations.audit()).hasSize(3);
    assertThat(operations.audit().getLast().result())
        .startsWith("refused: Task 'once' runs at most once");
  }

  @Test
  void attemptsThatAreTakenFromTheirWorkers_areTold_andNoOthers() {
    add(pending("run"), pending("waits").offset(1), pending("done").offset(2));
    Claim claim =
        StoreContract.await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow().claim();

    operations.act(ANN, Act.RUN_NOW, "run");
    operations.act(ANN, Act.CANCEL, "waits");
    assertThat(holders.cancelled).isEmpty();
    operations.act(ANN, Act.GIVE_BACK, "run");
    assertThat(holders.cancelled).containsExactly(new Attempt("run", claim.token()));

    claimOne();
    claimOne();
    holders.cancelled.clear();
    operations.actOnAll(ANN, Act.CANCEL, TaskFilter.ANY, 0);
    assertThat(holders.cancelled).extracting(Attempt::id).containsExactly("run", "done");
  }

  @Test
  void manyTasks_areCountedFirst_thenDoneInPieces() {
    int many = Operations.MOST_AT_ONCE + 5;
    for (int i = 0; i < many; i++) {
      add(pending("shop-" + i));
    }
    add(pending("other").application("billing"));
    TaskFilter shop = new TaskFilter("shop", null, null, null, null);

    BulkRuling expected = operations.wouldDo(Act.CANCEL, shop, 0);
    assertThat(expected.done()).isEqualTo(Operations.MOST_AT_ONCE);
    assertThat(store.sweeps().depths().pending()).isEqualTo(many + 1);

    BulkRuling first = operations.actOnAll(ANN, Act.CANCEL, shop, 0);
    assertThat(first).isEqualTo(expected);
    assertThat(first.isLast()).isFalse();
    BulkRuling second = operations.actOnAll(ANN, Act.CANCEL, shop, first.last());
    assertThat(second.done()).isEqualTo(5);
    assertThat(second.isLast()).isTrue();
    assertThat(store.sweeps().depths().pending()).isEqualTo(1);
  }

  @Test
  void whatWouldBeDone_isToldOfEachState() {
    add(pending("once").atMostOnce(), pending("waits").offset(1));
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 2L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    claimOne();

    assertThat(operations.wouldDo(Act.GIVE_BACK, TaskFilter.ANY, 0).verdicts())
        .isEqualTo(Map.of(Verdict.MAY_HAVE_BEGUN, 1, Verdict.WITHOUT_EFFECT, 1));
  }

  @Test
  void aPause_carriesWhoAndWhy_andIsEnded() {
    Pause pause = operations.pause(ANN, SHOP, null);

    assertThat(pause)
        .isEqualTo(new Pause(SHOP, "ann", "deploy", SettableTime.START.wallMs(), null));
    assertThat(operations.pauses()).containsExactly(pause);
    assertThat(operations.resume(ANN, SHOP)).isTrue();
    assertThat(operations.resume(ANN, SHOP)).isFalse();
    assertThat(operations.audit())
        .extracting(AuditEntry::result)
        .containsExactly("was not paused", "resumed", "paused");
    assertThat(operations.audit().getLast().order())
        .isEqualTo("pause application 'shop' until resumed");
  }

  @Test
  void aPauseThatIsOverAlready_isRefused() {
    long now = time.now().wallMs();

    assertThatThrownBy(() -> operations.pause(ANN, SHOP, now))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has passed");
    assertThat(operations.pauses()).isEmpty();
  }

  @Test
  void tooManyPauses_areRefused() {
    for (int i = 0; i < 100; i++) {
      operations.pause(ANN, PauseTarget.ofApplication("a" + i), null);
    }

    assertThatThrownBy(() -> operations.pause(ANN, SHOP, null))
        .isInstanceOf(StoreException.Rejected.class)
        .hasMessageContaining("100 pauses");
    operations.pause(ANN, PauseTarget.ofApplication("a7"), null); // takes another's place
    assertThat(operations.pauses()).hasSize(100);
  }

  @Test
  void whatCouldNotBeWritten_isInTheAuditAsFailed_andIsNotInForce() {
    add(pending("1")); // behind it the store has written what it writes by itself when it begins
    journal.failNext(FaultyJournal.Call.APPLY, FaultyJournal.Fault.NOTHING_CHANGED);

    assertThatThrownBy(() -> operations.pause(ANN, SHOP, null)).isInstanceOf(StoreException.class);

    assertThat(operations.pauses()).isEmpty();
    assertThat(operations.audit().getFirst().result()).startsWith("failed: ");
  }

  @Test
  void anOrder_isRememberedWithTheTasksThatItHasChanged() {
    add(pending("1"), pending("2"), pending("3"));
    long first = key("1");
    long second = key("2");
    long third = key("3");

    operations.act(ANN, Act.RUN_NOW, "1"); // which means nothing to a task that waits
    operations.act(ANN, Act.CANCEL, "1");
    operations.actOnAll(ANN, Act.CANCEL, TaskFilter.ANY, second);

    assertThat(operations.ordersAbout(first))
        .singleElement()
        .extracting(AuditEntry::actor, AuditEntry::order, AuditEntry::reason)
        .containsExactly(ANN.actor(), "cancel task '1'", ANN.reason());
    assertThat(operations.ordersAbout(second)).isEmpty();
    assertThat(operations.ordersAbout(third))
        .singleElement()
        .satisfies(entry -> assertThat(entry.order()).startsWith("cancel all tasks"));
  }

  @Test
  void theAudit_isBounded_andAWordInItCannotLookLikeALine() {
    for (int i = 0; i <= AuditTrail.MOST_ENTRIES; i++) {
      operations.act(new Order("ann\nINFO forged", ""), Act.CANCEL, "x" + i + "\r\n");
    }

    List<AuditEntry> entries = operations.audit();
    assertThat(entries).hasSize(AuditTrail.MOST_ENTRIES);
    assertThat(entries.getFirst().actor()).isEqualTo("ann?INFO forged");
    assertThat(entries.getFirst().order()).isEqualTo("cancel task 'x1000??'");
  }
}
