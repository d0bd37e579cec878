package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.News;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Verdict;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a report reaches the broker that has the task. */
abstract class SharedReportContract extends SharingBrokers {
  /** So many that a broker's own looks at reports cannot come in time for all of them. */
  private static final int ORDERS = 10;

  @Test
  final void aReportReachesTheBrokerThatHasTheTask() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"), pending("b").offset(1));
    first.claimOne();
    first.claimOne();

    assertThat(second.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(second.conclude("b", Conclusion.RETRY)).isTrue();

    until(() -> depths(first).processing() == 0);
    assertThat(first.store().outbox().take(Lane.RETRY, 10, Long.MAX_VALUE))
        .extracting(row -> row.row().activation().id())
        .containsExactly("b");
  }

  @Test
  final void aReportOfATaskThatNobodyHasIsUnknown() {
    SharingBroker first = broker("first").reads(ORIGIN);
    broker("second").reads(OTHER);

    assertThat(first.conclude("nobody's", Conclusion.COMPLETE)).isFalse();
  }

  @Test
  final void aReportOfATaskWhoseRowsAreOnTheirWayIsTakenWhenTheyAreThere() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));
    first.claimOne();
    space.depose("first");

    assertThat(second.conclude("a", Conclusion.COMPLETE)).isTrue();
    second.reads(ORIGIN, OTHER);

    until(() -> depths(second).unfinished() == 0);
  }

  @Test
  final void aTaskThatIsHandedBackToAnotherBroker_isHandedOutAgainWhereItIs() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    Claim claim = first.claimOne().claim();

    News handBack = new News.HandBack(new Attempt("a", claim.token()));
    assertThat(StoreContract.await(second.store().attempts().tell(List.of(handBack))))
        .containsExactly(Answer.RECORDED);

    Claim again = first.claimOne().claim();
    assertThat(again.activation().id()).isEqualTo("a");
    assertThat(again.attempts()).isZero();
  }

  @ParameterizedTest
  @MethodSource("wordsOfWhatReachedNobody")
  final void aClaimThatHasReachedNobody_goesBackThoughItsRowIsElsewhere(
      BiConsumer<SharingBroker, Claim> word) {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a").offset(0).atMostOnce());
    first.store().intake().acknowledged(Map.of(ORIGIN, 1L));
    Claim claim = first.claimOne().claim();
    first.readsNoMore(ORIGIN);
    SharingBroker second = broker("second").reads(ORIGIN);
    assertThat(second.claim()).isEmpty();

    word.accept(first, claim);

    assertThat(id(second.claimOne())).isEqualTo("a");
    assertThat(second.claim()).isEmpty();
  }

  static Stream<Named<BiConsumer<SharingBroker, Claim>>> wordsOfWhatReachedNobody() {
    return Stream.of(
        Named.of("released", (broker, claim) -> broker.store().dispatch().release(List.of(claim))),
        Named.of("broken off", (broker, claim) -> broker.store().dispatch().brokeOff(claim, null)));
  }

  @Test
  final void anOrderOnATaskComesAfterTheReportsThatOtherBrokersHaveAnswered() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    for (int i = 0; i < ORDERS; i++) {
      String id = "task-" + i;
      first.add(pending(id).offset(i));
      long key = first.claimOne().claim().key();

      assertThat(second.conclude(id, Conclusion.COMPLETE)).isTrue();

      assertThat(first.store().steering().act(Act.GIVE_BACK, List.of(key)))
          .as(id)
          .containsExactly(Verdict.NOT_STORED);
    }
    assertThat(first.claim()).isEmpty();
  }
}
