package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Concluded;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers for whom nothing is due wait for it, if they say so. */
class OwnedStoreWaitsTest {
  private static final TimeSource TIME =
      () -> new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int MOST_WAITING = 2_000;

  private final FaultyJournal journal = new FaultyJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(
              new EngineSettings(Duration.ofSeconds(3), 3),
              false,
              StoreSettings.MAX_WAITING,
              LONG,
              MOST_WAITING),
          TIME,
          SystemThreads.INSTANCE,
          _ -> {});
  private long offset;

  @AfterEach
  void close() {
    store.close();
  }

  /** Waits so long, and takes whatever comes. */
  private static final class Patient implements Recipient {
    private final Moment until;

    Patient(Duration patience) {
      this.until = TIME.now().plus(patience);
    }

    @Override
    public boolean accepts(Claim claim) {
      return true;
    }

    @Override
    public Moment waitsUntil() {
      return until;
    }
  }

  private CompletableFuture<Optional<Delivered>> waiting(ClaimFilter filter) {
    CompletableFuture<Optional<Delivered>> answer = claim(filter, new Patient(LONG));
    settle();
    return answer;
  }

  private CompletableFuture<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    return store.dispatch().claim(filter, recipient).toCompletableFuture();
  }

  /** Whatever was asked for before is decided and answered, or waits. */
  private void settle() {
    assertThat(claim(new ClaimFilter("nobody's", null), Recipient.OF_ANYTHING).join()).isEmpty();
  }

  private void add(Activations... tasks) {
    List<NewActivation> batch = new ArrayList<>();
    for (Activations task : tasks) {
      batch.add(task.offset(offset++).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
  }

  private static String idOf(CompletableFuture<Optional<Delivered>> answer) {
    return answer
        .orTimeout(60, TimeUnit.SECONDS)
        .join()
        .map(task -> task.claim().activation().id())
        .orElse("nothing");
  }

  @Test
  void whoWaits_getsWhatComes() {
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);
    assertThat(answer).isNotDone();

    add(Activations.pending("a"));

    assertThat(idOf(answer)).isEqualTo("a");
  }

  @Test
  void eachTaskWakesOne_whoWaitsLongest() {
    List<CompletableFuture<Optional<Delivered>>> answers =
        IntStream.range(0, 5).mapToObj(_ -> waiting(ClaimFilter.ANY)).toList();

    add(Activations.pending("a"), Activations.pending("b"), Activations.pending("c"));

    assertThat(answers.subList(0, 3)).extracting(OwnedStoreWaitsTest::idOf).contains("a", "b", "c");
    settle();
    assertThat(answers.subList(3, 5)).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void onlyWhoseFilterLetsItThrough_getsIt() {
    var otherApplication = waiting(new ClaimFilter("other", null));
    var otherNamespace = waiting(new ClaimFilter("shop", "other"));
    var namespace = waiting(new ClaimFilter("shop", "orders"));
    var application = waiting(new ClaimFilter("shop", null));

    add(Activations.pending("a").application("shop").namespace("orders"));
    assertThat(idOf(namespace)).isEqualTo("a");
    add(Activations.pending("b").application("shop").namespace("orders"));
    assertThat(idOf(application)).isEqualTo("b");
    add(Activations.pending("c").application("shop").namespace("orders"));

    settle();
    assertThat(otherApplication).isNotDone();
    assertThat(otherNamespace).isNotDone();
    assertThat(idOf(claim(ClaimFilter.ANY, Recipient.OF_ANYTHING))).isEqualTo("c");
  }

  /** On the writer's thread, so that both are decided in one group: first the claim. */
  @Test
  void whatComesBackInTheGroupInWhichNothingWasDue_isNotMissed() {
    add(Activations.pending("a"), Activations.pending("b"));
    Claim a = claim(ClaimFilter.ANY, Recipient.OF_ANYTHING).join().orElseThrow().claim();
    var answer = new CompletableFuture<Optional<Delivered>>();
    Recipient twoCommands =
        _ -> {
          var _ = claim(ClaimFilter.ANY, new Patient(LONG)).thenAccept(answer::complete);
          var _ = store.attempts().tell(List.of(new News.HandBack(new Attempt("a", a.token()))));
          return true;
        };

    assertThat(idOf(claim(ClaimFilter.ANY, twoCommands))).isEqualTo("b");

    assertThat(idOf(answer)).isEqualTo("a");
  }

  @Test
  void aReport_isRecordedAtOnce_whileItsAnswerWaits() {
    add(Activations.pending("a"));
    assertThat(idOf(claim(ClaimFilter.ANY, Recipient.OF_ANYTHING))).isEqualTo("a");

    CompletableFuture<Concluded> answer =
        store
            .dispatch()
            .conclude(
                new Report("a", Conclusion.COMPLETE, RetryOverride.NONE),
                ClaimFilter.ANY,
                new Patient(LONG))
            .toCompletableFuture();
    settle();
    assertThat(store.sweeps().depths().unfinished()).isZero();
    assertThat(answer).isNotDone();

    add(Activations.pending("b"));
    Concluded concluded = answer.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next()).isPresent();
  }

  @Test
  void aReportThatIsRecorded_isAnsweredFor_thoughTheNextTaskCannotBeClaimed() {
    add(Activations.pending("a"));
    assertThat(idOf(claim(ClaimFilter.ANY, Recipient.OF_ANYTHING))).isEqualTo("a");
    CompletableFuture<Concluded> answer =
        store
            .dispatch()
            .conclude(
                new Report("a", Conclusion.COMPLETE, RetryOverride.NONE),
                ClaimFilter.ANY,
                new Patient(LONG))
            .toCompletableFuture();
    settle();
    int written = journal.calls(Call.APPLY);
    for (int call = written + 2; call < written + 20; call++) { // the next one stores the task
      journal.fail(Call.APPLY, call, Fault.NOTHING_CHANGED);
    }

    add(Activations.pending("b"));

    Concluded concluded = answer.orTimeout(60, TimeUnit.SECONDS).join();
    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next()).isEmpty();
  }

  @Test
  void whoHasWaitedLongEnough_isAnsweredWithNothing() {
    assertThat(idOf(claim(ClaimFilter.ANY, new Patient(Duration.ofMillis(30)))))
        .isEqualTo("nothing");

    add(Activations.pending("a"));
    assertThat(idOf(claim(ClaimFilter.ANY, Recipient.OF_ANYTHING))).isEqualTo("a");
  }

  @Test
  void whoHasGone_isAnsweredWithNothing_andTheNextGetsTheTask() {
    var gone = new Patient(LONG);
    CompletableFuture<Optional<Delivered>> first = claim(ClaimFilter.ANY, gone);
    CompletableFuture<Optional<Delivered>> second = waiting(ClaimFilter.ANY);

    store.dispatch().leave(gone);
    add(Activations.pending("a"));

    assertThat(idOf(first)).isEqualTo("nothing");
    assertThat(idOf(second)).isEqualTo("a");
  }

  @Test
  void leavingTwice_orWithoutHavingWaited_doesNothing() {
    var stranger = new Patient(LONG);
    store.dispatch().leave(stranger);
    store.dispatch().leave(stranger);

    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);
    assertThat(answer).isNotDone();
  }

  @Test
  void aDelayThatIsOver_wakesWhoWaits_withoutUpkeep() {
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);
    CompletableFuture<Long> answeredAt = answer.thenApply(_ -> TIME.now().wallMs());
    long due = TIME.now().wallMs() + 50;

    add(Activations.delayed("a", due));

    assertThat(idOf(answer)).isEqualTo("a");
    assertThat(answeredAt.join()).isGreaterThanOrEqualTo(due);
  }

  @Test
  void whatIsTakenBack_wakesWhoWaits() {
    add(Activations.pending("a"));
    Claim claim = claim(ClaimFilter.ANY, Recipient.OF_ANYTHING).join().orElseThrow().claim();
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);

    store.dispatch().release(List.of(claim));

    assertThat(idOf(answer)).isEqualTo("a");
  }

  @Test
  void anAtMostOnceTask_wakesWhoWaits_onceItsCommitIsAcknowledged() {
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);
    add(Activations.pending("a").atMostOnce());
    settle();
    assertThat(answer).isNotDone();

    store.intake().acknowledged(Map.of(Activations.ORIGIN, 1L));

    assertThat(idOf(answer)).isEqualTo("a");
  }

  @Test
  void whoeverDoesNotTakeIt_leavesItToTheNext() {
    var fussy =
        new Recipient() {
          private final Moment until = TIME.now().plus(LONG);

          @Override
          public boolean accepts(Claim claim) {
            return false;
          }

          @Override
          public Moment waitsUntil() {
            return until;
          }
        };
    CompletableFuture<Optional<Delivered>> first = claim(ClaimFilter.ANY, fussy);
    CompletableFuture<Optional<Delivered>> second = waiting(ClaimFilter.ANY);

    add(Activations.pending("a"));

    assertThat(idOf(first)).isEqualTo("nothing");
    assertThat(idOf(second)).isEqualTo("a");
  }

  @Test
  void whenTooManyWait_theNextIsAnsweredAtOnce() {
    List<CompletableFuture<Optional<Delivered>>> answers =
        IntStream.range(0, MOST_WAITING)
            .mapToObj(_ -> claim(ClaimFilter.ANY, new Patient(LONG)))
            .toList();

    assertThat(idOf(claim(ClaimFilter.ANY, new Patient(LONG)))).isEqualTo("nothing");
    assertThat(answers).noneMatch(CompletableFuture::isDone);
  }

  @Test
  void fromTheEndOfWaitsOn_nobodyWaits() {
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);

    store.dispatch().endWaits();

    assertThat(idOf(answer)).isEqualTo("nothing");
    assertThat(idOf(claim(ClaimFilter.ANY, new Patient(LONG)))).isEqualTo("nothing");
  }

  @Test
  void aStoreThatCloses_leavesNobodyWaiting() {
    CompletableFuture<Optional<Delivered>> answer = waiting(ClaimFilter.ANY);

    store.close();

    assertThat(answer).isDone();
  }

  /** Nobody waits while something is ready for him, whatever comes, is taken back or leaves. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nobodyWaits_forWhatIsReady(long seed) {
    var random = new Random(seed);
    IntFunction<String> application = i -> "application-" + i;
    IntFunction<String> namespace = i -> "namespace-" + i;
    Map<Integer, ClaimFilter> filters = new TreeMap<>();
    Map<Integer, Patient> patients = new TreeMap<>();
    Map<Integer, CompletableFuture<Optional<Delivered>>> answers = new TreeMap<>();
    List<Claim> taken = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          ClaimFilter filter =
              switch (random.nextInt(3)) {
                case 0 -> ClaimFilter.ANY;
                case 1 -> new ClaimFilter(application.apply(random.nextInt(3)), null);
                default ->
                    new ClaimFilter(
                        application.apply(random.nextInt(3)), namespace.apply(random.nextInt(2)));
              };
          filters.put(step, filter);
          patients.put(step, new Patient(LONG));
          answers.put(step, claim(filter, patients.get(step)));
        }
        case 2 -> {
          Activations[] batch = new Activations[1 + random.nextInt(4)];
          for (int i = 0; i < batch.length; i++) {
            batch[i] =
                Activations.pending(step + "-" + i)
                    .application(application.apply(random.nextInt(3)))
                    .namespace(namespace.apply(random.nextInt(2)));
          }
          add(batch);
        }
        case 3 -> {
          if (!taken.isEmpty()) {
            store.dispatch().release(List.of(taken.remove(random.nextInt(taken.size()))));
          }
        }
        default -> {
          List<Patient> all = List.copyOf(patients.values());
          if (!all.isEmpty()) {
            store.dispatch().leave(all.get(random.nextInt(all.size())));
          }
        }
      }
      settle();
      settle(); // in a later turn, so that all of the first one's answers are given
      answers
          .entrySet()
          .removeIf(
              entry -> {
                if (!entry.getValue().isDone()) {
                  return false;
                }
                entry.getValue().join().ifPresent(task -> taken.add(task.claim()));
                filters.remove(entry.getKey());
                patients.remove(entry.getKey());
                return true;
              });
      for (ClaimFilter filter : filters.values()) {
        assertThat(claim(filter, Recipient.OF_ANYTHING).join())
            .as("ready for %s, who waits, after step %s", filter, step)
            .isEmpty();
      }
    }
    assertThat(taken).isNotEmpty();
  }
}
