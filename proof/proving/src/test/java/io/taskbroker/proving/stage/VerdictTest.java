package io.taskbroker.proving.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proving.stage.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
  private final Verdict verdict = new Verdict();

  @Test
  void figuresAsPromised_hold() {
    verdict.expect("lost", 0, 0).atLeast("done", 5, 6).expectNone("complaints", List.of());

    assertThat(verdict.outcome()).isEqualTo(Outcome.HELD);
    assertThat(verdict).hasToString("lost=0 done=6 complaints=0 held");
  }

  @Test
  void aPartThatIsNotPlayed_makesTheWholeSkipped() {
    verdict.expect("lost", 0, 0).skip("a full disk", "needs a mount");

    assertThat(verdict.outcome()).isEqualTo(Outcome.SKIPPED);
    assertThat(verdict.skipped()).containsExactly("a full disk: needs a mount");
  }

  @Test
  void whatFell_staysFallen_whateverIsSkipped() {
    verdict.atMost("repeated", 0, 1).skip("a full disk", "needs a mount");

    assertThat(verdict.outcome()).isEqualTo(Outcome.FELL);
    assertThat(verdict.failures()).containsExactly("repeated should be at most 0, is 1");
  }
}
