package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.ShareCommands.Progress;
import io.taskbroker.inflight.ShareCommands.TakeIn;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A piece of a partition's rows is taken in again, since its group was not written. */
class RowsThatComeTwiceTest {
  private final InflightEngine engine =
      InflightEngine.sharing(new EngineSettings(Duration.ofSeconds(3), 3), () -> 1_000);

  private final Moment now = new SettableTime().now();
  private final Progress progress = new Progress();
  private final List<StoredActivation> page = List.of(row(1, "a"), row(2, "b"));

  private static StoredActivation row(long key, String id) {
    return new StoredActivation(
        key,
        pending(id).offset(key).build(),
        ActivationState.Pending.STATE,
        0,
        RetryOverride.NONE,
        null);
  }

  private void takeIn() {
    TakeIn command = new TakeIn(now, ORIGIN, page, List.of(), progress, _ -> {});
    assertThat(command.decide(engine, now)).isTrue();
    assertThat(command.answer(List.of())).isEqualTo(2);
  }

  @BeforeEach
  void theGroupIsTakenBack() {
    engine.share().begin(ORIGIN, 10L, now);
    takeIn();
    engine.undo();
  }

  @Test
  void aRowThatIsOverByThen_doesNotComeBack() {
    assertThat(engine.claims().conclude("a", Conclusion.COMPLETE, RetryOverride.NONE, now))
        .isTrue();
    engine.settle();

    takeIn();

    assertThat(engine.depths().unfinished()).isOne();
    assertThat(engine.claims().conclude("a", Conclusion.COMPLETE, RetryOverride.NONE, now))
        .isFalse();
  }

  @Test
  void rowsThatAreThere_stayAsTheyAre() {
    takeIn();

    assertThat(engine.depths().pending()).isEqualTo(2);
  }
}
