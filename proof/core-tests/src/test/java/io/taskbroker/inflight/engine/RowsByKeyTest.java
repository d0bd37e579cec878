package io.taskbroker.inflight.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.RetryOverride;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RowsByKeyTest {
  private final RowsByKey rows = new RowsByKey();
  private final TreeMap<Long, Row> truth = new TreeMap<>();

  @Test
  void agreesWithATreeOfAllRows() {
    Random random = new Random(42);
    long next = 1;
    for (int i = 0; i < 50_000; i++) {
      long key = random.nextInt(3) == 0 ? next++ : 1 + random.nextLong(next + 100);
      if (random.nextInt(5) < 3) {
        put(key);
      } else {
        remove(key);
      }
      agreeOn(key);
      agreeOn(random.nextLong(next + 200));
    }
  }

  @Test
  void keysMayBeAnyLong() {
    for (long key :
        new long[] {Long.MAX_VALUE, 0, Long.MIN_VALUE, -1, 31, 32, Long.MAX_VALUE - 1}) {
      put(key);
    }
    for (long key : truth.keySet()) {
      agreeOn(key);
    }
    remove(Long.MAX_VALUE);
    agreeOn(Long.MAX_VALUE);
    agreeOn(Long.MAX_VALUE - 1);
  }

  private void put(long key) {
    Row row =
        new Row(
            new StoredActivation(
                key, Tasks.task("id-" + key), Pending.STATE, 0, RetryOverride.NONE, null));
    rows.put(row);
    truth.put(key, row);
  }

  private void remove(long key) {
    rows.remove(key);
    truth.remove(key);
  }

  private void agreeOn(long key) {
    assertThat(rows.get(key)).isSameAs(truth.get(key));
    Map.Entry<Long, Row> next = truth.higherEntry(key);
    assertThat(rows.after(key)).isSameAs(next == null ? null : next.getValue());
  }
}
