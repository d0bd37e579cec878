package io.taskbroker.bootstrap.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopPictureTest {
  private static final Map<String, Object> EARLIER = status("2026-11-29T07:00:00Z", 100, 40);
  private static final Map<String, Object> NOW = status("2026-11-29T07:00:02Z", 300, 65);

  private static Map<String, Object> status(String now, int received, int ended) {
    return Map.of(
        "version",
        "1.2.3",
        "ready",
        true,
        "now",
        now,
        "tasks",
        Map.of("pending", 7, "oldest_pending_ms", 75_000, "store_bytes", 2_500_000),
        "flow",
        Map.of("received", received, "ended", ended));
  }

  private static TopPicture picture(
      @Nullable Map<String, Object> before, int queues, int explanations) {
    return new TopPicture(
        "http://there",
        NOW,
        before,
        IntStream.range(0, queues)
            .mapToObj(
                i ->
                    Map.<String, Object>of(
                        "application",
                        "shop",
                        "namespace",
                        "n",
                        "task",
                        "t" + i,
                        "states",
                        Map.of("pending", i),
                        "oldest_pending_seconds",
                        61))
            .toList(),
        List.of(
            Map.of(
                "application",
                "shop",
                "pending",
                7,
                "oldest_pending_seconds",
                150,
                "last_asked_seconds_ago",
                3)),
        IntStream.range(0, explanations)
            .mapToObj(
                i -> Map.<String, Object>of("what", "W" + i, "why", "because", "remedy", "do"))
            .toList());
  }

  @Test
  void whatPasses_isToldFromTwoPictures() {
    assertThat(picture(EARLIER, 0, 0).lines(Screen.Size.USUAL))
        .contains("100.0/s in   12.5/s over   the oldest waits for 1 min 15 s   2.5 MB stored")
        .contains("Nothing is stored.");
    assertThat(picture(null, 0, 0).lines(Screen.Size.USUAL).get(1))
        .startsWith("since the start 300 in, 65 over");
  }

  @Test
  void whereMostWaits_comesFirst_andWhatHasNoRoomIsCounted() {
    List<String> lines = picture(EARLIER, 100, 9).lines(new Screen.Size(30, 80));

    assertThat(lines).hasSizeLessThanOrEqualTo(30);
    assertThat(lines)
        .contains("! W0: because", "! W2: because", "… and 6 more")
        .doesNotContain("! W3: because");
    int titles =
        lines.indexOf(
            lines.stream().filter(l -> l.contains("namespace")).findFirst().orElseThrow());
    assertThat(lines.get(titles + 1)).matches("shop +n +t99 +99 +61 s +0 +0 +0");
    assertThat(lines).anySatisfy(line -> assertThat(line).matches("… and 8\\d more"));
    assertThat(lines.getLast()).matches("shop +7 +2 min 30 s +3 s ago");
  }

  @Test
  void aSmallScreen_hasTheHeadOfItAtLeast() {
    assertThat(picture(EARLIER, 100, 9).lines(new Screen.Size(5, 20)).getFirst())
        .isEqualTo("taskbroker 1.2.3 at http://there, 2026-11-29T07:00:02Z: ready");
  }
}
