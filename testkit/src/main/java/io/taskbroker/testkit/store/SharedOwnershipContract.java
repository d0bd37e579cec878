package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.testkit.Activations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who has which rows. */
abstract class SharedOwnershipContract extends SharingBrokers {
  /** Of each broker. */
  private static final int CLAIMS = 1_000;

  @Test
  final void rows_areHandedOutByTheBrokerThatHasTheirPartition() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));
    second.add(pending("b").at(OTHER, 0));

    assertThat(id(first.claimOne())).isEqualTo("a");
    assertThat(first.claim()).isEmpty();
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(second.claim()).isEmpty();
  }

  @Test
  final void claimsAtOnceOverTwoBrokersTakeDifferentRows() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(numbered("a", ORIGIN));
    second.add(numbered("b", OTHER));

    List<CompletionStage<Optional<Delivered>>> claims = new ArrayList<>();
    for (int i = 0; i < CLAIMS; i++) {
      claims.add(first.store().dispatch().claim(ClaimFilter.ANY));
      claims.add(second.store().dispatch().claim(ClaimFilter.ANY));
    }

    assertThat(claims)
        .extracting(claim -> id(StoreContract.await(claim).orElseThrow()))
        .doesNotHaveDuplicates()
        .hasSize(2 * CLAIMS);
  }

  private static Activations[] numbered(String name, Partition partition) {
    return IntStream.range(0, CLAIMS)
        .mapToObj(i -> pending(name + i).at(partition, i).payload(new byte[1]))
        .toArray(Activations[]::new);
  }

  @Test
  final void add_isRefusedWhileTheRowsOfThePartitionAreElsewhere() {
    broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);

    assertThatExceptionOfType(StoreException.Unavailable.class)
        .isThrownBy(() -> second.add(pending("a")));
    assertThat(second.add(pending("b").at(OTHER, 0))).isOne();
  }

  @Test
  final void add_ignoresAnIdThatAnotherBrokersPartitionHas() {
    SharingBroker first = broker("first").reads(ORIGIN);
    SharingBroker second = broker("second").reads(OTHER);
    first.add(pending("a"));

    int added =
        second.add(pending("b").at(OTHER, 0), pending("a").at(OTHER, 1), pending("c").at(OTHER, 2));

    assertThat(added).isEqualTo(2);
    assertThat(id(second.claimOne())).isEqualTo("b");
    assertThat(id(second.claimOne())).isEqualTo("c");
    assertThat(second.claim()).isEmpty();
    assertThat(id(first.claimOne())).isEqualTo("a");
  }

  @Test
  final void rows_stayWithTheirBrokerUntilAnotherOneWantsThem() {
    SharingBroker first = broker("first").reads(ORIGIN);
    first.add(pending("a"), pending("b"));

    first.readsNoMore(ORIGIN);

    assertThat(id(first.claimOne())).isEqualTo("a");
    assertThat(first.conclude("a", Conclusion.COMPLETE)).isTrue();
    assertThat(id(broker("second").reads(ORIGIN).claimOne())).isEqualTo("b");
  }
}
