package io.taskbroker.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderedTest {
  private static final List<String> NAMES =
      IntStream.range(0, 50).mapToObj(i -> "name-" + (i * 37) % 50).toList();

  @Test
  void aCopyOfASet_keepsTheOrderOfTheOriginal() {
    assertThat(Ordered.copyOf(NAMES)).containsExactlyElementsOf(NAMES);
  }

  @Test
  void aCopyOfAMap_keepsTheOrderOfTheOriginal() {
    Map<String, Integer> lengths = new LinkedHashMap<>();
    NAMES.forEach(name -> lengths.put(name, name.length()));

    assertThat(Ordered.copyOf(lengths).keySet()).containsExactlyElementsOf(NAMES);
    assertThat(Ordered.copyOf(lengths)).isEqualTo(lengths);
  }

  @Test
  void aSortedCopy_isInAscendingOrder() {
    assertThat(Ordered.sorted(NAMES)).containsExactlyElementsOf(NAMES.stream().sorted().toList());
  }

  @Test
  void noCopy_canBeChanged_orChangesWithItsOriginal() {
    Map<String, Integer> original = new LinkedHashMap<>(Map.of("a", 1));
    Map<String, Integer> copy = Ordered.copyOf(original);
    original.put("b", 2);

    assertThat(copy).containsOnlyKeys("a");
    assertThatThrownBy(() -> copy.put("c", 3)).isInstanceOf(UnsupportedOperationException.class);
    Set<String> names = Ordered.copyOf(NAMES);
    assertThatThrownBy(() -> names.remove("name-0"))
        .isInstanceOf(UnsupportedOperationException.class);
    Set<String> sorted = Ordered.sorted(NAMES);
    assertThatThrownBy(() -> sorted.add("z")).isInstanceOf(UnsupportedOperationException.class);
  }
}
