package io.taskbroker.bootstrap.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.taskbroker.application.operations.LogChange;
import io.taskbroker.settings.LogFormat;
import io.taskbroker.settings.LogSettings;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveLevelsTest {
  private static final String STORE = "taskbroker::store";

  private final SettableTime time = new SettableTime();
  private final LoggerContext context = new LoggerContext();
  private final LogSettings configured =
      new LogSettings("info,taskbroker::grpc=warn", LogFormat.TEXT);
  private final LiveLevels levels = new LiveLevels(configured, context, time);
  private final Logger store = context.getLogger(STORE);
  private final Logger upkeep = context.getLogger("taskbroker::upkeep");
  private final Logger grpc = context.getLogger("taskbroker::grpc::server");

  LiveLevelsTest() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
    Logging.apply(context, configured, "1");
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  private void change(String level, String target, @Nullable Long untilMs) {
    levels.change(new LogChange(level, target, "ann", "", time.now().wallMs(), untilMs));
  }

  private long in(Duration span) {
    return time.now().wallMs() + span.toMillis();
  }

  @Test
  void oneTarget_isLoggedAtAnotherLevel_untilThatIsEnded() {
    assertThat(store.isDebugEnabled()).isFalse(); // known before it changes

    change("debug", STORE, null);

    assertThat(store.isDebugEnabled()).isTrue();
    assertThat(upkeep.isDebugEnabled()).isFalse();
    assertThat(levels.end(STORE)).isTrue();
    assertThat(store.isDebugEnabled()).isFalse();
    assertThat(levels.end(STORE)).isFalse();
  }

  @Test
  void theLevelOfAll_leavesThoseAlone_thatHaveOneOfTheirOwn() {
    change("debug", "", null);

    assertThat(store.isDebugEnabled()).isTrue();
    assertThat(grpc.isInfoEnabled()).isFalse();
    change("error", "", null);
    assertThat(store.isWarnEnabled()).isFalse();
    change("trace", "taskbroker::grpc", null);
    assertThat(grpc.isTraceEnabled()).isTrue();
  }

  @Test
  void aChange_endsByItself_andOthersStay() {
    change("debug", STORE, in(Duration.ofMinutes(10)));
    change("debug", "taskbroker::upkeep", in(Duration.ofMinutes(20)));

    time.advance(Duration.ofMinutes(10).minusMillis(1));
    assertThat(store.isDebugEnabled()).isTrue();
    time.advance(Duration.ofMillis(1));

    assertThat(levels.changes())
        .extracting(LogChange::target)
        .containsExactly("taskbroker::upkeep");
    assertThat(store.isDebugEnabled()).isFalse();
    assertThat(upkeep.isDebugEnabled()).isTrue();
    time.advance(Duration.ofMinutes(10));
    assertThat(levels.end("taskbroker::upkeep")).isFalse();
    assertThat(upkeep.isDebugEnabled()).isFalse();
  }

  @Test
  void theLatestChange_ofATarget_counts() {
    change("debug", STORE, in(Duration.ofMinutes(1)));
    change("trace", STORE, null);

    time.advance(Duration.ofMinutes(2));

    assertThat(store.isTraceEnabled()).isTrue();
    assertThat(levels.changes()).hasSize(1);
  }

  @Test
  void whatIsNoLevelOrNoTarget_changesNothing() {
    assertThatThrownBy(() -> change("loud", STORE, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'loud' is no level");
    assertThatThrownBy(() -> change("debug", "a=b, c", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a=b, c' is no target");
    assertThat(levels.changes()).isEmpty();
    assertThat(store.isDebugEnabled()).isFalse();
  }

  @Test
  void aLogThatIsNotOurs_isLeftAlone() {
    LoggerContext other = new LoggerContext();
    LiveLevels theirs = new LiveLevels(configured, other, time);

    assertThatThrownBy(() -> theirs.change(new LogChange("debug", "", "ann", "", 0, null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("logback.xml");
    assertThat(theirs.end("")).isFalse();
  }
}
