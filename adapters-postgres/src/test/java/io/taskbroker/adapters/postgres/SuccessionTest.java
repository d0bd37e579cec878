package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessionTest {
  private final Succession succession = new Succession();

  @Test
  void theFirstKeysFollowNothing() {
    assertThat(succession.goesOnWith(List.of(1L, 2L))).isFalse();
  }

  @Test
  void keysThatComeSoonBehindTheOthersGoOn() {
    boolean _ = succession.goesOnWith(List.of(10L, 11L));

    assertThat(succession.goesOnWith(List.of(13L, 12L))).isTrue();
    assertThat(succession.goesOnWith(List.of(21L, 17L))).isTrue();
  }

  @Test
  void keysWithMuchBetweenThem_asOfOneApplicationOfMany_doNotGoOn() {
    boolean _ = succession.goesOnWith(List.of(10L, 11L));

    assertThat(succession.goesOnWith(List.of(15L, 20L))).isFalse();
  }

  @Test
  void keysThatWereThereBeforeDoNotGoOn() {
    boolean _ = succession.goesOnWith(List.of(10L, 11L));

    assertThat(succession.goesOnWith(List.of(11L))).isFalse();
    assertThat(succession.goesOnWith(List.of(3L, 4L))).isFalse();
  }
}
