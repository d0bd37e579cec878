package io.taskbroker.application.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.domain.Claim;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** What pushing does when its store fails. */
class PushDeliveryTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final PushSettings SETTINGS =
      new PushSettings(1, 1, 1, Duration.ofSeconds(5), Duration.ofSeconds(30));

  private final SettableTime time = new SettableTime();
  private final ModelStore rows = new ModelStore(ENGINE, time);
  private final OverloadedStore store = new OverloadedStore(rows);
  private final InMemoryWorkers workers = InMemoryWorkers.of("shop");
  private final PushDelivery delivery =
      new PushDelivery(
          store, new PushPorts(workers, SETTINGS, EventSink.none()), time, new Stalls(time));

  @Test
  void aPushThatCouldNotBegin_isTakenBackAtOnce_andTriedAgainLater() {
    rows.add(List.of(Activations.pending("a").arriving()), new AssignmentEpoch());

    delivery.turn();
    delivery.turn();

    assertThat(workers.next()).isEmpty();
    assertThat(store.begun).isEqualTo(1);
    assertThat(rows.depths().pending()).isEqualTo(1);

    store.overloaded = false;
    time.advance(Duration.ofSeconds(1));
    delivery.turn();
    assertThat(workers.next()).isPresent();
  }

  /** Too many commands wait whenever a push is to begin. */
  private static final class OverloadedStore implements PushStore {
    private final PushStore store;
    boolean overloaded = true;
    int begun;

    OverloadedStore(PushStore store) {
      this.store = store;
    }

    @Override
    public CompletionStage<Boolean> sending(Claim claim) {
      begun++;
      return overloaded
          ? CompletableFuture.failedStage(new StoreException.Overloaded("too many wait"))
          : store.sending(claim);
    }

    @Override
    public CompletionStage<List<Delivered>> claimForPush(
        String application, int limit, long maxBytes, Duration lease) {
      return store.claimForPush(application, limit, maxBytes, lease);
    }

    @Override
    public void pushFailed(Claim claim, String reason) {
      store.pushFailed(claim, reason);
    }

    @Override
    public CompletionStage<Boolean> accepted(Claim claim) {
      return store.accepted(claim);
    }

    @Override
    public void release(Collection<Claim> claims) {
      store.release(claims);
    }

    @Override
    public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
      return store.reject(claim, payload, reason);
    }

    @Override
    public void drop(Claim claim) {
      store.drop(claim);
    }

    @Override
    public boolean hasPending() {
      return store.hasPending();
    }

    @Override
    public Map<String, Integer> pendingByApplication() {
      return store.pendingByApplication();
    }
  }
}
