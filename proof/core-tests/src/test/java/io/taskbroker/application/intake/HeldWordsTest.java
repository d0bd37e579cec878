package io.taskbroker.application.intake;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ApplicationDepth;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HeldWordsTest {
  @Test
  void whose_namesWhatFillsTheStore_andWhenSomebodyAskedForIt() {
    assertThat(
            HeldWords.whose(
                List.of(
                    new ApplicationDepth("none", 0, Optional.empty(), Optional.empty(), true),
                    new ApplicationDepth("", 50, Optional.empty(), Optional.empty(), true),
                    new ApplicationDepth(
                        "shop", 70, Optional.empty(), Optional.of(Duration.ofSeconds(12)), true))))
        .isEqualTo(
            ": 70 of application 'shop' (last asked for 12 s ago), 50 of application '' (nobody has"
                + " asked for them since the start)");
    assertThat(HeldWords.whose(List.of())).isEmpty();
  }

  @Test
  void whose_namesAFew() {
    List<ApplicationDepth> many = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      many.add(new ApplicationDepth("app" + i, i, Optional.empty(), Optional.empty(), true));
    }
    assertThat(HeldWords.whose(many))
        .contains("'app30'")
        .doesNotContain("'app25'")
        .endsWith(", and 25 more");
  }
}
