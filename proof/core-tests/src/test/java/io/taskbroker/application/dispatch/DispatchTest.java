package io.taskbroker.application.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.Dispatch.Mode;
import io.taskbroker.application.dispatch.Dispatch.Wish;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What workers wish for is their own words. */
class DispatchTest {
  private static final String LONGEST = "a".repeat(Activation.LONGEST_NAME_BYTES);

  private final SettableTime time = new SettableTime();
  private final OwnedStore store =
      OwnedStore.open(
          new InMemoryFile().open(),
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});
  private final Dispatch dispatch = new Dispatch(store.dispatch(), Mode.PULL, time);

  @AfterEach
  void close() {
    store.close();
  }

  private void ask(@Nullable String application, @Nullable String namespace) {
    var wish = new Wish(application, namespace);
    assertThat(dispatch.next(wish, Recipient.OF_ANYTHING).toCompletableFuture().join()).isEmpty();
    var report = new Report("unknown", Conclusion.COMPLETE, RetryOverride.NONE);
    assertThat(
            dispatch
                .report(report, wish, Recipient.OF_ANYTHING)
                .toCompletableFuture()
                .join()
                .next())
        .isEmpty();
  }

  @Test
  void namesThatNoTaskHas_areNotInTheLog() {
    try (var log = new CapturedLog("taskbroker::grpc::server")) {
      ask(null, LONGEST + "a");

      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("1025 letters")
          .doesNotContain(LONGEST);
    }
  }

  @Test
  void namesThatNoTaskHas_areNotRemembered() {
    ask(LONGEST + "a", null);
    ask("shop", LONGEST + "a");
    ask(LONGEST, LONGEST);

    assertThat(store.intake().applications())
        .extracting(ApplicationDepth::application)
        .containsExactly(LONGEST);
  }
}
