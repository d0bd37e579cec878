package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.RetryOverride;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadyIndexTest {
  private static final List<String> APPLICATIONS = List.of("a", "b", "");
  private static final List<String> NAMESPACES = List.of("x", "y", "z", "");

  private static Row row(long key, String application, String namespace, long addedAtMs) {
    return new Row(
        new StoredActivation(
            key,
            Tasks.task("id" + key, application, namespace, addedAtMs),
            Pending.STATE,
            0,
            RetryOverride.NONE,
            null));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void oldest_isWhatALookAtAllRowsWouldFind(long seed) {
    var random = new Random(seed);
    var index = new ReadyIndex();
    List<Row> rows = new ArrayList<>();
    List<Row> gone = new ArrayList<>();
    for (int step = 0; step < 3_000; step++) {
      if (!gone.isEmpty() && random.nextInt(100) < 30) {
        Row back = gone.remove(random.nextInt(gone.size()));
        back.restsUntilMs = random.nextInt(100) < 20 ? 1 + random.nextInt(5) : 0;
        rows.add(back);
        index.add(back);
      } else if (rows.isEmpty() || random.nextInt(100) < 30) {
        Row added =
            row(step, any(random, APPLICATIONS), any(random, NAMESPACES), random.nextInt(30));
        rows.add(added);
        index.add(added);
      } else {
        Row removed = rows.remove(random.nextInt(rows.size()));
        index.remove(removed);
        gone.add(removed);
      }
      for (ClaimFilter filter : filters()) {
        assertThat(index.oldest(filter))
            .as("seed %d, step %d, %s", seed, step, filter)
            .isSameAs(oldestOf(rows, filter));
      }
    }
  }

  private static @Nullable Row oldestOf(List<Row> rows, ClaimFilter filter) {
    return rows.stream()
        .filter(row -> filter.matches(row.activation))
        .min(Row.BY_ARRIVAL)
        .orElse(null);
  }

  private static List<ClaimFilter> filters() {
    List<ClaimFilter> filters = new ArrayList<>(List.of(ClaimFilter.ANY));
    for (String application : APPLICATIONS) {
      filters.add(new ClaimFilter(application, null));
      NAMESPACES.forEach(namespace -> filters.add(new ClaimFilter(application, namespace)));
    }
    filters.add(new ClaimFilter("nobody", null));
    filters.add(new ClaimFilter("a", "nowhere"));
    return filters;
  }

  private static String any(Random random, List<String> values) {
    return values.get(random.nextInt(values.size()));
  }

  @Test
  void someOf_findsNamespacesInEveryApplication() {
    var index = new ReadyIndex();
    Row first = row(1, "a", "x", 5);
    Row second = row(2, "b", "x", 4);
    Row other = row(3, "b", "y", 3);
    List.of(first, second, other).forEach(index::add);

    assertThat(index.someOf(Set.of("x"))).isIn(first, second);
    assertThat(index.someOf(Set.of())).isNull();
    index.remove(first);
    assertThat(index.someOf(Set.of("x"))).isSameAs(second);
    index.remove(second);
    assertThat(index.someOf(Set.of("x"))).isNull();
  }

  @Test
  void removing_whatIsNotThereDoesNothing() {
    var index = new ReadyIndex();
    Row there = row(1, "a", "x", 5);
    index.add(there);

    index.remove(row(2, "a", "x", 5));
    index.remove(row(3, "a", "y", 5));
    index.remove(row(4, "b", "x", 5));

    assertThat(index.oldest(ClaimFilter.ANY)).isSameAs(there);
  }
}
