package io.taskbroker.application.operations;

import io.taskbroker.application.Elapsed;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.operator.Drain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a broker is that drains.
 *
 * @param isEmpty whether no topic is read and nothing is stored but failed tasks that are kept for
 *     operators
 * @param left what there is still, in words; empty if nothing is
 */
public record DrainSight(Drain order, boolean isEmpty, String left) {
  static DrainSight of(
      Drain order, List<String> read, Depths depths, @Nullable Long nextDelayEndMs, long nowMs) {
    List<String> left = new ArrayList<>();
    add(left, depths.pending(), "waits for a worker", "wait for a worker");
    add(left, depths.claimed() + depths.processing(), "is with a worker", "are with workers");
    int delayed = depths.delayed() + depths.delayedFar();
    String first =
        nextDelayEndMs == null
            ? ""
            : ", the first for another " + left(Times.minus(nextDelayEndMs, nowMs));
    add(left, delayed, "is delayed" + first, "are delayed" + first);
    add(left, depths.outbox(), "has to leave through Kafka", "have to leave through Kafka");
    add(
        left,
        depths.parked(),
        "is parked, since Kafka has refused it",
        "are parked, since Kafka has refused them");
    add(
        left,
        depths.finished(),
        "is over, but Kafka has not acknowledged its position",
        "are over, but Kafka has not acknowledged their positions");
    if (left.isEmpty() && depths.unfinished() > 0) {
      left.add("the last failed ones are being dropped");
    }
    read.forEach(topic -> left.add("topic '%s' is being left".formatted(topic)));
    return new DrainSight(order, left.isEmpty(), String.join("; ", left));
  }

  private static void add(List<String> left, int number, String one, String several) {
    if (number > 0) {
      left.add(number + " " + (number == 1 ? one : several));
    }
  }

  private static String left(long ms) {
    return Elapsed.text(Duration.ofMillis(Math.max(0, ms)));
  }
}
