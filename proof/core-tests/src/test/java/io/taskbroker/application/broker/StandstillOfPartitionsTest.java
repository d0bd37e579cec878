package io.taskbroker.application.broker;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Patience.until;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.Stalls.Standstill;
import io.taskbroker.application.store.Store;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemorySpace;
import io.taskbroker.testkit.journal.SharedJournal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What people are told where brokers share a store, and the tasks of a partition do not come. */
@Timeout(60)
class StandstillOfPartitionsTest {
  private static final String READING =
      "Reading of partition %d of topic '%s'".formatted(ORIGIN.number(), ORIGIN.topic());

  private final SettableTime time = new SettableTime();
  private final InMemorySpace space = new InMemorySpace(time);
  private final SharedJournal other = space.open("other");
  private final Troubles troubles =
      new Troubles(new HealthSettings(Duration.ofSeconds(30), false), time);
  private final Stalls stalls = troubles.stalls();
  private final Store store =
      OwnedStore.over(
              space.open("this"),
              new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false))
          .open(time, SystemThreads.INSTANCE, troubles, EventSink.none());

  @AfterEach
  void close() {
    store.close();
  }

  /** The other broker has the partition, and gives a sign of life every second. */
  private void waitWhileTheOtherHasIt(Duration length) {
    assertThat(other.take(List.of(ORIGIN))).hasSize(1);
    store.intake().assigned(Map.of(ORIGIN, 0L));
    until(() -> other.wanted().contains(ORIGIN));
    for (long second = 0; second < length.toSeconds(); second++) {
      time.advance(Duration.ofSeconds(1));
      other.beat(Set.of());
    }
  }

  private void untilItIsSaid() {
    until(() -> stalls.current().containsKey(READING));
  }

  @Test
  void aPartitionThatAnotherBrokerKeeps_isNamed_withThatBroker() {
    waitWhileTheOtherHasIt(Duration.ofSeconds(6));
    untilItIsSaid();

    Standstill standstill = stalls.standing().getFirst();
    assertThat(standstill.reason()).contains("broker other", "last sign of life was");
    assertThat(standstill.remedy()).contains("restart it", "deposed");
  }

  @Test
  void aHandOverThatTakesSeconds_isNoStandstill() {
    waitWhileTheOtherHasIt(Duration.ofSeconds(4));
    other.apply(givingUp(), Durability.POWER_CUT);
    time.advance(Duration.ofMillis(200));
    until(() -> store.holdings().awaited().isEmpty());

    assertThat(stalls.current()).isEmpty();
  }

  @Test
  void theLineEnds_onceTheTasksAreHere() {
    waitWhileTheOtherHasIt(Duration.ofSeconds(6));
    untilItIsSaid();

    other.apply(givingUp(), Durability.POWER_CUT);
    time.advance(Duration.ofMillis(200));

    until(() -> stalls.current().isEmpty());
    assertThat(store.holdings().awaited()).isEmpty();
  }

  @Test
  void theLineEnds_onceThePartitionIsReadElsewhere() {
    waitWhileTheOtherHasIt(Duration.ofSeconds(6));
    untilItIsSaid();

    store.holdings().revoked(List.of(ORIGIN));

    until(() -> stalls.current().isEmpty());
  }

  private static JournalGroup givingUp() {
    return new JournalGroup(1, Changes.NONE, Map.of(), List.of(), List.of(ORIGIN));
  }

  @Test
  void aStoreThatCannotBeReached_isNamed_untilItCanBeAgain() {
    troubles.sharing(Optional.of("Connection refused"));
    assertThat(stalls.current())
        .containsEntry(
            Stalls.SHARING, "what the brokers share cannot be reached: Connection refused");

    troubles.sharing(Optional.empty());
    assertThat(stalls.current()).isEmpty();
  }
}
