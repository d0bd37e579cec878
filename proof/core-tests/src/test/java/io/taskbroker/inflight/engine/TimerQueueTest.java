package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.RetryOverride;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
  private final TimerQueue queue = new TimerQueue();

  @Test
  void agreesWithATreeOfAllRows() {
    TreeMap<Long, SequencedSet<Row>> truth = new TreeMap<>();
    List<Row> rows = new ArrayList<>();
    for (int key = 0; key < 200; key++) {
      rows.add(row(key));
    }
    Random random = new Random(42);
    long now = 0;
    for (int i = 0; i < 50_000; i++) {
      now += random.nextInt(2);
      Row row = rows.get(random.nextInt(rows.size()));
      boolean wasIn = truth.values().stream().mapToInt(same -> same.remove(row) ? 1 : 0).sum() > 0;
      assertThat(queue.remove(row)).isEqualTo(wasIn);
      truth.values().removeIf(SequencedSet::isEmpty);
      if (random.nextInt(3) > 0) {
        long endMs = now + 100L * random.nextInt(3);
        queue.add(row, endMs);
        truth.computeIfAbsent(endMs, _ -> new LinkedHashSet<>()).add(row);
      }
      assertThat(queue.isEmpty()).isEqualTo(truth.isEmpty());
      assertThat(queue.size())
          .isEqualTo(truth.values().stream().mapToInt(SequencedSet::size).sum());
      if (truth.isEmpty()) {
        assertThat(queue.first()).isNull();
      } else {
        assertThat(queue.firstEndMs()).isEqualTo(truth.firstKey());
        assertThat(queue.first()).isSameAs(truth.firstEntry().getValue().getFirst());
      }
    }
  }

  @Test
  void aRow_isInOneQueueAtMost() {
    Row row = row(1);
    TimerQueue other = new TimerQueue();
    queue.add(row, 5);

    assertThat(other.remove(row)).isFalse();
    assertThatThrownBy(() -> other.add(row, 6)).isInstanceOf(IllegalStateException.class);
    assertThat(queue.first()).isSameAs(row);

    assertThat(queue.remove(row)).isTrue();
    other.add(row, 6);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(other.firstEndMs()).isEqualTo(6);
  }

  private static Row row(long key) {
    return new Row(
        new StoredActivation(
            key, Tasks.task("id-" + key), Pending.STATE, 0, RetryOverride.NONE, null));
  }
}
