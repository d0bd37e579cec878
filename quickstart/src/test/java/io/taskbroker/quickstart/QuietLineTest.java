package io.taskbroker.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuietLineTest {
  @Test
  void aStatus_isALine() {
    Map<String, Object> flow = Map.of("received", 9, "ended", 4, "retried", 1, "discarded", 2);
    Map<String, Object> tasks =
        Map.of("pending", 3, "processing", 1, "claimed", 1, "delayed", 2, "retry", 1);

    assertThat(
            QuietLine.words(
                Map.of(
                    "flow",
                    flow,
                    "tasks",
                    tasks,
                    "stalled",
                    List.of(Map.of("what", "Application 'shop'")))))
        .isEqualTo(
            "received 9  ended 4  retried 1  failed 2  waiting 3  with workers 2  later 3"
                + "  stands still: Application 'shop'");
    assertThat(QuietLine.words(Map.of("flow", flow, "tasks", tasks))).endsWith("later 3");
  }

  @Test
  void aPause_isNamed() {
    assertThat(
            QuietLine.words(
                Map.of(
                    "pauses",
                    List.of(
                        Map.of("application", "p", "by", "ann"),
                        Map.of("application", "shop", "task", "mail", "by", "ann")))))
        .endsWith("later 0  paused: application 'p', application 'shop' task 'mail'");
  }

  @Test
  void aBrokerThatIsAway_isSaidOnce() {
    try (QuietLine line = new QuietLine("http://127.0.0.1:1")) {
      assertThat(line.next()).hasValueSatisfying(words -> assertThat(words).contains("answer"));
      assertThat(line.next()).isEmpty();
    }
  }
}
