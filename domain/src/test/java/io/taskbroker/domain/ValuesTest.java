package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The small values: what they refuse, and what they mean. */
class ValuesTest {
  @Test
  void aFilter_refusesANamespaceWithoutItsApplication() {
    assertThatThrownBy(() -> new ClaimFilter(null, "orders")).hasMessageContaining("orders");
  }

  @Test
  void anOverride_keepsWhatALaterOneLeavesOpen() {
    RetryOverride first = new RetryOverride(3, 60L);

    assertThat(first.and(RetryOverride.NONE)).isEqualTo(first);
    assertThat(first.and(new RetryOverride(null, 5L))).isEqualTo(new RetryOverride(3, 5L));
    assertThat(first.and(new RetryOverride(0, null))).isEqualTo(new RetryOverride(0, 60L));
    assertThat(RetryOverride.NONE.and(first)).isEqualTo(first);
  }

  @Test
  void anUnknownPolicyNumber_countsAsNothingSaid() {
    assertThat(OnAttemptsExceeded.ofNumber(1)).isEqualTo(OnAttemptsExceeded.DISCARD);
    assertThat(OnAttemptsExceeded.ofNumber(2)).isEqualTo(OnAttemptsExceeded.DEAD_LETTER);
    assertThat(OnAttemptsExceeded.ofNumber(0)).isEqualTo(OnAttemptsExceeded.UNSPECIFIED);
    assertThat(OnAttemptsExceeded.ofNumber(99)).isEqualTo(OnAttemptsExceeded.UNSPECIFIED);
  }

  @Test
  void aBadRecord_isNamedByItsPlaceInKafka() {
    Partition origin = new Partition("taskworker", 3);

    Activation bad = Activation.badRecord(origin, 17, 5, 9, 100, "garbled");

    assertThat(bad.id()).isEqualTo("bad-record/taskworker/3/17");
    assertThat(bad.isBadRecord()).isTrue();
    assertThat(bad.onAttemptsExceeded()).isEqualTo(OnAttemptsExceeded.DEAD_LETTER);
    assertThat(bad.hasComeBack()).isFalse();
    assertThat(
            Activation.badRecord(origin, 17, 5, 9, 100, Activation.comeBack("garbled"))
                .hasComeBack())
        .isTrue();
  }

  @Test
  void aPool_givesTheFirstCopyOfEachName() {
    NamePool pool = new NamePool();
    String first = new String("orders".toCharArray());
    String second = new String("orders".toCharArray());

    assertThat(pool.share(first)).isSameAs(first);
    assertThat(pool.share(second)).isSameAs(first);
  }

  @Test
  void aPool_isBounded() {
    NamePool pool = new NamePool();
    String first = new String("first".toCharArray());
    pool.share(first);
    for (int i = 0; i < 20_001; i++) {
      pool.share("name " + i);
    }

    String again = new String("first".toCharArray());
    assertThat(pool.share(again)).isSameAs(again);
  }
}
