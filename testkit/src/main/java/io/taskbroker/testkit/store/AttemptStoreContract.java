package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.testkit.Activations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Extend this once per store, give it an empty one, and add nothing. */
public abstract class AttemptStoreContract extends StoreContract {
  private static final Duration PAUSE = Duration.ofSeconds(4);

  /** What could be said of an attempt. */
  enum Word {
    OUTCOME,
    HAND_BACK,
    EXTENSION;

    News of(Attempt attempt) {
      return switch (this) {
        case OUTCOME -> completed(attempt);
        case HAND_BACK -> new News.HandBack(attempt);
        case EXTENSION -> new News.Extension(attempt, Duration.ofMinutes(1));
      };
    }
  }

  private static News completed(Attempt attempt) {
    return new News.Outcome(attempt, Conclusion.COMPLETE, RetryOverride.NONE, null);
  }

  private Answer tell(News news) {
    return await(store.attempts().tell(List.of(news))).getFirst();
  }

  private Holding holding(Attempt attempt, @Nullable Duration longestPause) {
    return await(store.attempts().holding(List.of(attempt), longestPause, "")).getFirst();
  }

  private static Attempt attempt(Delivered delivered) {
    return new Attempt(id(delivered), delivered.claim().token());
  }

  private Attempt attemptAtOne() {
    return attempt(claimOne());
  }

  private void missTheDeadline() {
    time.advance(PATIENCE.plus(MOMENT));
    sweep(Sweep.DEADLINES);
  }

  // ---------------------------------------------------------------- tokens

  @Test
  final void token_isAnotherOneForEachHandOut_alsoOfEarlierProcesses() {
    Set<Long> tokens = new HashSet<>();
    int handOuts = 0;
    for (int process = 0; process < 4; process++) {
      for (int i = 0; i < 10; i++) {
        add(pending(process + "pull" + i), pending(process + "push" + i));
        Delivered pulled = claimOne();
        tokens.add(pulled.claim().token());
        store.dispatch().release(List.of(pulled.claim()));
        tokens.add(claimOne().claim().token());
        claimForPush(1).forEach(one -> tokens.add(one.claim().token()));
        handOuts += 3;
      }
      store.reopen();
    }

    assertThat(tokens).hasSize(handOuts).doesNotContain(Token.NONE);
  }

  @Test
  final void token_isAnotherOneForEachOfManyThatAreHandedOutTogether() {
    Set<Long> tokens = new HashSet<>();
    claimMany(1_000).forEach(one -> tokens.add(one.claim().token()));

    assertThat(tokens).hasSize(1_000);
  }

  private List<Delivered> claimMany(int many) {
    add(Stream.generate(this::fresh).limit(many).toArray(Activations[]::new));
    List<Delivered> claimed = new ArrayList<>();
    while (claimed.size() < many) {
      claimed.addAll(claimForPush(200));
    }
    return claimed;
  }

  private int freshNumber;

  private Activations fresh() {
    return pending("fresh" + freshNumber++);
  }

  @ParameterizedTest
  @EnumSource(Word.class)
  final void tell_ofAnEarlierAttemptChangesNothing(Word word) {
    add(pending("a"));
    Attempt first = attemptAtOne();
    missTheDeadline();
    Attempt second = attemptAtOne();
    KeptRow before = row("a");

    assertThat(tell(word.of(first))).isEqualTo(Answer.SUPERSEDED);
    assertThat(tell(word.of(new Attempt("a", Token.NONE)))).isEqualTo(Answer.SUPERSEDED);
    assertThat(tell(word.of(new Attempt("a", first.token() ^ 1L << 40))))
        .isEqualTo(Answer.SUPERSEDED);

    assertThat(row("a")).isEqualTo(before);
    assertThat(tell(completed(second))).isEqualTo(Answer.RECORDED);
  }

  @ParameterizedTest
  @EnumSource(Word.class)
  final void tell_ofAnEarlierAttemptChangesNothing_alsoAfterAReopening(Word word) {
    add(pending("a"));
    Attempt first = attemptAtOne();
    missTheDeadline();
    Attempt second = attemptAtOne();
    store.reopen();

    assertThat(tell(word.of(first))).isEqualTo(Answer.SUPERSEDED);
    assertThat(tell(word.of(second)).verdict()).isEqualTo(Answer.Verdict.RECORDED);
  }

