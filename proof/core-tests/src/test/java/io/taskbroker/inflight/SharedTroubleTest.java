package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.store.StoreWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SharedTroubleTest {
  private final List<String> told = new ArrayList<>();
  private final SharedTrouble trouble =
      new SharedTrouble(
          new StoreWatch() {
            @Override
            public void writing(Optional<String> trouble) {}

            @Override
            public void reading(Optional<String> trouble) {}

            @Override
            public void sharing(Optional<String> trouble) {
              told.add(trouble.orElse("all is well"));
            }

            @Override
            public void failed(Throwable cause) {}
          });

  private static StoreException away(String why) {
    return new StoreException.Unavailable(why);
  }

  @Test
  void whileAllIsWell_nothingIsSaid() {
    trouble.mended("beat");

    assertThat(told).isEmpty();
  }

  @Test
  void troubleIsOver_onceEachThreadThatHadItHasGoneOn() {
    trouble.begun("beat", away("refused"));
    trouble.begun("custody", away("reset"));
    trouble.mended("beat");
    assertThat(told).containsExactly("refused", "reset");

    trouble.mended("custody");
    trouble.mended("custody");
    assertThat(told).containsExactly("refused", "reset", "all is well");
  }
}
