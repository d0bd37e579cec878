package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.push.PushEvent.Offer;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What is counted of the way from a claim into an application's queue. */
class PushOffersTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  /** One on its way, one queued. */
  private static final PushSettings SMALL =
      new PushSettings(1, 1, 16, Duration.ofSeconds(5), Duration.ofSeconds(30));

  private final SettableTime time = new SettableTime();
  private final ModelStore tasks = new ModelStore(ENGINE, time);
  private final HeldStore store = new HeldStore();
  private final HeldWorkers workers = new HeldWorkers();
  private final List<PushEvent> events = new CopyOnWriteArrayList<>();
  private final Stalls stalls = new Stalls(time);
  private final PushDelivery delivery =
      new PushDelivery(store, new PushPorts(workers, SMALL, events::add), time, stalls);

  @Test
  void aClaimThatFindsRoom_hasNotWaited() {
    store(2);

    delivery.turn();

    assertOffered(Offer.QUEUED, 2, Duration.ZERO);
    assertThat(last(PushEvent.Queued.class)).isEqualTo(new PushEvent.Queued("shop", 1));
  }

  @Test
  void aFullQueue_isWaitedForAsLongAsSomethingIsDue() throws Exception {
    store(3);
    delivery.turn();
    delivery.turn();
    HeldWorkers.Push first = workers.take();

    time.advance(Duration.ofSeconds(2));
    first.answer().complete(new Answer.Accepted());

    assertOffered(Offer.QUEUED, 1, Duration.ofSeconds(2));
  }

  @Test
  void whatIsClaimedForWorkersThatAreAwayMeanwhile_isTakenBack() throws Exception {
    store(1);
    delivery.turn();
    store.hold = true;
    store(1);
    delivery.turn();

    workers.take().answer().complete(new Answer.Refused("away"));
    store.letGo();

    assertOffered(Offer.PAUSED, 1, Duration.ZERO);
    assertThat(events).filteredOn(PushEvent.Undone.class::isInstance).hasSize(2);
    assertThat(tasks.depths().pending()).isEqualTo(2);
  }

  @Test
  void whatIsClaimedAtTheEnd_isTakenBack() {
    store.hold = true;
    store(1);
    delivery.turn();

    assertThat(delivery.drain()).isFalse();
    store.letGo();

    assertOffered(Offer.ENDED, 1, Duration.ZERO);
    assertThat(delivery.drain()).isTrue();
    assertThat(tasks.depths().pending()).isEqualTo(1);
  }

  @Test
  void nothingIsDrained_beforeWhatWasClaimedLastIsOnItsWayBack() {
    List<Boolean> drained = new ArrayList<>();
    store.onRelease = () -> drained.add(delivery.drain());
    store.hold = true;
    store(1);
    delivery.turn();
    delivery.drain();

    store.letGo();

    assertThat(drained).containsExactly(false);
    assertThat(delivery.drain()).isTrue();
  }

  @Test
  void aStandstill_isOverWhenNothingWaitsForTheWorkersAnyMore() throws Exception {
    store(1);
    delivery.turn();
    workers.take().answer().complete(new Answer.Refused("away"));
    assertThat(stalls.current()).hasSize(1);
    time.advance(Duration.ofMinutes(2));
    delivery.turn();
    workers.take().answer().complete(new Answer.Refused("away"));
    assertThat(stalls.current()).as("it still waits").hasSize(1);

    tasks.drop(tasks.find(Set.of("send_receipt"), 0).tasknames().keySet());
    time.advance(Duration.ofMinutes(2));
    delivery.turn();

    assertThat(stalls.current()).isEmpty();
  }

  private void assertOffered(Offer offer, int rows, Duration waited) {
    assertThat(last(PushEvent.Offered.class)).isEqualTo(new PushEvent.Offered(offer, rows, waited));
  }

  private PushEvent last(Class<? extends PushEvent> kind) {
    return events.stream().filter(kind::isInstance).reduce((_, later) -> later).orElseThrow();
  }

  private void store(int rows) {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int number = tasks.rows().size() + i;
      batch.add(Activations.pending("task-" + number).offset(number).arriving());
    }
    tasks.add(batch, new AssignmentEpoch());
  }

  /** The store, whose answer to a claim may be held back. */
  private final class HeldStore implements PushStore {
    private boolean hold;
    private Runnable onRelease = () -> {};
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    void letGo() {
      released.complete(null);
    }

    @Override
    public CompletionStage<List<Delivered>> claimForPush(
        String application, int limit, long maxBytes, Duration lease) {
      CompletionStage<List<Delivered>> claimed =
          tasks.claimForPush(application, limit, maxBytes, lease);
      return hold ? released.thenCompose(_ -> claimed) : claimed;
    }

    @Override
    public CompletionStage<Boolean> sending(Claim claim) {
      return tasks.sending(claim);
    }

    @Override
    public void pushFailed(Claim claim, String reason) {
      tasks.pushFailed(claim, reason);
    }

    @Override
    public CompletionStage<Boolean> accepted(Claim claim) {
      return tasks.accepted(claim);
    }

    @Override
    public void release(Collection<Claim> claims) {
      onRelease.run();
      tasks.release(claims);
    }

    @Override
    public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
      return tasks.reject(claim, payload, reason);
    }

    @Override
    public void drop(Claim claim) {
      tasks.drop(claim);
    }

    @Override
    public boolean hasPending() {
      return tasks.hasPending();
    }

    @Override
    public Map<String, Integer> pendingByApplication() {
      return tasks.pendingByApplication();
    }
  }
}
