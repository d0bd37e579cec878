package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorableTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "ü 名前 \uD83D\uDE00", "'\"\\%", "\u0001\u001f\uffff"})
  void whatPostgresTakesIsLeftAsItIs(String text) {
    assertThat(StorableText.encode(text)).isSameAs(text);
    assertThat(StorableText.decode(text)).isSameAs(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0000",
        "a\u0000b\u0000",
        "\uD83D",
        "\uDE00\uD83D",
        "x\uD83Dy",
        "\uE0F7",
        "\uE0F70000",
        "\uE0F7\u0000\uD83D\uDE00"
      })
  void whatPostgresRefusesComesBackAsItWas(String text) {
    String stored = StorableText.encode(text);

    assertThat(stored).isNotEqualTo(text).doesNotContain("\u0000");
    assertThat(StorableText.decode(stored)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void anyTextComesBackAsItWas(long seed) {
    var random = new Random(seed);
    char[] odd = {0, '\uE0F7', '\uD83D', '\uDE00', 'a', '0', 'é'};
    for (int i = 0; i < 2_000; i++) {
      var text = new StringBuilder();
      int length = random.nextInt(8);
      for (int at = 0; at < length; at++) {
        text.append(odd[random.nextInt(odd.length)]);
      }
      assertThat(StorableText.decode(StorableText.encode(text.toString())))
          .as("seed %d, text %d", seed, i)
          .isEqualTo(text.toString());
    }
  }

  @Test
  void aMarkWithoutItsDigitsIsRefused() {
    assertThatThrownBy(() -> StorableText.decode("a\uE0F7" + "00"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void noTextStaysNone() {
    assertThat(StorableText.encode(null)).isNull();
    assertThat(StorableText.decode(null)).isNull();
  }
}