  @ParameterizedTest
  @EnumSource(Word.class)
  final void tell_ofAnotherTaskWithItsTokenChangesNothing(Word word) {
    add(pending("a"), pending("b"));
    Attempt a = attemptAtOne();
    Attempt b = attemptAtOne();

    assertThat(tell(word.of(new Attempt(a.id(), b.token())))).isEqualTo(Answer.SUPERSEDED);
    assertThat(tell(word.of(new Attempt("never there", b.token())))).isEqualTo(Answer.UNKNOWN);

    assertThat(holding(a, null)).isEqualTo(Holding.YOURS);
    assertThat(holding(b, null)).isEqualTo(Holding.YOURS);
  }

  // ---------------------------------------------------------------- claims

  private List<Delivered> claimMany(Want want) {
    return await(store.attempts().claim(want, Recipient.OF_ANYTHING));
  }

  private static Want anything(int tasks, long bytes) {
    return new Want(List.of(ClaimFilter.ANY), tasks, bytes, null);
  }

  @Test
  final void claim_takesTheOldestUpToItsLimits() {
    add(
        pending("1").payload(new byte[60]),
        pending("2").payload(new byte[40]),
        pending("3").payload(new byte[1]),
        pending("4").payload(new byte[500]),
        pending("5").payload(new byte[2]));

    assertThat(ids(claimMany(anything(10, 100)))).containsExactly("1", "2");
    assertThat(ids(claimMany(anything(1, 100)))).containsExactly("3");
    assertThat(ids(claimMany(anything(10, 100)))).containsExactly("4");
    assertThat(ids(claimMany(anything(10, 100)))).containsExactly("5");
    assertThat(claimMany(anything(10, 100))).isEmpty();
    assertThat(row("4").untilMs()).isEqualTo(NOON + PATIENCE.toMillis());
  }

  @Test
  final void claim_takesTheOldestOfAllThatOneOfItsFiltersLetsThrough() {
    add(
        pending("1").namespace("returns"),
        pending("2").namespace("orders"),
        pending("other").application("other").namespace("orders"),
        pending("3").namespace("stock"),
        pending("4").namespace("returns"));
    List<ClaimFilter> filters =
        List.of(new ClaimFilter("shop", "orders"), new ClaimFilter("shop", "returns"));

    assertThat(ids(claimMany(new Want(filters, 10, 1_000, null)))).containsExactly("1", "2", "4");
  }

  @Test
  final void claim_withSignsOfLife_endsAnAttemptThatGivesNone() {
    add(pending("a"), pending("short").deadline(Duration.ZERO));

    Attempt attempt =
        attempt(claimMany(new Want(List.of(ClaimFilter.ANY), 2, 1_000, PAUSE)).getFirst());

    assertThat(row("a").untilMs()).isEqualTo(NOON + PAUSE.toMillis());
    assertThat(row("short").untilMs()).isEqualTo(NOON + SETTINGS.deadlineGrace().toMillis());
    time.advance(PAUSE);
    assertThat(tell(new News.Extension(attempt, Duration.ZERO))).isEqualTo(Answer.granted(PAUSE));
    time.advance(PAUSE.plus(MOMENT));
    sweep(Sweep.DEADLINES);
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  final void claim_givesBackWhatItsRecipientDeclines() {
    add(pending("a"), pending("b"));

    List<Delivered> taken =
        await(
            store
                .attempts()
                .claim(anything(2, 1_000), claim -> claim.activation().id().equals("b")));

    assertThat(ids(taken)).containsExactly("b");
    assertThat(id(claimOne())).isEqualTo("a");
    assertThat(row("a").attempts()).isZero();
  }

  // ---------------------------------------------------------------- outcomes

  @ParameterizedTest
  @EnumSource(Conclusion.class)
  final void outcome_isRecordedOnce(Conclusion conclusion) {
    add(pending("a").offset(0).onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER));
    Attempt attempt = attemptAtOne();
    News outcome = new News.Outcome(attempt, conclusion, new RetryOverride(7, null), null);

    assertThat(tell(outcome)).isEqualTo(Answer.RECORDED);
    KeptRow after = row("a");
    assertThat(after.retry()).isEqualTo(new RetryOverride(7, null));
    assertThat(tell(outcome)).isEqualTo(Answer.ALREADY_OVER);
    assertThat(tell(new News.HandBack(attempt))).isEqualTo(Answer.ALREADY_OVER);
    assertThat(row("a")).isEqualTo(after);
  }

