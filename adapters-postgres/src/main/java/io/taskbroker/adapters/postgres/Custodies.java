package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Partition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The custodies that are this broker's, by partition. Safe for all threads. */
final class Custodies {
  private final Map<Partition, Integer> numbers = new ConcurrentHashMap<>();

  void have(Partition partition, int number) {
    numbers.put(partition, number);
  }

  void haveNoLonger(Collection<Partition> partitions) {
    numbers.keySet().removeAll(partitions);
  }

  void haveNone() {
    numbers.clear();
  }

  @Nullable Integer find(Partition partition) {
    return numbers.get(partition);
  }

  /**
   * @throws IllegalStateException if it is not this broker's
   */
  int number(Partition partition) {
    Integer number = numbers.get(partition);
    if (number == null) {
      throw new IllegalStateException(partition + " is not in this broker's custody");
    }
    return number;
  }

  /** All of them, ascending. */
  Integer[] numbers() {
    Integer[] all = numbers.values().toArray(Integer[]::new);
    Arrays.sort(all);
    return all;
  }

  /** The partition of a row whose first columns are its topic and number. */
  static Partition partition(ResultSet row) throws SQLException {
    String topic = StorableText.decode(row.getString(1));
    return new Partition(topic == null ? "" : topic, row.getInt(2));
  }
}