  @Test
  final void outcome_countsAfterTheDeadline_asLongAsNobodyElseHasTheTask() {
    add(pending("a"));
    Attempt late = attemptAtOne();
    missTheDeadline();
    assertThat(status("a")).isEqualTo(Status.PENDING);
    store.reopen();

    assertThat(tell(completed(late))).isEqualTo(Answer.RECORDED);

    assertThat(claim()).isEmpty();
  }

  @Test
  final void outcome_ofAPushCountsBeforeThePushIsAcknowledged() {
    add(pending("a"));
    Delivered pushed = claimForPush(1).getFirst();

    assertThat(tell(completed(attempt(pushed)))).isEqualTo(Answer.RECORDED);

    assertThat(await(store.pushes().accepted(pushed.claim()))).isFalse();
  }

  @Test
  final void outcome_saysInTheDeadLetterWhatWentWrong() {
    add(pending("a").onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER));
    tell(
        new News.Outcome(
            attemptAtOne(), Conclusion.FAILURE, RetryOverride.NONE, "ValueError: no such invoice"));

    Taken letter = store.outbox().take(Lane.DEAD_LETTER, 1, 1_000).getFirst();

    assertThat(KeptRow.timeless(letter.row().failure()))
        .isEqualTo(new Failure(FailureCause.REPORTED, 0, "ValueError: no such invoice"));
  }

  @Test
  final void tell_answersEachInItsOrder() {
    add(pending("a"), pending("b"), pending("c"));
    Attempt a = attemptAtOne();
    Attempt b = attemptAtOne();
    Attempt c = attemptAtOne();

    List<Answer> answers =
        await(
            store
                .attempts()
                .tell(
                    List.of(
                        new News.HandBack(b),
                        completed(a),
                        completed(b),
                        completed(new Attempt("gone", 1)),
                        new News.Extension(c, Duration.ofSeconds(20)))));

    assertThat(answers)
        .containsExactly(
            Answer.RECORDED,
            Answer.RECORDED,
            Answer.SUPERSEDED,
            Answer.UNKNOWN,
            Answer.granted(Duration.ofSeconds(20)));
    assertThat(id(claimOne())).isEqualTo("b");
  }

  @Test
  final void tell_ofManyIsCutIntoTurns_andAnsweredForAll() {
    int many = 2_000;
    List<News> news = claimMany(many).stream().map(one -> completed(attempt(one))).toList();

    assertThat(await(store.attempts().tell(news))).hasSize(many).containsOnly(Answer.RECORDED);

    assertThat(depths().unfinished()).isZero();
  }

  // ---------------------------------------------------------------- hand-backs

  @Test
  final void handBack_putsTheTaskAtItsOldPlace_andCountsNoAttempt() {
    add(pending("a"), pending("b"));
    Attempt a = attemptAtOne();

    assertThat(tell(new News.HandBack(a))).isEqualTo(Answer.RECORDED);

    assertThat(row("a").attempts()).isZero();
    assertThat(id(claimOne())).isEqualTo("a");
    assertThat(id(claimOne())).isEqualTo("b");
  }

  @Test
  final void handBack_endsTheAttempt() {
    add(pending("a"));
    Attempt attempt = attemptAtOne();
    tell(new News.HandBack(attempt));

    assertThat(tell(completed(attempt))).isEqualTo(Answer.SUPERSEDED);
    assertThat(tell(new News.HandBack(attempt))).isEqualTo(Answer.SUPERSEDED);
    assertThat(holding(attempt, null)).isEqualTo(Holding.SUPERSEDED);
    store.reopen();
    assertThat(tell(completed(attempt))).isEqualTo(Answer.SUPERSEDED);
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  final void handBack_letsAnAtMostOnceTaskRunAgain_asItNeverBegan() {
    add(pending("a").offset(0).atMostOnce());
    acknowledge(1);
    sweep(Sweep.COMMITTED);

    assertThat(tell(new News.HandBack(attemptAtOne()))).isEqualTo(Answer.RECORDED);

    assertThat(id(claimOne())).isEqualTo("a");
  }

  // ---------------------------------------------------------------- extensions

  @Test
  final void extension_movesTheDeadline_butNeverToAnEarlierTime() {
    add(pending("a"));
    Attempt attempt = attemptAtOne();

    assertThat(tell(new News.Extension(attempt, Duration.ofSeconds(5))))
        .isEqualTo(Answer.granted(PATIENCE));
    time.advance(Duration.ofSeconds(10));
    assertThat(tell(new News.Extension(attempt, Duration.ofSeconds(30))))
        .isEqualTo(Answer.granted(Duration.ofSeconds(30)));

    assertThat(row("a").untilMs()).isEqualTo(NOON + 40_000);
    time.advance(Duration.ofSeconds(30));
    assertThat(sweep(Sweep.DEADLINES)).isZero();
    time.advance(MOMENT);
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
  }

  @Test
  final void extension_hasALimit() {
    add(pending("a"));

    assertThat(tell(new News.Extension(attemptAtOne(), Duration.ofDays(9_999))))
        .isEqualTo(Answer.granted(Duration.ofHours(1)));
  }

  @Test
  final void extension_comesTooLateOnceTheDeadlineIsMissed() {
    add(pending("a"));
    Attempt attempt = attemptAtOne();
    missTheDeadline();

    assertThat(tell(new News.Extension(attempt, Duration.ofHours(1)))).isEqualTo(Answer.SUPERSEDED);

    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  // ---------------------------------------------------------------- holding

  @Test
  final void holding_tellsHowEachStands() {
    add(pending("a"), pending("b"), pending("c"), pending("d").offset(3));
    Attempt a = attemptAtOne();
    Attempt b = attemptAtOne();
    Attempt c = attemptAtOne();
    Attempt d = attemptAtOne();
    tell(new News.HandBack(b));
    tell(completed(d));
    store.reopen();

    assertThat(
            await(
                store
                    .attempts()
                    .holding(List.of(d, a, b, c, new Attempt("gone", a.token())), null, "")))
        .containsExactly(
            Holding.OVER, Holding.YOURS, Holding.SUPERSEDED, Holding.YOURS, Holding.OVER);
  }

  @Test
  final void holding_withSignsOfLife_endsAnAttemptThatGivesNone() {
    add(pending("a"));
    Attempt attempt = attemptAtOne();

    assertThat(holding(attempt, PAUSE)).isEqualTo(Holding.YOURS);

    assertThat(row("a").untilMs()).isEqualTo(NOON + PAUSE.toMillis());
    time.advance(PAUSE);
    assertThat(tell(new News.Extension(attempt, Duration.ZERO))).isEqualTo(Answer.granted(PAUSE));
    time.advance(PAUSE);
    assertThat(sweep(Sweep.DEADLINES)).isZero();
    time.advance(MOMENT);
    assertThat(sweep(Sweep.DEADLINES)).isEqualTo(1);
    assertThat(status("a")).isEqualTo(Status.PENDING);
  }

  @Test
  final void holding_withSignsOfLife_lastsNoLongerThanTheProcessingMay() {
    add(pending("a"));
    Attempt attempt = attemptAtOne();
    holding(attempt, PAUSE);
    for (int i = 0; i < 3; i++) {
      time.advance(PAUSE);
      tell(new News.Extension(attempt, Duration.ZERO));
    }

    assertThat(row("a").untilMs()).isEqualTo(NOON + PATIENCE.toMillis());
    assertThat(tell(new News.Extension(attempt, Duration.ofSeconds(30))))
        .isEqualTo(Answer.granted(PAUSE));
  }

  @Test
  final void holding_withSignsOfLife_failsAnAtMostOnceTaskWhoseWorkerFallsSilent() {
    add(pending("a").offset(0).atMostOnce().onAttemptsExceeded(OnAttemptsExceeded.DEAD_LETTER));
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 1L));
    sweep(Sweep.COMMITTED);
    holding(attemptAtOne(), PAUSE);

    time.advance(PAUSE.plus(MOMENT));
    sweep(Sweep.DEADLINES);

    assertThat(status("a")).isEqualTo(Status.FAILURE);
  }
}
